"""Signs on the trace of a response: where each level began to show and was complete."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.plots.panels import Tick
from instruments.interfaces import Samples
from reports.plots.legend import Key
from reports.plots.panels import Panel
from reports.plots.sheet import Layer, Shape, Stroke
from reports.plots.traces import Trace

SIGNS: dict[str, tuple[Shape, str]] = {
    "commenced": ("circle", "#e69f00"),
    "completed": ("diamond", "#0072b2"),
    "not commenced": ("cross", "#d55e00"),
    "not completed": ("cross", "#b3261e"),
}
SIZE_PT, TOLD_PT = 4.5, 8.0
EDGE = Stroke("white")


def draw_ticks(panel: Panel, ticks: Sequence[Tick], traces: Sequence[Trace]) -> None:
    """Draw signs on the first trace, larger where the legend tells of one."""
    for kind, (shape, colour) in SIGNS.items():
        chosen = [tick for tick in ticks if tick.kind == kind]
        if not chosen:
            continue
        places = _places(panel, chosen, traces[0])
        told = np.array([bool(tick.label) for tick in chosen])
        for size, few in ((SIZE_PT, ~told), (TOLD_PT, told)):
            panel.sheet.signs(Layer.TICK, places[few], shape, size, colour, EDGE, panel.box)


def tick_keys(ticks: Sequence[Tick]) -> list[Key]:
    """Return the entries of a legend for the kinds that occur."""
    kinds = {tick.kind for tick in ticks}
    told = {tick.kind: f" {tick.label}" for tick in ticks if tick.label}
    return [
        Key(kind + told.get(kind, ""), colour, shape)
        for kind, (shape, colour) in SIGNS.items()
        if kind in kinds
    ]


def _places(panel: Panel, ticks: Sequence[Tick], trace: Trace) -> Samples:
    """Return places on a trace, shape (ticks, 2)."""
    times_s = np.array([tick.time_s for tick in ticks])
    values = np.interp(times_s, trace.times_s, trace.values)
    return np.column_stack((panel.x(times_s), panel.y(values)))
