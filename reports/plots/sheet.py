"""What a plot is drawn on: lines, areas, signs and words at places in points, written as SVG.

Points are 1/72 inch, counted from the lower left corner. Nothing is measured and nothing is laid out here: a
plot says where everything stands, so a drawing costs no more than writing it down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from html import escape
from math import sqrt
from typing import Literal

import numpy as np

from instruments.interfaces import Samples
from reports.plots.svg import Attributes, element, id_of, number, numbers, picture

INK = "#202428"
TEXT_SIZE = 8.5
BASELINE = 0.3
"""How far below the middle of a line its letters stand, as a share of their size."""

Shape = Literal["circle", "diamond", "cross"]
SIGN_CORNERS: dict[str, Samples] = {
    "diamond": np.array([(0, 1), (1, 0), (0, -1), (-1, 0)]) / sqrt(2),
    "cross": np.column_stack(
        [(0, 1, 2, 1, 2, 1, 0, -1, -2, -1, -2, -1), (1, 2, 1, 0, -1, -2, -1, -2, -1, 0, 1, 2)]
    )
    / 4,
}
"""Corners of signs of size 1 around their middle."""

ANCHORS = {"left": "start", "center": "middle", "right": "end"}
DASHED = (3.7, 1.6)
HATCH = '<path d="M0 0V4" stroke="#202428" stroke-width="1.6"/>'
HATCH_ATTRIBUTES: Attributes = {
    "width": 4.0,
    "height": 4.0,
    "patternUnits": "userSpaceOnUse",
    "patternTransform": "rotate(45)",
}

Box = tuple[float, float, float, float]
"""Left, bottom, width and height in points."""

Segment = tuple[float, float, float, float]
"""From x, y to x, y, in points."""


class Layer(IntEnum):
    """What lies upon what."""

    SHADE = 0
    BAND = 1
    GRID = 2
    BAR = 3
    TRACE = 4
    REQUIRED = 5
    LEVEL = 6
    INSTANT = 7
    DOT = 8
    TICK = 9
    FRAME = 10
    TEXT = 11


@dataclass(frozen=True)
class Stroke:
    """How a line looks.

    Attributes:
        width: in points.
        dashes: length of a dash and of a gap, as multiples of the width; None for a solid line.
    """

    colour: str
    width: float = 0.6
    dashes: tuple[float, float] | None = None

    @property
    def attributes(self) -> Attributes:
        """The stroke as attributes of an element."""
        look: Attributes = {"stroke": self.colour, "stroke-width": self.width}
        if self.dashes is None:
            return look
        dashes = " ".join(number(part * self.width) for part in self.dashes)
        return {**look, "stroke-dasharray": dashes}


@dataclass(frozen=True)
class Text:
    """A word and where it stands, in points from the lower left corner.

    Attributes:
        rotation: 0, or 90 for upwards.
    """

    x: float
    y: float
    text: str
    anchor: str = "center"
    colour: str = INK
    size: float = TEXT_SIZE
    rotation: float = 0.0


class Sheet:
    """A plot that is being drawn.

    Args:
        name: unique among the plots of a page.
    """

    def __init__(self, width: float, height: float, name: str) -> None:
        self.width, self.height = width, height
        self._name = name
        self._clips: dict[Box, str] = {}
        self._definitions: dict[str, str] = {}
        self._drawn: list[tuple[Layer, str]] = []

    def lines(self, layer: Layer, segments: Sequence[Segment], stroke: Stroke) -> None:
        """Draw straight lines."""
        path = "".join(
            f"M{number(x)} {number(self.height - y)}L{number(to_x)} {number(self.height - to_y)}"
            for x, y, to_x, to_y in segments
        )
        if path:
            self._put(layer, "path", {"d": path, "fill": "none", **stroke.attributes})

    def line(
        self, layer: Layer, xs: Samples, ys: Samples, stroke: Stroke, clip: Box | None = None
    ) -> None:
        """Draw one line through places; it is broken where a place is not a number."""
        places = self._places(np.column_stack((xs, ys)))
        gaps = np.flatnonzero(~np.isfinite(places).all(axis=1))
        for part in np.split(places, gaps):
            run = part[np.isfinite(part).all(axis=1)]
            if len(run) > 1:
                look = {**stroke.attributes, **self._clipped(clip)}
                self._put(layer, "polyline", {"points": numbers(run), "fill": "none", **look})

    def area(self, layer: Layer, corners: Samples, colour: str, clip: Box | None = None) -> None:
        """Fill an area."""
        points = numbers(self._places(corners))
        self._put(layer, "polygon", {"points": points, "fill": colour, **self._clipped(clip)})

    def rectangle(
        self, layer: Layer, box: Box, fill: str = "none", edge: Stroke | None = None
    ) -> None:
        """Draw a rectangle."""
        look = edge.attributes if edge else {}
        self._put(layer, "rect", {**self._rectangle(box), "fill": fill, **look})

    def hatch(self, layer: Layer, box: Box) -> None:
        """Draw slanted lines over a rectangle."""
        key = f"{id_of(self._name)}-hatch"
        self._definitions[key] = element("pattern", {"id": key, **HATCH_ATTRIBUTES}, HATCH)
        self.rectangle(layer, box, f"url(#{key})")

    def signs(
        self,
        layer: Layer,
        places: Samples,
        shape: Shape,
        size: float,
        fill: str,
        edge: Stroke | None = None,
        clip: Box | None = None,
    ) -> None:
        """Draw the same sign at some places.

        Args:
            places: shape (signs, 2).
            size: width in points.
        """
        look = {"fill": fill, **(edge.attributes if edge else {}), **self._clipped(clip)}
        for x, y in self._places(places):
            self._put(layer, *_sign(float(x), float(y), shape, size, look))

    def write(self, text: Text) -> None:
        """Write a text, its lines' middle at the height that it names."""
        x, y = text.x, self.height - text.y
        look: dict[str, str | float] = {"x": x, "y": y + BASELINE * text.size}
        look |= {"fill": text.colour, "font-size": text.size, "text-anchor": ANCHORS[text.anchor]}
        if text.rotation:
            look["transform"] = f"rotate({number(-text.rotation)} {number(x)} {number(y)})"
        self._put(Layer.TEXT, "text", look, escape(text.text))

    def svg(self, title: str, description: str) -> str:
        """Return what was drawn as an `<svg>` element."""
        ordered = sorted(self._drawn, key=lambda drawn: drawn[0])
        definitions = element("defs", {}, "".join(self._definitions.values()))
        body = [definitions, *(text for _, text in ordered)]
        return picture(self._name, (self.width, self.height), title, description, body)

    def _put(self, layer: Layer, tag: str, attributes: Attributes, body: str | None = None) -> None:
        self._drawn.append((layer, element(tag, attributes, body)))

    def _rectangle(self, box: Box) -> Attributes:
        left, bottom, width, height = box
        return {"x": left, "y": self.height - bottom - height, "width": width, "height": height}

    def _places(self, places: Samples) -> Samples:
        """Return places counted from the upper left corner, as SVG does."""
        turned: Samples = np.array([0.0, self.height]) + np.asarray(places) * (1.0, -1.0)
        return turned

    def _clipped(self, box: Box | None) -> Attributes:
        """Return the attribute that cuts off at the edges of a box."""
        if box is None:
            return {}
        if box not in self._clips:
            key = f"{id_of(self._name)}-clip-{len(self._clips) + 1}"
            inside = element("rect", self._rectangle(box))
            self._definitions[key] = element("clipPath", {"id": key}, inside)
            self._clips[box] = key
        return {"clip-path": f"url(#{self._clips[box]})"}


def _sign(
    x: float, y: float, shape: Shape, size: float, look: Attributes
) -> tuple[str, Attributes]:
    if shape == "circle":
        return "circle", {"cx": x, "cy": y, "r": size / 2, **look}
    corners = np.array([x, y]) + size * SIGN_CORNERS[shape]
    return "polygon", {"points": numbers(corners), **look}
