"""What is drawn on a sheet stands where it was said, in the order of its layers."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from reports.plots.sheet import DASHED, Layer, Shape, Sheet, Stroke, Text
from reports.plots.svg import svg_file

SVG = "{http://www.w3.org/2000/svg}"
BLACK = Stroke("black")


def drawn(sheet: Sheet) -> ElementTree.Element:
    return ElementTree.fromstring(svg_file(sheet.svg("title", "description")))


def points(item: ElementTree.Element) -> list[tuple[float, float]]:
    values = [float(value) for value in str(item.get("points")).split()]
    return list(zip(values[::2], values[1::2], strict=True))


def test_heights_count_from_below() -> None:
    sheet = Sheet(100.0, 50.0, "a")
    sheet.line(Layer.TRACE, np.array([1.0, 2.0]), np.array([0.0, 10.04]), BLACK)
    [line] = drawn(sheet).iter(f"{SVG}polyline")
    assert points(line) == [(1.0, 50.0), (2.0, 40.0)]


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    sheet = Sheet(100.0, 50.0, "a")
    heights = np.array([1.0, 2.0, np.nan, 3.0, 4.0, np.nan, 5.0])
    sheet.line(Layer.TRACE, np.arange(7.0), heights, BLACK)
    assert [len(points(line)) for line in drawn(sheet).iter(f"{SVG}polyline")] == [2, 2]


def test_a_higher_layer_covers_what_was_drawn_after_it() -> None:
    sheet = Sheet(100.0, 50.0, "a")
    sheet.rectangle(Layer.FRAME, (0.0, 0.0, 9.0, 9.0))
    sheet.write(Text(5.0, 5.0, "word"))
    sheet.area(Layer.BAND, np.array([(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)]), "green")
    tags = [item.tag.removeprefix(SVG) for item in drawn(sheet)]
    assert tags[-3:] == ["polygon", "rect", "text"]


def test_one_box_cuts_off_with_one_clip_path() -> None:
    sheet = Sheet(100.0, 50.0, "a")
    box = (10.0, 10.0, 20.0, 30.0)
    for _ in range(2):
        sheet.line(Layer.TRACE, np.arange(2.0), np.arange(2.0), BLACK, box)
    root = drawn(sheet)
    [clip] = root.iter(f"{SVG}clipPath")
    assert {line.get("clip-path") for line in root.iter(f"{SVG}polyline")} == {
        f"url(#{clip.get('id')})"
    }
    assert clip[0].attrib == {"x": "10", "y": "10", "width": "20", "height": "30"}


@pytest.mark.parametrize("shape", ["diamond", "cross"])
def test_a_sign_lies_around_its_place(shape: Shape) -> None:
    sheet = Sheet(100.0, 50.0, "a")
    sheet.signs(Layer.TICK, np.array([(20.0, 30.0)]), shape, 8.0, "red")
    [sign] = drawn(sheet).iter(f"{SVG}polygon")
    assert np.allclose(np.mean(points(sign), axis=0), (20.0, 20.0))


def test_dashes_grow_with_the_width_of_their_line() -> None:
    sheet = Sheet(100.0, 50.0, "a")
    sheet.lines(Layer.LEVEL, [(0.0, 0.0, 9.0, 0.0)], Stroke("red", 2.0, DASHED))
    [line] = drawn(sheet).iter(f"{SVG}path")
    assert line.get("stroke-dasharray") == "7.4 3.2"


def test_words_from_files_stay_words() -> None:
    sheet = Sheet(100.0, 50.0, "a")
    sheet.write(Text(5.0, 5.0, '<b> & "c"', colour='red" onload="x'))
    [text] = drawn(sheet).iter(f"{SVG}text")
    assert (text.text, text.get("fill")) == ('<b> & "c"', 'red" onload="x')
