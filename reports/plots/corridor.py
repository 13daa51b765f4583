"""What is required, drawn on axes: the expected line and the band of what is permitted around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from bench.plots.panels import Required
from reports.plots.panels import LEVEL, Panel

LINE_PT = 1.2
DASHES = (0, (4, 2.2))
BAND = "#cdeadb"


def draw_required(panel: Panel, required: Sequence[Required]) -> None:
    """Draw the band, and the expected values as one line or as the two edges of their interval.

    The line is dashed and on top: what follows it well is seen through it.
    """
    for line in lines(required):
        for run in bands(line):
            panel.add(_band(panel, run))
        edges = {tuple((one.at, one.expected[side]) for one in line) for side in (0, 1)}
        for edge in sorted(edges):
            panel.add(_line(panel, edge))


def lines(required: Sequence[Required]) -> Iterator[list[Required]]:
    """Yield the parts of what is required; one begins where the axis falls back."""
    starts = [k for k in range(1, len(required)) if required[k].at < required[k - 1].at]
    for first, last in pairwise([0, *starts, len(required)]):
        yield list(required[first:last])


def bands(line: Sequence[Required]) -> Iterator[list[Required]]:
    """Yield the runs of neighbours that have a limit on one side at least."""
    for limited, run in groupby(line, lambda one: one.low is not None or one.high is not None):
        if limited:
            yield list(run)


def values_of(required: Sequence[Required]) -> list[float]:
    """Return every value that axes have to hold."""
    edges = (edge for one in required for edge in (*one.expected, one.low, one.high))
    return [edge for edge in edges if edge is not None]


def _band(panel: Panel, run: Sequence[Required]) -> Polygon:
    """Return the band as an area; a side without limit ends with the axes."""
    upper = [(one.at, panel.values.high if one.high is None else one.high) for one in run]
    lower = [(one.at, panel.values.low if one.low is None else one.low) for one in run]
    corners = [_place(panel, *corner) for corner in (*upper, *reversed(lower))]
    area = Polygon(corners, closed=True, facecolor=BAND, edgecolor="none")
    area.set(zorder=0.6, transform=None)
    return area


def _line(panel: Panel, points: Sequence[tuple[float, float]]) -> Line2D:
    places = np.array(points).reshape(-1, 2)
    line = Line2D(panel.x(places[:, 0]), panel.y(places[:, 1]), lw=LINE_PT, color=LEVEL)
    line.set(zorder=3.3, transform=None, linestyle=DASHES)
    return line


def _place(panel: Panel, at: float, value: float) -> tuple[float, float]:
    return float(panel.x(at)), float(panel.y(value))
