"""Signs on the trace of a response: where each level began to show and was complete."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.lines import Line2D

from bench.plots.panels import Tick
from instruments.interfaces import Samples
from reports.plots.legend import Key
from reports.plots.panels import Panel
from reports.plots.traces import Trace

SIGNS = {
    "commenced": ("o", "#e69f00"),
    "completed": ("D", "#0072b2"),
    "not commenced": ("X", "#d55e00"),
    "not completed": ("X", "#b3261e"),
}
SIZE_PT, TOLD_PT = 4.5, 8.0


def draw_ticks(panel: Panel, ticks: Sequence[Tick], traces: Sequence[Trace]) -> None:
    """Draw signs on the first trace, larger where the legend tells of one."""
    for kind, (marker, colour) in SIGNS.items():
        chosen = [tick for tick in ticks if tick.kind == kind]
        if not chosen:
            continue
        xs, ys = _places(panel, chosen, traces[0])
        told = [bool(tick.label) for tick in chosen]
        for size, is_told in ((SIZE_PT, False), (TOLD_PT, True)):
            few = np.array(told) == is_told
            signs = Line2D(xs[few], ys[few], marker=marker, linestyle="", color=colour)
            signs.set(markersize=size, zorder=3.9, transform=None, markeredgewidth=0.6)
            signs.set_markeredgecolor("white")
            panel.add(signs)


def tick_keys(ticks: Sequence[Tick]) -> list[Key]:
    """Return the entries of a legend for the kinds that occur."""
    kinds = {tick.kind for tick in ticks}
    told = {tick.kind: f" {tick.label}" for tick in ticks if tick.label}
    return [
        Key(kind + told.get(kind, ""), colour, marker)
        for kind, (marker, colour) in SIGNS.items()
        if kind in kinds
    ]


def _places(panel: Panel, ticks: Sequence[Tick], trace: Trace) -> tuple[Samples, Samples]:
    times_s = np.array([tick.time_s for tick in ticks])
    values = np.interp(times_s, trace.times_s, trace.values)
    return panel.x(times_s), panel.y(values)
