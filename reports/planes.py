"""A response over what it follows, as SVG: measured points, and at each what was permitted.

Every level of a staircase or set-point is a dot; the bar behind it is what the grid code expects at that level
with its tolerance. Dots outside their bars are red.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bench.trial_evidence import Plane, PlanePoint
from reports.drawing import Drawing
from reports.panels import INK, PERMITTED, QUIET_INK, Panel, Range, Text
from reports.plots import LEFT_PT, RIGHT_PT, WIDTH_PT
from reports.svg import svg_text

HEIGHT_PT, FOOT_PT, HEAD_PT = 270.0, 42.0, 22.0
OUTSIDE = "#b3261e"
ROOM = 0.06


def draw_plane(plane: Plane, title: str, name: str) -> Drawing:
    """Draw a plane.

    Args:
        name: unique among the plots of a report.
    """
    figure = Figure((WIDTH_PT / 72, HEIGHT_PT / 72), dpi=72)
    box = (
        LEFT_PT,
        FOOT_PT,
        WIDTH_PT - LEFT_PT - RIGHT_PT,
        HEIGHT_PT - FOOT_PT - HEAD_PT,
    )
    across = [point.level for point in plane.points]
    along = [value for point in plane.points for value in (point.value, *_permitted(plane, point))]
    panel = Panel(figure, box, _span(across), _span(along))
    panel.grid(time_labels=True, value_labels=True)
    for point in plane.points:
        low, high = _permitted(plane, point)
        panel.bar(point.level, low, high, PERMITTED)
    panel.dots([(p.level, p.value) for p in plane.points if _inside(plane, p)], INK)
    panel.dots([(p.level, p.value) for p in plane.points if not _inside(plane, p)], OUTSIDE)
    panel.write(Text(panel.right, 14, plane.across, "right", QUIET_INK))
    middle = panel.bottom + panel.height / 2
    panel.write(Text(11, middle, plane.along, colour=QUIET_INK, rotation=90))
    words = _description(plane)
    return Drawing(svg_text(figure, name, title, words), words)


def _permitted(plane: Plane, point: PlanePoint) -> tuple[float, float]:
    return point.low - plane.tolerance, point.high + plane.tolerance


def _inside(plane: Plane, point: PlanePoint) -> bool:
    low, high = _permitted(plane, point)
    return low <= point.value <= high


def _span(values: list[float]) -> Range:
    """Return a range with some room on both sides; one value alone gets one unit."""
    low, high = float(np.min(values)), float(np.max(values))
    room = ROOM * (high - low) or 1.0
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
