"""Bias, spread and U against the levels of each factor, as drawings that are the same bytes every time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.metering_study.bars import Results
from benchmarks.metering_study.plan import BASE, MIX, Measurand
from benchmarks.metering_study.statistics import Row

DRAWN = (
    "Time to cease, three phases",
    "Time to cease, single phase",
    "Start: voltage step",
    "Reactive power",
    "Harmonic current",
    "Settling time",
)
ERROR, BAND = "#1f4e79", "#cfdfef"


def draw(results: Results, folder: Path) -> dict[str, Path]:
    """Write one SVG per measurand that is worth seeing; return their paths by name."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for measurand, rows in results:
        if measurand.name in DRAWN:
            path = folder / f"metering_study_{_slug(measurand.name)}.svg"
            with mpl.rc_context(
                {"svg.hashsalt": "metering study", "svg.fonttype": "none", "font.size": 8}
            ):
                _figure(measurand, rows).savefig(path, metadata={"Date": None})
            paths[measurand.name] = path
    return paths


def _figure(measurand: Measurand, rows: Sequence[Row]) -> Figure:
    factors = [
        name for name in dict.fromkeys(row.factor for row in rows) if name not in (BASE, MIX)
    ]
    columns = min(4, len(factors))
    lines = -(-len(factors) // columns)
    figure = Figure(figsize=(2.6 * columns + 0.6, 2.1 * lines + 0.3), layout="constrained")
    panels = figure.subplots(lines, columns, sharey=True, squeeze=False).ravel()
    for panel, factor in zip(panels, factors, strict=False):
        _panel(panel, factor, [row for row in rows if row.factor == factor])
    for panel in panels[len(factors) :]:
        panel.set_visible(False)
    for panel in panels[::columns]:
        panel.set_ylabel(f"error ({measurand.unit})")
    figure.suptitle(f"{measurand.name}: bias, ± standard deviation; band: ± mean U", fontsize=9)
    return figure


def _panel(panel: Axes, factor: str, rows: Sequence[Row]) -> None:
    places = np.arange(len(rows))
    known = [(place, row.figures) for place, row in zip(places, rows, strict=True) if row.figures]
    at = [place for place, _ in known]
    expanded = np.array([figures.mean_expanded for _, figures in known])
    panel.fill_between(at, -expanded, expanded, color=BAND, lw=0)
    panel.errorbar(
        at,
        [figures.bias for _, figures in known],
        yerr=[figures.deviation for _, figures in known],
        color=ERROR,
        fmt="o-",
        ms=3,
        lw=0.8,
        capsize=2,
    )
    panel.axhline(0.0, color="0.4", lw=0.5)
    panel.set_xticks(places, [row.level.split(" ")[0] for row in rows], rotation=45)
    units = rows[0].level.partition(" ")[2]
    panel.set_title(f"{factor} ({units})" if units else factor, fontsize=8)


def _slug(name: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
