"""The map of an islanding test: run-on time over the offsets of the load, as colour and number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bench.evidence.islanding_map import MapCell
from bench.trials.trial_evidence import Plot
from reports.plots.drawing import Drawing
from reports.plots.panels import FRAME, INK, NOT_PERMITTED, QUIET_INK, TICK_SIZE, Text, write
from reports.plots.svg import svg_text

WIDTH_PT = 760.0
LEFT_PT, BOTTOM_PT, HEAD_PT = 84.0, 46.0, 30.0
CELL_WIDTH_PT, CELL_HEIGHT_PT = 58.0, 30.0
LEGEND_PT = 18.0
SHADES = colormaps["YlGnBu"]
LIGHTEST, DARKEST = 0.05, 0.85
DARK_FROM = 0.55
OVER = "#b3261e"
PAPER = "#ffffff"


def draw_map(plot: Plot, cells: Sequence[MapCell], name: str) -> Drawing:
    """Draw one cell for each island: reactive offset to the right, active offset upwards.

    Args:
        plot: its only level is the longest permitted run-on time.
        name: unique among the plots of a report.
    """
    [limit] = plot.levels
    columns = sorted({cell.reactive_pct for cell in cells})
    rows = sorted({cell.active_pct for cell in cells})
    height = BOTTOM_PT + HEAD_PT + CELL_HEIGHT_PT * len(rows)
    figure = Figure((WIDTH_PT / 72, height / 72), dpi=72)
    for cell in cells:
        place = (columns.index(cell.reactive_pct), rows.index(cell.active_pct))
        _draw_cell(figure, cell, limit.value, place)
    _name_axes(figure, columns, rows, height)
    words = _words(cells, limit.value)
    legend = f"run-on time in s; limit {limit.label}; light is short, red is beyond the limit"
    write(figure, Text(LEFT_PT, height - LEGEND_PT + 6, legend, "left", QUIET_INK))
    return Drawing(svg_text(figure, name, plot.title, words), words)


def _draw_cell(figure: Figure, cell: MapCell, limit_s: float, place: tuple[int, int]) -> None:
    x, y = LEFT_PT + CELL_WIDTH_PT * place[0], BOTTOM_PT + CELL_HEIGHT_PT * place[1]
    share = cell.run_on_s / limit_s
    beyond = cell.censored or share > 1.0
    box = Rectangle(
        (x, y),
        CELL_WIDTH_PT,
        CELL_HEIGHT_PT,
        facecolor=NOT_PERMITTED if beyond else _shade(share),
        edgecolor=OVER if beyond else FRAME,
        linewidth=1.6 if beyond else 0.6,
    )
    box.set_transform(None)
    figure.add_artist(box)
    ink = OVER if beyond else PAPER if share > DARK_FROM else INK
    middle = (x + CELL_WIDTH_PT / 2, y + CELL_HEIGHT_PT / 2)
    write(figure, Text(*middle, _run_on_text(cell), colour=ink))


def _shade(share: float) -> str:
    return to_hex(SHADES(float(np.interp(share, (0.0, 1.0), (LIGHTEST, DARKEST)))))


def _name_axes(
    figure: Figure, columns: Sequence[float], rows: Sequence[float], height: float
) -> None:
    for k, value in enumerate(columns):
        x = LEFT_PT + CELL_WIDTH_PT * (k + 0.5)
        write(figure, Text(x, BOTTOM_PT - 9, _signed(value), colour=QUIET_INK, size=TICK_SIZE))
    for k, value in enumerate(rows):
        y = BOTTOM_PT + CELL_HEIGHT_PT * (k + 0.5)
        write(figure, Text(LEFT_PT - 7, y, _signed(value), "right", QUIET_INK, TICK_SIZE))
    below = "reactive power of the load off balance in %"
    write(figure, Text(LEFT_PT, BOTTOM_PT - 26, below, "left", QUIET_INK))
    middle = BOTTOM_PT + (height - BOTTOM_PT - HEAD_PT) / 2
    for offset, line in ((6.0, "active power"), (-6.0, "in %")):
        write(figure, Text(30.0, middle + offset, line, colour=QUIET_INK, size=TICK_SIZE))


def _signed(value: float) -> str:
    return f"{value:+g}".replace("-", "−") if value else "0"


def _run_on_text(cell: MapCell) -> str:
    return f"≥ {cell.run_on_s:.2f}" if cell.censored else f"{cell.run_on_s:.3f}"


def _words(cells: Sequence[MapCell], limit_s: float) -> str:
    """Return what the map shows, for a reader who cannot see it."""
    worst = max(cells, key=lambda cell: (cell.censored, cell.run_on_s))
    return (
        f"Run-on times of {len(cells)} islands; the longest is {_run_on_text(worst)} s at an active power "
        f"{worst.active_pct:+g} % and a reactive power {worst.reactive_pct:+g} % off balance; permitted are "
        f"{limit_s:g} s."
    )
