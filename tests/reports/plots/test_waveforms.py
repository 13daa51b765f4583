"""Plots are small, deterministic, readable without colour, and safe inside a page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from bench.trials.trial_evidence import Level, Plot
from reports.plots.drawing import Drawing
from reports.plots.series import draw_readings
from reports.plots.svg import svg_file
from reports.plots.waveforms import draw_recording
from tests.reports.sample_run import (
    reconnection_plot,
    reconnection_readings,
    trip_plot,
    trip_recording,
)

SVG = "{http://www.w3.org/2000/svg}"
LARGEST_BYTES = 150_000


@pytest.fixture(scope="module")
def long_view() -> Drawing:
    return draw_recording(trip_plot(), trip_recording(), "a-1")


@pytest.fixture(scope="module")
def short_view() -> Drawing:
    return draw_recording(trip_plot(view_s=(0.2, 0.6)), trip_recording(), "a-2")


def texts(drawing: Drawing) -> list[str]:
    root = ElementTree.fromstring(svg_file(drawing.svg))
    return ["".join(item.itertext()) for item in root.iter(f"{SVG}text")]


def test_a_plot_is_a_well_formed_file_of_its_own(long_view: Drawing) -> None:
    root = ElementTree.fromstring(svg_file(long_view.svg))
    assert root.tag == f"{SVG}svg"


def test_a_plot_says_what_it_shows(long_view: Drawing) -> None:
    root = ElementTree.fromstring(svg_file(long_view.svg))
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "Overvoltage 1 (V>)"
    assert "disconnected 1.5123 s" in str(root.findtext(f"{SVG}desc"))


def test_axes_have_units_and_phases_have_names(long_view: Drawing) -> None:
    found = texts(long_view)
    for word in ("rms voltage in V", "rms current in A", "L1", "L2", "L3", "OV1 265.0 V"):
        assert word in found
    assert "time in s from “event”" in found


def test_what_is_permitted_when_is_written_out(long_view: Drawing) -> None:
    found = texts(long_view)
    for words in ("too early", "permitted from 1 s until 2 s", "too late"):
        assert words in found


def test_a_long_view_shows_the_waveforms_around_event_and_end(long_view: Drawing) -> None:
    found = texts(long_view)
    assert found.count("event") == 2
    assert found.count("ceased 1.5000 s · disconnected 1.5123 s") == 2
    assert "voltage in V" in found
    assert "OV1 265.0 V × √2" in found


def test_a_short_view_shows_waveforms_alone(short_view: Drawing) -> None:
    found = texts(short_view)
    assert "voltage in V" in found
    assert "rms voltage in V" not in found


def test_readings_are_drawn_as_rms() -> None:
    drawing = draw_readings(reconnection_plot(), reconnection_readings(), "a-3")
    found = texts(drawing)
    assert "rms voltage in V" in found
    assert "connected 61.0 s" in found
    assert "window 205.0 V" in found


def test_plots_are_small(long_view: Drawing, short_view: Drawing) -> None:
    long_record = draw_recording(
        trip_plot(view_s=(0.2, 12.0)), trip_recording(duration_s=12.5, end_s=11.0), "a-4"
    )
    for drawing in (long_view, short_view, long_record):
        assert len(drawing.svg.encode()) < LARGEST_BYTES


def test_the_same_plot_gives_the_same_bytes(long_view: Drawing) -> None:
    assert draw_recording(trip_plot(), trip_recording(), "a-1") == long_view


def test_two_plots_of_a_page_share_no_id(long_view: Drawing) -> None:
    other = draw_recording(trip_plot(), trip_recording(), "b-1")
    first, second = (set(re.findall(r'id="([^"]+)"', item.svg)) for item in (long_view, other))
    assert first
    assert first.isdisjoint(second)


def test_every_reference_inside_a_plot_has_its_target(long_view: Drawing) -> None:
    ids = re.findall(r'id="([^"]+)"', long_view.svg)
    references = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', long_view.svg)
    assert references
    assert {name for pair in references for name in pair if name} <= set(ids)
    assert len(ids) == len(set(ids))


def test_names_from_files_cannot_become_markup() -> None:
    hostile = "<script>alert(1)</script>"
    plot = trip_plot(hostile)
    plot = Plot(hostile, plot.marks, plot.limit_times, plot.levels, plot.view_s)
    drawing = draw_recording(plot, trip_recording(), hostile)
    assert "<script" not in drawing.svg
    ElementTree.fromstring(svg_file(drawing.svg))


def test_dollar_signs_are_not_mathematics() -> None:
    drawing = draw_recording(trip_plot("cost $5 and $"), trip_recording(), "a-5")
    assert "cost $5 and $" in texts(drawing)


def test_letters_of_any_script_stay_text() -> None:
    drawing = draw_recording(trip_plot("過電圧 265 V"), trip_recording(), "a-8")
    assert "過電圧 265 V × √2" in texts(drawing)


def test_a_level_of_another_unit_is_told_in_words() -> None:
    plot = trip_plot()
    plot = Plot(plot.title, plot.marks, plot.limit_times, [Level("OF1 52 Hz", 52.0, "Hz")])
    drawing = draw_recording(plot, trip_recording(), "a-6")
    assert "OF1 52 Hz" in drawing.description


def test_a_file_without_marks_is_drawn_from_its_start() -> None:
    drawing = draw_recording(Plot("t", [], [], []), trip_recording(duration_s=0.5), "a-7")
    assert "time in s from “start of the file”" in texts(drawing)
