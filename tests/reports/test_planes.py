"""A response over what it follows, drawn."""

from __future__ import annotations

from xml.etree import ElementTree

from bench.trial_evidence import Plane, PlanePoint
from reports.planes import OUTSIDE, draw_plane

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


def test_the_same_plane_gives_the_same_bytes() -> None:
    first, second = (draw_plane(plane(GOOD, WRONG), "Volt-watt", "a-1") for _ in range(2))
    assert first == second
