"""What the lines and signs of a plot mean, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reports.plots.panels import CHARACTER_PT, PHASE_COLOURS, QUIET_INK
from reports.plots.sheet import DASHED, Layer, Shape, Sheet, Stroke, Text

LINE_PT, SIGN_PT = 18.0, 6.0
STROKES: dict[str, tuple[float, tuple[float, float] | None]] = {
    "line": (2.0, None),
    "dashes": (1.5, DASHED),
    "band": (8.0, None),
}
"""Shape of a line → its width and dashes."""


@dataclass(frozen=True)
class Key:
    """One entry.

    Attributes:
        shape: of a line, or of a sign.
    """

    label: str
    colour: str
    shape: Literal["line", "dashes", "band"] | Shape = "line"


def phase_keys(labels: Iterable[str]) -> list[Key]:
    """Return the entries of phases, in their order."""
    ordered = sorted(labels, key=list(PHASE_COLOURS).index)
    return [Key(label, PHASE_COLOURS[label]) for label in ordered]


def draw_legend(sheet: Sheet, keys: Sequence[Key], left: float, y: float) -> None:
    """Write a legend in one line from `left`."""
    for key in keys:
        _sign(sheet, key, left, y)
        sheet.write(Text(left + LINE_PT + 5, y, key.label, "left", QUIET_INK))
        left += LINE_PT + 18 + len(key.label) * CHARACTER_PT


def _sign(sheet: Sheet, key: Key, left: float, y: float) -> None:
    if key.shape == "line" or key.shape == "dashes" or key.shape == "band":
        width, dashes = STROKES[key.shape]
        stroke = Stroke(key.colour, width, dashes)
        sheet.lines(Layer.GRID, [(left, y, left + LINE_PT, y)], stroke)
    else:
        place = np.array([(left + LINE_PT / 2, y)])
        sheet.signs(Layer.GRID, place, key.shape, SIGN_PT, key.colour)
