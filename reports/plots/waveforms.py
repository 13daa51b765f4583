"""What a reader should see of a recording, as SVG.

Voltage or frequency above, current below, time from the event. A short view shows waveforms. A long one
shows the whole view as rms, and below it the waveforms around each instant that was found, so that the
event and the end can both be read. The strip on top says when the end is permitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from matplotlib.figure import Figure

from bench.trials.trial_evidence import Level, Plot
from instruments.interfaces import Recording
from reports.plots.annotations import description, origin_s
from reports.plots.drawing import Drawing
from reports.plots.legend import draw_legend, phase_keys
from reports.plots.panels import QUIET_INK, Panel, Range, Text
from reports.plots.svg import svg_text
from reports.plots.timeline import Timeline
from reports.plots.traces import Pair, Trace, frequency_series, rms_series, waveforms

WIDTH_PT = 760.0
LEFT_PT, RIGHT_PT = 52.0, 78.0
HEAD_PT, DETAIL_HEAD_PT, FOOT_PT = 52.0, 22.0, 30.0
VOLTAGE_PT, CURRENT_PT, GAP_PT = 100.0, 84.0, 9.0
AXES_PT = VOLTAGE_PT + GAP_PT + CURRENT_PT + FOOT_PT
COLUMN_GAP_PT = 14.0
WAVEFORM_VIEW_S = 0.65
DETAIL_S = 0.05
MOST_DETAILS = 3
DETAIL_POINTS = 900
SMALLEST_SPAN = {"V": 20.0, "A": 1.0, "Hz": 0.2}
ZERO: dict[str, list[float]] = {"V": [], "A": [0.0], "Hz": []}


@dataclass(frozen=True)
class Style:
    """How the traces of a column are to be read.

    Attributes:
        unit: of the upper axis.
    """

    stimulus: str
    current: str
    level_factors: tuple[float, ...]
    level_suffix: str
    decimals: int
    unit: str = "V"

    def named(self, level: Level) -> str:
        """Return what to write beside a level."""
        return f"{level.label}{self.level_suffix}"


WAVEFORMS = Style("voltage in V", "current in A", (sqrt(2), -sqrt(2)), " × √2", 4)
RMS = Style("rms voltage in V", "rms current in A", (1.0,), "", 4)
CYCLES = Style("frequency in Hz", "rms current in A", (1.0,), "", 4, "Hz")


@dataclass(frozen=True)
class Column:
    """Two panels, one above the other, with a common time axis."""

    pair: Pair
    style: Style
    span_s: tuple[float, float]


def draw_recording(plot: Plot, recording: Recording, name: str) -> Drawing:
    """Draw a recording.

    Args:
        name: unique among the plots of a report.
    """
    start_s = origin_s(plot)
    whole = (-start_s, recording.duration_s - start_s)
    view = _view(plot, whole)
    if view[1] - view[0] <= WAVEFORM_VIEW_S:
        pair = waveforms(recording, start_s, view, DETAIL_POINTS)
        return _Sheet(plot, name).draw(Column(pair, WAVEFORMS, view), [])
    spans = _detail_spans(plot, whole)
    points = DETAIL_POINTS // max(1, len(spans))
    details = [
        Column(waveforms(recording, start_s, span, points), WAVEFORMS, span) for span in spans
    ]
    of_frequency = any(panel.quantity == "frequency" for panel in plot.panels)
    series, style = (frequency_series, CYCLES) if of_frequency else (rms_series, RMS)
    overview = Column(series(recording, start_s, view), style, view)
    return _Sheet(plot, name).draw(overview, details)


def _view(plot: Plot, whole: tuple[float, float]) -> tuple[float, float]:
    """Return the part of the file to be shown, counted from the first mark."""
    if plot.view_s is None:
        return whole
    low, high = (time_s - origin_s(plot) for time_s in plot.view_s)
    return max(low, whole[0]), min(high, whole[1])


def _detail_spans(plot: Plot, whole: tuple[float, float]) -> list[tuple[float, float]]:
    """Return spans around the marks; those that touch become one."""
    spans: list[tuple[float, float]] = []
    for time_s in sorted(mark.time_s - origin_s(plot) for mark in plot.marks):
        low, high = max(time_s - DETAIL_S, whole[0]), min(time_s + DETAIL_S, whole[1])
        if spans and low <= spans[-1][1]:
            low = spans.pop()[0]
        spans.append((low, high))
    return spans[:MOST_DETAILS]


class _Sheet:
    """One plot on one figure; times are counted from its first mark."""

    def __init__(self, plot: Plot, name: str) -> None:
        self._plot = plot
        self._name = name
        self._timeline = Timeline(plot)

    def draw(self, overview: Column, details: Sequence[Column]) -> Drawing:
        """Draw the overview, and the details side by side below it."""
        detail_pt = DETAIL_HEAD_PT + AXES_PT if details else 0.0
        height_pt = HEAD_PT + AXES_PT + detail_pt
        self._figure = Figure((WIDTH_PT / 72, height_pt / 72), dpi=72)
        upper = self._row(
            height_pt - HEAD_PT, [overview], self._timeline.strip_pt, self._timeline.rows
        )
        self._timeline.strip(upper)
        draw_legend(self._figure, phase_keys(overview.pair.labels), upper.left, height_pt - 9)
        if details:
            self._row(detail_pt - DETAIL_HEAD_PT, details, 0.0, 1)
        shown = f"{overview.style.stimulus.rpartition(' in ')[0]} and current of the phases"
        words = description(self._plot, overview.style.decimals, shown)
        svg = svg_text(self._figure, self._name, self._plot.title, words)
        return Drawing(svg, words)

    def _row(self, top: float, columns: Sequence[Column], above: float, rows: int) -> Panel:
        """Draw columns side by side, as wide as their spans; return the last upper panel."""
        style = columns[0].style
        stimuli = self._range([column.pair.voltage for column in columns], style, style.unit)
        currents = self._range([column.pair.current for column in columns], style, "A")
        room = WIDTH_PT - LEFT_PT - RIGHT_PT - COLUMN_GAP_PT * (len(columns) - 1)
        total_s = sum(high - low for low, high in (column.span_s for column in columns))
        left = LEFT_PT
        for column in columns:
            times = Range(*column.span_s)
            width = room * (times.high - times.low) / total_s
            bottom = top - VOLTAGE_PT
            upper = Panel(self._figure, (left, bottom, width, VOLTAGE_PT), times, stimuli)
            bottom -= GAP_PT + CURRENT_PT
            lower = Panel(self._figure, (left, bottom, width, CURRENT_PT), times, currents)
            self._fill(upper, lower, column, first=column is columns[0], last=column is columns[-1])
            self._timeline.name_marks(upper, above, column.style.decimals, rows)
            left += width + COLUMN_GAP_PT
        self._timeline.title(lower)
        return upper

    def _fill(self, upper: Panel, lower: Panel, column: Column, *, first: bool, last: bool) -> None:
        style = column.style
        for panel, unit, traces, title in (
            (upper, style.unit, column.pair.voltage, style.stimulus),
            (lower, "A", column.pair.current, style.current),
        ):
            panel.grid(time_labels=panel is lower, value_labels=first)
            panel.traces(traces)
            for level in self._levels(unit):
                panel.levels([factor * level.value for factor in style.level_factors])
                if last:
                    panel.name_level(style.level_factors[0] * level.value, style.named(level))
            self._timeline.instants(panel)
            if first:
                middle = panel.bottom + panel.height / 2
                panel.write(Text(11, middle, title, colour=QUIET_INK, rotation=90))

    def _levels(self, unit: str) -> list[Level]:
        return [level for level in self._plot.levels if level.unit == unit]

    def _range(self, rows: Sequence[Sequence[Trace]], style: Style, unit: str) -> Range:
        """Return a common range that shows every trace and level of a row of panels."""
        values = [
            float(edge)
            for traces in rows
            for trace in traces
            if trace.values.size
            for edge in (trace.values.min(), trace.values.max())
        ]
        values += ZERO[unit]
        values += [f * level.value for level in self._levels(unit) for f in style.level_factors]
        return Range.around(values, SMALLEST_SPAN[unit])
