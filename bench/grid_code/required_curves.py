"""The curve a grid code requires of a response as it is drawn: with its corners and its tolerance. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.grid_code.curves import Curve
from bench.plots.panels import Required

FLAT_SHARE = 0.12
"""How far the flat ends of a curve go on beyond its corners, as a share of its span."""


@dataclass(frozen=True)
class RequiredCurve:
    """A curve of shares of the rated apparent power over a level.

    Attributes:
        names: of its corners.
        floor, ceiling: on which side the tolerance ends what is permitted wherever the trial goes. A side that
            depends on what else happens is no part of the curve.
    """

    curve: Curve
    names: tuple[str, ...]
    floor: bool = True
    ceiling: bool = True

    def required(self, levels: Sequence[float], tolerance_pct: float) -> list[Required]:
        """Return the curve in %, at its corners and beyond them as far as the levels go."""
        xs = [x for x, _ in self.curve.points]
        flat = FLAT_SHARE * (xs[-1] - xs[0])
        ends = (min(xs[0], *levels) - flat, max(xs[-1], *levels) + flat)
        return [self._at(x, tolerance_pct) for x in (ends[0], *xs, ends[1])]

    def _at(self, x: float, tolerance_pct: float) -> Required:
        value = 100 * self.curve.at(x)
        low = value - tolerance_pct if self.floor else None
        high = value + tolerance_pct if self.ceiling else None
        return Required(x, (value, value), low, high)
