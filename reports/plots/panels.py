"""Drawing on one pair of axes: grid, traces, levels, marks, permitted span.

Everything is drawn in points (1/72 inch), coordinates are rounded to a tenth of a point.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from instruments.interfaces import Samples
from reports.plots.scale import Range, tick_texts, ticks
from reports.plots.sheet import DASHED, INK, Box, Layer, Sheet, Stroke, Text
from reports.plots.traces import PEAK_LABEL, Trace

PHASE_COLOURS = {"L1": "#0072b2", "L2": "#d55e00", "L3": "#009e73", PEAK_LABEL: "#9aa0a6"}
QUIET_INK = "#5f6670"
GRID = "#e3e6ea"
FRAME = "#9aa0a6"
LEVEL = "#7b2d8b"
PERMITTED = "#dcefe6"
NOT_PERMITTED = "#f6e3dc"
TICK_SIZE = 8.0
CHARACTER_PT = 4.9
BAR_PT = 9.0
INSTANT_PT = 0.9
DOT_PT = 5.5
TIME_INTERVALS, VALUE_INTERVALS = 7, 4


class Panel:
    """One pair of axes.

    Args:
        sheet: on which it is drawn.
        box: left, bottom, width and height in points.
        times_s, values: what the axes span.
    """

    def __init__(self, sheet: Sheet, box: Box, times_s: Range, values: Range) -> None:
        self.left, self.bottom, self.width, self.height = self.box = box
        self.times_s, self.values = times_s, values
        self.sheet = sheet
        sheet.rectangle(Layer.FRAME, box, edge=Stroke(FRAME))

    @property
    def right(self) -> float:
        """Right edge in points."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """Upper edge in points."""
        return self.bottom + self.height

    def x(self, times_s: Samples | float) -> Samples:
        """Return where times stand, in points."""
        return _placed(times_s, self.times_s, self.left, self.width)

    def y(self, values: Samples | float) -> Samples:
        """Return where values stand, in points."""
        return _placed(values, self.values, self.bottom, self.height)

    def inside(self, time_s: float) -> bool:
        """Whether a time lies on the axes."""
        return self.times_s.low <= time_s <= self.times_s.high

    def grid(self, *, time_labels: bool, value_labels: bool) -> None:
        """Draw grid lines and label them."""
        times, values = ticks(self.times_s, TIME_INTERVALS), ticks(self.values, VALUE_INTERVALS)
        xs, ys = self.x(np.array(times)), self.y(np.array(values))
        segments = [(x, self.bottom, x, self.top) for x in xs]
        segments += [(self.left, y, self.right, y) for y in ys]
        self.sheet.lines(Layer.GRID, segments, Stroke(GRID))
        if time_labels:
            for x, text in zip(xs, tick_texts(times), strict=True):
                self.write(Text(x, self.bottom - 9, text, colour=QUIET_INK, size=TICK_SIZE))
        if value_labels:
            for y, text in zip(ys, tick_texts(values), strict=True):
                self.write(Text(self.left - 5, y, text, "right", QUIET_INK, TICK_SIZE))

    def traces(self, traces: Sequence[Trace], width: float = 1.0) -> None:
        """Draw traces in the colours of their phases."""
        for trace in traces:
            colour = PHASE_COLOURS.get(trace.label, INK)
            points = without_repeats(self.x(trace.times_s), self.y(trace.values))
            self.sheet.line(Layer.TRACE, *points, Stroke(colour, width), self.box)

    def levels(self, values: Sequence[float]) -> None:
        """Draw horizontal lines."""
        ys = [float(self.y(value)) for value in values]
        segments = [(self.left, y, self.right, y) for y in ys]
        self.sheet.lines(Layer.LEVEL, segments, Stroke(LEVEL, dashes=DASHED))

    def name_level(self, value: float, label: str) -> None:
        """Write what a level is, to the right of the axes."""
        self.name_at(float(self.y(value)), label)

    def name_at(self, height_pt: float, label: str) -> None:
        """Write what a level is, to the right of the axes at a height of the figure."""
        self.write(Text(self.right + 5, height_pt, label, "left", LEVEL, TICK_SIZE))

    def instants(self, times_s: Sequence[float], *, dashed: bool) -> None:
        """Draw vertical lines."""
        xs = [float(self.x(time_s)) for time_s in times_s if self.inside(time_s)]
        stroke = Stroke(QUIET_INK, INSTANT_PT, DASHED) if dashed else Stroke(INK, INSTANT_PT)
        self.sheet.lines(Layer.INSTANT, [(x, self.bottom, x, self.top) for x in xs], stroke)

    def shade(self, from_s: float, to_s: float, colour: str) -> None:
        """Fill a span of time behind the traces."""
        low, high = self._pieces(from_s, to_s)
        if high > low:
            self.sheet.rectangle(Layer.SHADE, (low, self.bottom, high - low, self.height), colour)

    def strip(
        self, from_s: float, to_s: float, height: float, colour: str, words: Sequence[str]
    ) -> None:
        """Draw a labelled bar on top of the axes; the first of the words that fits is written."""
        low, high = self._pieces(from_s, to_s)
        if high <= low:
            return
        box = (low, self.top, high - low, height)
        self.sheet.rectangle(Layer.GRID, box, colour, Stroke(FRAME))
        fitting = [word for word in words if len(word) * CHARACTER_PT < high - low]
        if fitting:
            middle = Text((low + high) / 2, self.top + height / 2, fitting[0], size=TICK_SIZE)
            self.write(middle)

    def bar(self, at: float, low: float, high: float, colour: str) -> None:
        """Draw a thick vertical bar."""
        x, ys = float(self.x(at)), self.y(np.array([low, high]))
        self.sheet.lines(Layer.BAR, [(x, ys[0], x, ys[1])], Stroke(colour, BAR_PT))

    def dots(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """Draw points."""
        if points:
            across, along = np.array(points).T
            places = np.column_stack((self.x(across), self.y(along)))
            self.sheet.signs(Layer.DOT, places, "circle", DOT_PT, colour, clip=self.box)

    def write(self, text: Text) -> None:
        """Write a text."""
        self.sheet.write(text)

    def _pieces(self, from_s: float, to_s: float) -> tuple[float, float]:
        clipped = np.clip([from_s, to_s], self.times_s.low, self.times_s.high)
        low, high = self.x(clipped)
        return float(low), float(high)


def without_repeats(xs: Samples, ys: Samples) -> tuple[Samples, Samples]:
    """Return the same line without the points inside its level stretches."""
    level = np.zeros(len(ys), dtype=np.bool_)
    level[1:-1] = (ys[1:-1] == ys[:-2]) & (ys[1:-1] == ys[2:])
    return xs[~level], ys[~level]


def _placed(values: Samples | float, span: Range, start: float, length: float) -> Samples:
    share = (np.asarray(values, dtype=np.float64) - span.low) / span.length
    return np.asarray(np.round(start + share * length, 1))
