"""What is required, drawn on axes: the expected line and the band of what is permitted around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from bench.plot_panels import Required
from reports.panels import LEVEL, PERMITTED, Panel

LINE_PT = 1.2


def draw_required(panel: Panel, required: Sequence[Required]) -> None:
    """Draw the band, and the expected values as one line or as the two edges of their interval."""
    for run in bands(required):
        panel.add(_band(panel, run))
    for side in range(2 if any(len(set(one.expected)) > 1 for one in required) else 1):
        panel.add(_line(panel, [(one.at, one.expected[side]) for one in required]))


def bands(required: Sequence[Required]) -> Iterator[list[Required]]:
    """Yield the runs of neighbours that have a limit on one side at least."""
    run: list[Required] = []
    for one in required:
        if one.low is not None or one.high is not None:
            run.append(one)
        elif run:
            yield run
            run = []
    if run:
        yield run


def values_of(required: Sequence[Required]) -> list[float]:
    """Return every value that axes have to hold."""
    edges = (edge for one in required for edge in (*one.expected, one.low, one.high))
    return [edge for edge in edges if edge is not None]


def _band(panel: Panel, run: Sequence[Required]) -> Polygon:
    """Return the band as an area; a side without limit ends with the axes."""
    upper = [(one.at, panel.values.high if one.high is None else one.high) for one in run]
    lower = [(one.at, panel.values.low if one.low is None else one.low) for one in run]
    corners = [_place(panel, *corner) for corner in (*upper, *reversed(lower))]
    area = Polygon(corners, closed=True, facecolor=PERMITTED, edgecolor="none")
    area.set(zorder=0.6, transform=None)
    return area


def _line(panel: Panel, points: Sequence[tuple[float, float]]) -> Line2D:
    xs, ys = zip(*(_place(panel, *point) for point in points), strict=True)
    line = Line2D(xs, ys, lw=LINE_PT, color=LEVEL)
    line.set(zorder=2.5, transform=None, solid_joinstyle="round")
    return line


def _place(panel: Panel, at: float, value: float) -> tuple[float, float]:
    return float(panel.x(at)), float(panel.y(value))
