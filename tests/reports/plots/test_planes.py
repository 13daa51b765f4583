"""A response over what it follows, drawn."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from bench.plots.panels import Required
from bench.trials.trial_evidence import Corner, Plane, PlanePoint
from reports.plots.planes import OUTSIDE, draw_plane

GOOD = PlanePoint(253.0, 99.0, 96.0, 100.0)
WRONG = PlanePoint(259.0, 45.0, 31.4, 31.4)


def plane(*points: PlanePoint) -> Plane:
    return Plane("voltage in V", "active power in %", 4.0, points)


def test_it_is_well_formed_and_says_in_words_what_it_shows() -> None:
    drawing = draw_plane(plane(GOOD, WRONG), "Volt-watt", "a-1")
    ElementTree.fromstring(drawing.svg.replace("xlink:href", "href"))
    assert "99.00 at 253 (expected 96.00 to 100.00)" in drawing.description
    assert "45.00 at 259 (expected 31.40)" in drawing.description


def test_only_what_lies_outside_its_tolerance_is_red() -> None:
    assert OUTSIDE in draw_plane(plane(GOOD, WRONG), "Volt-watt", "a-1").svg
    assert OUTSIDE not in draw_plane(plane(GOOD), "Volt-watt", "a-1").svg


def test_a_curve_brings_its_set_points_and_says_which_side_has_a_limit() -> None:
    ceiling = [
        Required(at, (value, value), None, value + 4) for at, value in ((250, 100), (260, 20))
    ]
    corners = [Corner("VW1", 253.0), Corner("VW2", 260.0)]
    drawn = replace(plane(GOOD), curve=ceiling, corners=corners)
    svg = draw_plane(drawn, "Volt-watt", "a-1").svg
    for words in ("VW1 253", "VW2 260", "required curve", "at most 4 % above"):
        assert f">{words}<" in svg


def test_a_plane_without_one_curve_draws_none() -> None:
    assert "required curve" not in draw_plane(plane(GOOD), "Set-points", "a-1").svg


def test_the_same_plane_gives_the_same_bytes() -> None:
    first, second = (draw_plane(plane(GOOD, WRONG), "Volt-watt", "a-1") for _ in range(2))
    assert first == second
