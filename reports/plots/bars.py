"""Bars beside their limits, as SVG: a spectrum, order by order. Beyond its limit a bar is red and hatched."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bench.trials.trial_evidence import Bar, Plot
from reports.plots.drawing import Drawing
from reports.plots.panels import INK, LEVEL, QUIET_INK, TICK_SIZE, Panel, Range, Text
from reports.plots.svg import svg_text

WIDTH_PT, HEIGHT_PT = 760.0, 190.0
BOX_PT = (52.0, 36.0, 700.0, 130.0)
BAR_SHARE = 0.62
WITHIN, BEYOND = "#0072b2", "#d55e00"
MOST_LABELS = 50


def draw_bars(plot: Plot, name: str) -> Drawing:
    """Draw the bars of a plot, which all have one unit.

    Args:
        name: unique among the plots of a report.
    """
    figure = Figure((WIDTH_PT / 72, HEIGHT_PT / 72), dpi=72)
    limits = [bar.limit for bar in plot.bars if bar.limit is not None]
    largest = max([*(bar.value for bar in plot.bars), *limits])
    across = Range(0.0, float(len(plot.bars)))
    panel = Panel(figure, BOX_PT, across, Range(0.0, 1.08 * largest))
    _values_axis(panel, plot.bars[0].unit)
    for place, bar in enumerate(plot.bars):
        _bar(figure, panel, place, bar)
    _limits(figure, panel, plot.bars)
    _labels(panel, plot.bars)
    panel.write(Text(panel.left, HEIGHT_PT - 12, plot.title, "left"))
    words = _description(plot)
    return Drawing(svg_text(figure, name, plot.title, words), words)


def _values_axis(panel: Panel, unit: str) -> None:
    panel.grid(time_labels=False, value_labels=True)
    panel.write(Text(11, panel.bottom + panel.height / 2, unit, colour=QUIET_INK, rotation=90))


def _bar(figure: Figure, panel: Panel, place: int, bar: Bar) -> None:
    beyond = bar.limit is not None and bar.value > bar.limit
    left, right = panel.x(place + 0.5 - BAR_SHARE / 2), panel.x(place + 0.5 + BAR_SHARE / 2)
    drawn = Rectangle(
        (float(left), panel.bottom),
        float(right - left),
        float(panel.y(bar.value)) - panel.bottom,
        facecolor=BEYOND if beyond else WITHIN,
        edgecolor=INK if beyond else "none",
        hatch="///" if beyond else None,
        linewidth=0.6,
    )
    drawn.set(transform=None, zorder=3)
    figure.add_artist(drawn)


def _limits(figure: Figure, panel: Panel, bars: Sequence[Bar]) -> None:
    segments = [
        [(float(panel.x(place)), y), (float(panel.x(place + 1)), y)]
        for place, bar in enumerate(bars)
        if bar.limit is not None and (y := float(panel.y(bar.limit)))
    ]
    lines = LineCollection(segments, colors=LEVEL, linewidths=1.2)
    lines.set(transform=None, zorder=3.5)
    figure.add_artist(lines)


def _labels(panel: Panel, bars: Sequence[Bar]) -> None:
    every = max(1, -(-len(bars) // MOST_LABELS))
    for place, bar in list(enumerate(bars))[::every]:
        x = float(panel.x(place + 0.5))
        panel.write(Text(x, panel.bottom - 9, bar.label, colour=QUIET_INK, size=TICK_SIZE))
    words = "order of the harmonic; lines are limits"
    panel.write(Text(panel.right, panel.bottom - 24, words, "right", QUIET_INK))


def _description(plot: Plot) -> str:
    beyond = [bar for bar in plot.bars if bar.limit is not None and bar.value > bar.limit]
    largest = max(plot.bars, key=lambda bar: bar.value)
    said = f"{plot.title}. Largest: {largest.label}, {largest.value:.3g} {largest.unit}. "
    if not beyond:
        return said + "None exceeds its limit."
    return said + "Beyond their limits: " + ", ".join(bar.label for bar in beyond) + "."
