"""Bars beside limits: what is beyond can be told without colour, and in words."""

from __future__ import annotations

from xml.etree import ElementTree

from bench.trials.trial_evidence import Bar, Plot
from reports.plots.bars import draw_bars
from reports.plots.svg import svg_file


def plot(*values: float, limit: float | None = 2.0) -> Plot:
    bars = [Bar(str(order), value, limit, "%") for order, value in enumerate(values, 2)]
    return Plot("Harmonics", [], [], [], bars=bars)


def test_a_spectrum_is_a_well_formed_file() -> None:
    drawing = draw_bars(plot(*[0.1] * 49), "a-1")
    assert ElementTree.fromstring(svg_file(drawing.svg)).tag.endswith("svg")
    assert len(drawing.svg) < 60_000


def test_bars_beyond_their_limit_are_named_and_hatched() -> None:
    good, bad = draw_bars(plot(1.0, 1.0), "a"), draw_bars(plot(1.0, 3.0), "a")
    assert "None exceeds its limit" in good.description
    assert "Beyond their limits: 3." in bad.description
    assert "pattern" in bad.svg
    assert "pattern" not in good.svg


def test_a_bar_without_a_limit_exceeds_nothing() -> None:
    assert "None exceeds" in draw_bars(plot(9.0, limit=None), "a").description


def test_equal_plots_are_equal_files() -> None:
    assert draw_bars(plot(1.0, 3.0), "a").svg == draw_bars(plot(1.0, 3.0), "a").svg
