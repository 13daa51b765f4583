"""Signs on the trace of a response: where each level began to show and was complete."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.lines import Line2D

from bench.plot_panels import Tick
from reports.legend import Key
from reports.panels import CHARACTER_PT, Panel, Text
from reports.traces import Trace

SIGNS = {
    "commenced": ("o", "#e69f00"),
    "completed": ("D", "#0072b2"),
    "not commenced": ("X", "#d55e00"),
    "not completed": ("X", "#b3261e"),
}
SIZE_PT, LABEL_PT, BESIDE_PT = 4.5, 11.0, 7.0


def draw_ticks(panel: Panel, ticks: Sequence[Tick], traces: Sequence[Trace]) -> None:
    """Draw signs on the first trace, and write the labels of those that have one above it and below."""
    for kind, (marker, colour) in SIGNS.items():
        chosen = [tick for tick in ticks if tick.kind == kind]
        if not chosen:
            continue
        xs, ys = _places(panel, chosen, traces[0])
        signs = Line2D(xs, ys, marker=marker, linestyle="", color=colour, markersize=SIZE_PT)
        signs.set(zorder=3.9, transform=None, markeredgecolor="white", markeredgewidth=0.6)
        panel.add(signs)
        for tick, x, y in zip(chosen, xs, ys, strict=True):
            _write(panel, tick, x, y, colour)


def tick_keys(ticks: Sequence[Tick]) -> list[Key]:
    """Return the entries of a legend for the kinds that occur."""
    kinds = {tick.kind for tick in ticks}
    return [Key(kind, SIGNS[kind][1], SIGNS[kind][0]) for kind in SIGNS if kind in kinds]


def _places(panel: Panel, ticks: Sequence[Tick], trace: Trace) -> tuple[list[float], list[float]]:
    times_s = np.array([tick.time_s for tick in ticks])
    values = np.interp(times_s, trace.times_s, trace.values)
    return panel.x(times_s).tolist(), panel.y(values).tolist()


def _write(panel: Panel, tick: Tick, x: float, y: float, colour: str) -> None:
    """Write a label where the axes have room for it: up for the beginning, down for the end."""
    if not tick.label:
        return
    fits = x + BESIDE_PT + len(tick.label) * CHARACTER_PT < panel.right
    height = y + (LABEL_PT if tick.kind == "commenced" else -LABEL_PT)
    height = min(max(height, panel.bottom + LABEL_PT / 2), panel.top - LABEL_PT / 2)
    across, anchor = (x + BESIDE_PT, "left") if fits else (x - BESIDE_PT, "right")
    panel.write(Text(across, height, tick.label, anchor, colour))
