"""A response over what it follows, as SVG: the required curve with its tolerance, and the measured points.

Every level of a staircase or set-point is a dot; the bar behind it is what the grid code expects at that level
with its tolerance, which is not always the curve: a response may be latched, or the power not available. Dots
outside their bars are red.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bench.trials.trial_evidence import Plane, PlanePoint
from reports.plots.annotations import Label, spread
from reports.plots.corridor import BAND, draw_required, values_of
from reports.plots.drawing import Drawing
from reports.plots.legend import Key, draw_legend
from reports.plots.panels import CHARACTER_PT, INK, LEVEL, QUIET_INK, Panel, Range, Text
from reports.plots.svg import svg_text

WIDTH_PT, HEIGHT_PT = 760.0, 330.0
LEFT_PT, RIGHT_PT = 52.0, 78.0
FOOT_PT, HEAD_PT = 42.0, 44.0
LEGEND_PT, CORNER_PT = 9.0, 8.0
OUTSIDE = "#b3261e"
EXPECTED = "#9fd0b6"
ROOM = 0.06


def draw_plane(plane: Plane, title: str, name: str) -> Drawing:
    """Draw a plane.

    Args:
        name: unique among the plots of a report.
    """
    figure = Figure((WIDTH_PT / 72, HEIGHT_PT / 72), dpi=72)
    panel = _axes(figure, plane)
    if plane.curve:
        draw_required(panel, plane.curve)
    _corners(panel, plane)
    _points(panel, plane)
    draw_legend(figure, _keys(plane), LEFT_PT, HEIGHT_PT - LEGEND_PT)
    words = _description(plane)
    return Drawing(svg_text(figure, name, title, words), words)


def _axes(figure: Figure, plane: Plane) -> Panel:
    box = (LEFT_PT, FOOT_PT, WIDTH_PT - LEFT_PT - RIGHT_PT, HEIGHT_PT - FOOT_PT - HEAD_PT)
    across = [*(one.at for one in plane.curve), *(point.level for point in plane.points)]
    along = [value for point in plane.points for value in (point.value, *_permitted(plane, point))]
    along += [0.0]
    room = 0.0 if plane.corners else ROOM
    panel = Panel(figure, box, _span(across, room), _span([*along, *values_of(plane.curve)], ROOM))
    panel.grid(time_labels=True, value_labels=True)
    panel.write(Text(panel.right, 14, plane.across, "right", QUIET_INK))
    middle = panel.bottom + panel.height / 2
    panel.write(Text(11, middle, plane.along, colour=QUIET_INK, rotation=90))
    return panel


def _corners(panel: Panel, plane: Plane) -> None:
    panel.instants([corner.at for corner in plane.corners], dashed=True)
    texts = [(float(panel.x(one.at)), f"{one.label} {one.at:g}") for one in plane.corners]
    labels = [Label(x, (len(text) + 2) * CHARACTER_PT, text) for x, text in texts]
    for label in spread(labels, panel.left, panel.right):
        panel.write(Text(label.x, panel.top + CORNER_PT, label.text, colour=QUIET_INK))


def _points(panel: Panel, plane: Plane) -> None:
    for point in plane.points:
        panel.bar(point.level, *_permitted(plane, point), EXPECTED)
    panel.dots([(p.level, p.value) for p in plane.points if _inside(plane, p)], INK)
    panel.dots([(p.level, p.value) for p in plane.points if not _inside(plane, p)], OUTSIDE)


def _keys(plane: Plane) -> list[Key]:
    keys = [Key("required curve", LEVEL, "dashes"), Key(_band(plane), BAND, "band")]
    points = [
        Key("permitted at the measured level", EXPECTED, "band"),
        Key("measured", INK, "o"),
    ]
    if not all(_inside(plane, point) for point in plane.points):
        points.append(Key("measured, not permitted", OUTSIDE, "o"))
    return [*(keys if plane.curve else []), *points]


def _band(plane: Plane) -> str:
    """Return what the area around the curve is."""
    tolerance = f"{plane.tolerance:g} %"
    if all(one.low is None for one in plane.curve):
        return f"at most {tolerance} above"
    if all(one.high is None for one in plane.curve):
        return f"at most {tolerance} below"
    return f"± {tolerance}"


def _permitted(plane: Plane, point: PlanePoint) -> tuple[float, float]:
    return point.low - plane.tolerance, point.high + plane.tolerance


def _inside(plane: Plane, point: PlanePoint) -> bool:
    low, high = _permitted(plane, point)
    return low <= point.value <= high


def _span(values: list[float], share: float) -> Range:
    """Return a range with some room on both sides; one value alone gets one unit."""
    low, high = float(np.min(values)), float(np.max(values))
    room = share * (high - low) or (0.0 if high > low else 1.0)
    return Range(low - room, high + room)


def _description(plane: Plane) -> str:
    texts = [
        f"{point.value:.2f} at {point.level:g} (expected {_interval(point)})"
        for point in plane.points
    ]
    return (
        f"{plane.along} over {plane.across}, tolerance ± {plane.tolerance:g}: {'; '.join(texts)}."
    )


def _interval(point: PlanePoint) -> str:
    if point.high - point.low < 0.005:
        return f"{point.low:.2f}"
    return f"{point.low:.2f} to {point.high:.2f}"
