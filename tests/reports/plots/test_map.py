"""The map shows every cell with its number, and marks what is beyond the limit."""

from __future__ import annotations

from xml.etree import ElementTree

from bench.evidence.islanding_map import MapCell
from bench.trials.trial_evidence import Level, Plot
from reports.plots.map import OVER, draw_map
from reports.plots.svg import svg_file

PLOT = Plot("Islanding", [], [], [Level("AI2 2.0 s", 2.0, "s")])
CELLS = [
    MapCell(0.0, 0.0, 0.252, False),
    MapCell(5.0, -5.0, 2.237, False),
    MapCell(-5.0, 5.0, 3.4, True),
]


def test_every_cell_is_drawn_with_its_run_on_time() -> None:
    drawing = draw_map(PLOT, CELLS, "m-1")
    root = ElementTree.fromstring(svg_file(drawing.svg))
    texts = ["".join(item.itertext()) for item in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [
        text for text in ("0.252", "2.237", "≥ 3.40", "+5", "−5", "0") if text not in texts
    ] == []


def test_what_is_beyond_the_limit_is_marked_by_more_than_colour() -> None:
    beyond = draw_map(PLOT, CELLS, "m-1").svg.count(OVER)
    within = draw_map(PLOT, CELLS[:1], "m-1").svg.count(OVER)
    assert beyond > within == 0


def test_the_longest_island_is_said_in_words() -> None:
    words = draw_map(PLOT, CELLS, "m-1").description
    assert "3 islands" in words
    assert "≥ 3.40 s at an active power -5 % and a reactive power +5 % off balance" in words
