"""What is required, drawn on axes: the expected line and the band of what is permitted around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import numpy as np

from bench.plots.panels import Required
from instruments.interfaces import Samples
from reports.plots.panels import LEVEL, Panel
from reports.plots.sheet import Layer, Stroke

STROKE = Stroke(LEVEL, 1.2, (4.0, 2.2))
BAND = "#cdeadb"


def draw_required(panel: Panel, required: Sequence[Required]) -> None:
    """Draw the band, and the expected values as one line or as the two edges of their interval.

    The line is dashed and on top: what follows it well is seen through it.
    """
    for line in lines(required):
        for run in bands(line):
            _draw_band(panel, run)
        edges = {tuple((one.at, one.expected[side]) for one in line) for side in (0, 1)}
        for edge in sorted(edges):
            xs, ys = _places(panel, edge).T
            panel.sheet.line(Layer.REQUIRED, xs, ys, STROKE, panel.box)


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


def _draw_band(panel: Panel, run: Sequence[Required]) -> None:
    """Draw the band as an area; a side without limit ends with the axes."""
    upper = [(one.at, panel.values.high if one.high is None else one.high) for one in run]
    lower = [(one.at, panel.values.low if one.low is None else one.low) for one in run]
    corners = _places(panel, [*upper, *reversed(lower)])
    panel.sheet.area(Layer.BAND, corners, BAND, panel.box)


def _places(panel: Panel, points: Sequence[tuple[float, float]]) -> Samples:
    ats, values = np.array(points).reshape(-1, 2).T
    return np.column_stack((panel.x(ats), panel.y(values)))
