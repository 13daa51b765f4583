"""What the lines and signs of a plot mean, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reports.plots.panels import CHARACTER_PT, PHASE_COLOURS, QUIET_INK, Text, write

LineStyle = Literal["solid", "dashed"]
LINE_PT, SIGN_PT = 18.0, 5.0
STROKES: dict[str, tuple[float, LineStyle]] = {
    "line": (2.0, "solid"),
    "dashes": (1.5, "dashed"),
    "band": (8.0, "solid"),
}
"""Shape of a line → its width and style."""


@dataclass(frozen=True)
class Key:
    """One entry.

    Attributes:
        shape: "line", "dashes", "band", or a marker of the drawing library.
    """

    label: str
    colour: str
    shape: str = "line"


def phase_keys(labels: Iterable[str]) -> list[Key]:
    """Return the entries of phases, in their order."""
    ordered = sorted(labels, key=list(PHASE_COLOURS).index)
    return [Key(label, PHASE_COLOURS[label]) for label in ordered]


def draw_legend(figure: Figure, keys: Sequence[Key], left: float, y: float) -> None:
    """Write a legend in one line from `left`."""
    for key in keys:
        figure.add_artist(_sign(key, left, y))
        write(figure, Text(left + LINE_PT + 5, y, key.label, "left", QUIET_INK))
        left += LINE_PT + 18 + len(key.label) * CHARACTER_PT


def _sign(key: Key, left: float, y: float) -> Line2D:
    if key.shape in STROKES:
        width, style = STROKES[key.shape]
        sign = Line2D([left, left + LINE_PT], [y, y], lw=width, color=key.colour, linestyle=style)
        sign.set_solid_capstyle("butt")
    else:
        sign = Line2D([left + LINE_PT / 2], [y], marker=key.shape, color=key.colour, linestyle="")
        sign.set_markersize(SIGN_PT)
    sign.set_transform(None)
    return sign
