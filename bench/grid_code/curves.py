"""Piece-wise linear curves of a grid code. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from bench.grid_code.profile import Requirement
from instruments.errors import ConfigurationError

PER_CENT = 0.01


@dataclass(frozen=True)
class Curve:
    """Straight lines between points, flat beyond both ends.

    Attributes:
        points: (x, y), the x rising.

    Raises:
        ConfigurationError: fewer than two points, or x that do not rise.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        xs = [x for x, _ in self.points]
        if len(xs) < 2 or any(after <= before for before, after in pairwise(xs)):
            raise ConfigurationError(f"a curve needs two points or more with rising x, found {xs}")

    def at(self, x: float) -> float:
        """Return the curve's value at x."""
        if x <= self.points[0][0]:
            return self.points[0][1]
        for (x0, y0), (x1, y1) in pairwise(self.points):
            if x <= x1:
                return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        return self.points[-1][1]

    @property
    def steepest(self) -> float:
        """Largest slope, without its sign."""
        return max(abs(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(self.points))


def curve_of(requirement: Requirement, across: str, along: str) -> Curve:
    """Return the curve that two lists of a requirement describe.

    Args:
        across, along: names of the lists of x and y; percentages become shares.

    Raises:
        ConfigurationError: the row does not state them, or they do not make a curve.
    """
    xs, ys = (_numbers(requirement, name) for name in (across, along))
    if len(xs) != len(ys):
        raise ConfigurationError(
            f"requirement {requirement.id}: {len(xs)} {across} and {len(ys)} {along}; expected as many"
        )
    return Curve(tuple(zip(xs, ys, strict=True)))


def _numbers(requirement: Requirement, name: str) -> list[float]:
    quantity = requirement.quantity(name)
    scale = PER_CENT if quantity.unit == "%" else 1.0
    return [scale * float(value) for value in quantity.values]
