"""Readings over time, as SVG: one panel below the other, each with what is required of its quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from bench.plots.panels import PlotPanel
from bench.trials.trial_evidence import Level, Plot
from instruments.interfaces import Reading
from reports.plots.annotations import description, origin_s, spread_heights
from reports.plots.corridor import BAND, draw_required, values_of
from reports.plots.drawing import Drawing
from reports.plots.legend import Key, draw_legend, phase_keys
from reports.plots.panels import INK, LEVEL, PHASE_COLOURS, QUIET_INK, Panel, Range, Text
from reports.plots.svg import svg_text
from reports.plots.ticks import draw_ticks, tick_keys
from reports.plots.timeline import Timeline
from reports.plots.traces import Trace, reading_traces

WIDTH_PT = 760.0
LEFT_PT, RIGHT_PT = 52.0, 78.0
HEAD_PT, FOOT_PT, GAP_PT = 50.0, 30.0, 9.0
LOW_PT, HIGH_PT = 88.0, 148.0
POWER_PT = 124.0
DECIMALS = 1
USUAL = (PlotPanel("voltage"), PlotPanel("current"))


@dataclass(frozen=True)
class Axis:
    """How a quantity is shown.

    Attributes:
        unit: its own; a power may be shown in % instead.
        smallest: span that is shown at least.
        zero: values that are always in view.
    """

    title: str
    unit: str
    smallest: float
    zero: tuple[float, ...] = ()


AXES = {
    "voltage": Axis("rms voltage", "V", 20.0),
    "current": Axis("rms current", "A", 1.0, (0.0,)),
    "frequency": Axis("frequency", "Hz", 0.2),
    "active_power": Axis("active power", "W", 5.0, (0.0,)),
    "reactive_power": Axis("reactive power", "var", 5.0, (0.0,)),
    "site_power": Axis("power into the grid", "W", 200.0, (0.0,)),
    "site_phase_power": Axis("power of each phase into the grid", "W", 100.0, (0.0,)),
    "load_power": Axis("load of the site", "W", 200.0, (0.0,)),
}


@dataclass(frozen=True)
class Row:
    """One panel of a plot with its traces; times count from the first mark."""

    part: PlotPanel
    traces: Sequence[Trace]
    levels: Sequence[Level]

    @property
    def axis(self) -> Axis:
        """How its quantity is shown."""
        return AXES[self.part.quantity]

    @property
    def title(self) -> str:
        """What the axis shows, with its unit."""
        unit = "% of rated" if self.part.rated else self.axis.unit
        return f"{self.axis.title} in {unit}"

    @property
    def height_pt(self) -> float:
        """Room for it."""
        least = POWER_PT if self.part.rated else LOW_PT
        return HIGH_PT if self.part.required else least

    @property
    def values(self) -> Range:
        """What its axis spans."""
        if self.part.view:
            return Range(*self.part.view)
        values = [
            float(edge)
            for trace in self.traces
            if trace.values.size
            for edge in (trace.values.min(), trace.values.max())
        ]
        values += [level.value for level in self.levels]
        values += [*values_of(self.part.required), *self.axis.zero]
        return Range.around(values, self.axis.smallest)

    @property
    def keys(self) -> list[Key]:
        """What its lines and signs mean."""
        labels = [trace.label for trace in self.traces]
        keys = phase_keys(label for label in labels if label in PHASE_COLOURS)
        keys += [Key(label, INK) for label in labels if label not in PHASE_COLOURS]
        if self.part.required:
            keys += [Key("required", LEVEL, "dashes"), Key("permitted", BAND, "band")]
        return keys + tick_keys(self.part.ticks)


def draw_readings(plot: Plot, readings: Sequence[Reading], name: str) -> Drawing:
    """Draw a series of readings.

    Args:
        name: unique among the plots of a report.
    """
    start_s = origin_s(plot)
    rows = [_row(plot, part, readings, start_s) for part in plot.panels or USUAL]
    height_pt = HEAD_PT + sum(row.height_pt + GAP_PT for row in rows) - GAP_PT + FOOT_PT
    figure = Figure((WIDTH_PT / 72, height_pt / 72), dpi=72)
    times, timeline = _times(plot, readings, start_s), Timeline(plot)
    top = height_pt - HEAD_PT
    panels = []
    for row in rows:
        box = (LEFT_PT, top - row.height_pt, WIDTH_PT - LEFT_PT - RIGHT_PT, row.height_pt)
        panels.append(Panel(figure, box, times, row.values))
        _fill(panels[-1], row, timeline, last=row is rows[-1])
        top -= row.height_pt + GAP_PT
    timeline.strip(panels[0])
    timeline.name_marks(panels[0], timeline.strip_pt, DECIMALS, timeline.rows)
    timeline.title(panels[-1])
    draw_legend(figure, _keys(rows), LEFT_PT, height_pt - 9)
    words = description(plot, DECIMALS, " and ".join(row.axis.title for row in rows))
    return Drawing(svg_text(figure, name, plot.title, words), words)


def _row(plot: Plot, part: PlotPanel, readings: Sequence[Reading], start_s: float) -> Row:
    unit = "%" if part.rated else AXES[part.quantity].unit
    counted = replace(
        part,
        required=[replace(one, at=one.at - start_s) for one in part.required],
        ticks=[replace(tick, time_s=tick.time_s - start_s) for tick in part.ticks],
    )
    levels = [level for level in plot.levels if level.unit == unit]
    traces = reading_traces(readings, part.quantity, start_s, part.rated)
    return Row(counted, traces, levels)


def _times(plot: Plot, readings: Sequence[Reading], start_s: float) -> Range:
    last_s = readings[-1].end_s - readings[0].end_s
    low, high = plot.view_s or (0.0, last_s)
    return Range(max(low, 0.0) - start_s, min(high, last_s) - start_s)


def _fill(panel: Panel, row: Row, timeline: Timeline, *, last: bool) -> None:
    panel.grid(time_labels=last, value_labels=True)
    if row.part.required:
        draw_required(panel, row.part.required)
    panel.traces(row.traces)
    draw_ticks(panel, row.part.ticks, row.traces)
    _levels(panel, row.levels)
    timeline.instants(panel)
    middle = panel.bottom + panel.height / 2
    panel.write(Text(11, middle, row.title, colour=QUIET_INK, rotation=90))


def _levels(panel: Panel, levels: Sequence[Level]) -> None:
    """Draw levels, their names moved apart where they would overlap."""
    panel.levels([level.value for level in levels])
    heights = spread_heights([float(panel.y(level.value)) for level in levels])
    for level, height in zip(levels, heights, strict=True):
        panel.name_at(height, level.label)


def _keys(rows: Sequence[Row]) -> list[Key]:
    """Return every entry of the legend once."""
    return list(dict.fromkeys(key for row in rows for key in row.keys))
