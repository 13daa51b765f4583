"""What the lines and signs of a plot mean, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reports.panels import CHARACTER_PT, PHASE_COLOURS, QUIET_INK, Text, write

LINE_PT, BAND_PT, SIGN_PT = 18.0, 8.0, 5.0


@dataclass(frozen=True)
class Key:
    """One entry.

    Attributes:
        shape: "line", "band", or a marker of the drawing library.
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
        left += LINE_PT + 24 + len(key.label) * CHARACTER_PT


def _sign(key: Key, left: float, y: float) -> Line2D:
    if key.shape in ("line", "band"):
        width = 2.0 if key.shape == "line" else BAND_PT
        sign = Line2D([left, left + LINE_PT], [y, y], lw=width, color=key.colour)
        sign.set_solid_capstyle("butt")
    else:
        sign = Line2D([left + LINE_PT / 2], [y], marker=key.shape, color=key.colour, linestyle="")
        sign.set_markersize(SIGN_PT)
    sign.set_transform(None)
    return sign
