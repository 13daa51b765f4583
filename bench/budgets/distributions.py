"""How a half-width becomes a standard uncertainty: the distributions a budget may name (JCGM 100, 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, sqrt

DIVISORS: Mapping[str, float] = {
    "standard": 1.0,
    "two-point": 1.0,
    "rectangular": sqrt(3),
    "triangular": sqrt(6),
    "arcsine": sqrt(2),
}
"""Distribution → what its half-width is divided by. "standard" is a standard uncertainty already."""

NORMAL, TRAPEZOIDAL = "normal", "trapezoidal"
NAMES = (*DIVISORS, NORMAL, TRAPEZOIDAL)
PARAMETERS: Mapping[str, str] = {NORMAL: "coverage_factor", TRAPEZOIDAL: "top_share"}
"""Distribution → the parameter it takes besides the half-width."""


def divisor(distribution: str, parameter: float | None) -> float:
    """Return what a half-width is divided by to give the standard uncertainty.

    Args:
        parameter: "normal": the k with which the half-width was expanded, above 0; "trapezoidal": width of the
            top as a share of the width of the base, 0 to 1; None for the others.

    Raises:
        ValueError: unknown distribution, or a parameter it does not take.
    """
    if distribution in DIVISORS and parameter is None:
        return DIVISORS[distribution]
    if distribution == NORMAL and parameter is not None and isfinite(parameter) and parameter > 0:
        return parameter
    if distribution == TRAPEZOIDAL and parameter is not None and 0 <= parameter <= 1:
        return sqrt(6 / (1 + parameter**2))
    raise ValueError(
        f"distribution {distribution!r} with parameter {parameter}: expected one of {', '.join(NAMES)}; "
        "normal takes a coverage factor above 0, trapezoidal a top between 0 and 1, the others nothing"
    )
