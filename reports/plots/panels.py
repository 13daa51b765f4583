"""Drawing on one pair of axes: grid, traces, levels, marks, permitted span.

Everything is drawn in points (1/72 inch) with few artists: ticks are one line collection, coordinates are
rounded to a tenth of a point. That is what makes twenty plots a matter of a second and 100 kB each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from instruments.interfaces import Samples
from reports.plots.traces import PEAK_LABEL, Trace

PHASE_COLOURS = {"L1": "#0072b2", "L2": "#d55e00", "L3": "#009e73", PEAK_LABEL: "#9aa0a6"}
INK = "#202428"
QUIET_INK = "#5f6670"
GRID = "#e3e6ea"
FRAME = "#9aa0a6"
LEVEL = "#7b2d8b"
PERMITTED = "#dcefe6"
NOT_PERMITTED = "#f6e3dc"
TICK_SIZE = 8.0
TEXT_SIZE = 8.5
CHARACTER_PT = 4.9
MARGIN = 0.07
BAR_PT = 9.0
TIME_TICKS = MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10])
VALUE_TICKS = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10])


@dataclass(frozen=True)
class Range:
    """From and to of one axis, in its own unit."""

    low: float
    high: float

    @classmethod
    def around(cls, values: Sequence[float], smallest_span: float) -> Range:
        """Return a range that holds all values with some room, and spans no less than given."""
        low, high = min(values, default=0.0), max(values, default=0.0)
        span = max(high - low, smallest_span)
        room = MARGIN * span + (span - (high - low)) / 2
        lowest = -MARGIN * span if low >= 0 else low - room
        return cls(max(low - room, lowest), high + room)


@dataclass(frozen=True)
class Text:
    """A word and where it stands, in points from the lower left corner."""

    x: float
    y: float
    text: str
    anchor: str = "center"
    colour: str = INK
    size: float = TEXT_SIZE
    rotation: float = 0.0


class Panel:
    """One pair of axes.

    Args:
        figure: where it is drawn, at 72 dots per inch.
        box: left, bottom, width and height in points.
        times_s, values: what the axes span.
    """

    def __init__(
        self,
        figure: Figure,
        box: tuple[float, float, float, float],
        times_s: Range,
        values: Range,
    ) -> None:
        self.left, self.bottom, self.width, self.height = box
        self.times_s, self.values = times_s, values
        self._figure = figure
        self._frame = self._rectangle(self.left, self.width, "none", FRAME)
        self._frame.set_zorder(4)

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
        times, values = _ticks(TIME_TICKS, self.times_s), _ticks(VALUE_TICKS, self.values)
        xs, ys = self.x(np.array(times)), self.y(np.array(values))
        segments = [((x, self.bottom), (x, self.top)) for x in xs]
        segments += [((self.left, y), (self.right, y)) for y in ys]
        self._lines(segments, GRID, zorder=1)
        if time_labels:
            for x, text in zip(xs, _numbers(times), strict=True):
                self.write(Text(x, self.bottom - 9, text, colour=QUIET_INK, size=TICK_SIZE))
        if value_labels:
            for y, text in zip(ys, _numbers(values), strict=True):
                self.write(Text(self.left - 5, y, text, "right", QUIET_INK, TICK_SIZE))

    def traces(self, traces: Sequence[Trace], width: float = 1.0) -> None:
        """Draw traces in the colours of their phases."""
        for trace in traces:
            colour = PHASE_COLOURS.get(trace.label, INK)
            points = without_repeats(self.x(trace.times_s), self.y(trace.values))
            line = Line2D(*points, lw=width, color=colour)
            line.set(zorder=3, transform=None, solid_joinstyle="round")
            self.add(line)

    def levels(self, values: Sequence[float]) -> None:
        """Draw horizontal lines."""
        ys = [float(self.y(value)) for value in values]
        self._lines([((self.left, y), (self.right, y)) for y in ys], LEVEL, "dashed", zorder=3.5)

    def name_level(self, value: float, label: str) -> None:
        """Write what a level is, to the right of the axes."""
        self.name_at(float(self.y(value)), label)

    def name_at(self, height_pt: float, label: str) -> None:
        """Write what a level is, to the right of the axes at a height of the figure."""
        self.write(Text(self.right + 5, height_pt, label, "left", LEVEL, TICK_SIZE))

    def instants(self, times_s: Sequence[float], *, dashed: bool) -> None:
        """Draw vertical lines."""
        xs = [float(self.x(time_s)) for time_s in times_s if self.inside(time_s)]
        segments = [((x, self.bottom), (x, self.top)) for x in xs]
        style, colour = ("dashed", QUIET_INK) if dashed else ("solid", INK)
        self._lines(segments, colour, style, zorder=3.6, width=0.9)

    def shade(self, from_s: float, to_s: float, colour: str) -> None:
        """Fill a span of time behind the traces."""
        low, high = self._pieces(from_s, to_s)
        if high > low:
            self._rectangle(low, high - low, colour, "none").set_zorder(0.5)

    def strip(
        self, from_s: float, to_s: float, height: float, colour: str, words: Sequence[str]
    ) -> None:
        """Draw a labelled bar on top of the axes; the first of the words that fits is written."""
        low, high = self._pieces(from_s, to_s)
        if high <= low:
            return
        bar = self._rectangle(low, high - low, colour, FRAME)
        bar.set(y=self.top, height=height)
        fitting = [word for word in words if len(word) * CHARACTER_PT < high - low]
        if fitting:
            middle = Text((low + high) / 2, self.top + height / 2, fitting[0], size=TICK_SIZE)
            self.write(middle)

    def bar(self, at: float, low: float, high: float, colour: str) -> None:
        """Draw a thick vertical bar."""
        x, ys = float(self.x(at)), self.y(np.array([low, high]))
        self._lines([((x, ys[0]), (x, ys[1]))], colour, zorder=2, width=BAR_PT)

    def dots(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """Draw points."""
        if points:
            across, along = np.array(points).T
            dots = Line2D(self.x(across), self.y(along), marker="o", markersize=4.5, linestyle="")
            dots.set(color=colour, zorder=3.8, transform=None)
            self.add(dots)

    def add(self, artist: Artist) -> None:
        """Draw something in points, cut off at the edges of the axes."""
        self._figure.add_artist(artist)
        artist.set_clip_path(self._frame)

    def write(self, text: Text) -> None:
        """Write a text."""
        write(self._figure, text)

    def _pieces(self, from_s: float, to_s: float) -> tuple[float, float]:
        clipped = np.clip([from_s, to_s], self.times_s.low, self.times_s.high)
        low, high = self.x(clipped)
        return float(low), float(high)

    def _rectangle(self, left: float, width: float, fill: str, edge: str) -> Rectangle:
        rectangle = Rectangle(
            (left, self.bottom), width, self.height, facecolor=fill, edgecolor=edge, linewidth=0.6
        )
        rectangle.set_transform(None)
        self._figure.add_artist(rectangle)
        return rectangle

    def _lines(
        self,
        segments: Sequence[tuple[tuple[float, float], tuple[float, float]]],
        colour: str,
        style: str = "solid",
        *,
        zorder: float,
        width: float = 0.6,
    ) -> None:
        if segments:
            lines = LineCollection(segments, colors=colour, linewidths=width, linestyles=style)
            lines.set(zorder=zorder, transform=None)
            self._figure.add_artist(lines)


def without_repeats(xs: Samples, ys: Samples) -> tuple[Samples, Samples]:
    """Return the same line without the points inside its level stretches."""
    level = np.zeros(len(ys), dtype=np.bool_)
    level[1:-1] = (ys[1:-1] == ys[:-2]) & (ys[1:-1] == ys[2:])
    return xs[~level], ys[~level]


def write(figure: Figure, text: Text) -> None:
    """Write a text on a figure."""
    width, height = 72 * figure.get_size_inches()
    figure.text(
        text.x / width,
        text.y / height,
        text.text,
        ha=text.anchor,
        va="center",
        color=text.colour,
        fontsize=text.size,
        rotation=text.rotation,
        parse_math=False,
    )


def _placed(values: Samples | float, span: Range, start: float, length: float) -> Samples:
    share = (np.asarray(values, dtype=np.float64) - span.low) / (span.high - span.low)
    return np.asarray(np.round(start + share * length, 1))


def _ticks(locator: MaxNLocator, span: Range) -> list[float]:
    values = locator.tick_values(span.low, span.high)
    return [float(value) for value in values if span.low <= value <= span.high]


def _numbers(values: Sequence[float]) -> list[str]:
    """Return texts with the same number of decimals, as few as keep neighbours apart."""
    for decimals in range(6):
        texts = [f"{value:.{decimals}f}" for value in values]
        exact = all(
            abs(float(text) - value) < 1e-9 for text, value in zip(texts, values, strict=True)
        )
        if exact:
            break
    return [
        text.removeprefix("-") if float(text) == 0 else text.replace("-", "−") for text in texts
    ]
