"""From accuracy statements to a standard and an expanded uncertainty (JCGM 100, the GUM).

Pure functions. Inputs are taken as uncorrelated: two lines that share a cause belong in one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, fsum, inf, isfinite, isinf, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist, stdev

COVERAGE = 0.95
_NORMAL_QUANTILE = NormalDist().inv_cdf((1 + COVERAGE) / 2)
_EXPANSION_FROM = 1e4
_LAST_STEP = 1e-8  # Newton squares the error: the step after this one is rounding noise
_LAST_TERM = 1e-17


@dataclass(frozen=True)
class BudgetLine:
    """One source of uncertainty.

    Attributes:
        source: where it comes from, in words.
        standard_uncertainty: of the input, in `unit`.
        degrees_of_freedom: of that estimate; infinite when it is taken as known.
        sensitivity: change of the result per change of the input.
        distribution: what is taken to be known about the input, where a budget file states it.
        provenance: data sheet, certificate or choice the number is taken from.

    Raises:
        ValueError: a number that cannot be an uncertainty.
    """

    source: str
    standard_uncertainty: float
    unit: str
    degrees_of_freedom: float = inf
    sensitivity: float = 1.0
    distribution: str = ""
    provenance: str = ""

    def __post_init__(self) -> None:
        if not (isfinite(self.standard_uncertainty) and self.standard_uncertainty >= 0):
            raise ValueError(
                f"{self.source}: a standard uncertainty of {self.standard_uncertainty} {self.unit} "
                "is none; expected a finite number, 0 or more"
            )
        if not self.degrees_of_freedom >= 1:
            raise ValueError(
                f"{self.source}: {self.degrees_of_freedom} degrees of freedom; expected 1 or more"
            )
        if not isfinite(self.sensitivity):
            raise ValueError(f"{self.source}: the sensitivity {self.sensitivity} is not finite")

    @property
    def contribution(self) -> float:
        """Standard uncertainty this line adds to the result, in the result's unit."""
        return abs(self.sensitivity) * self.standard_uncertainty


@dataclass(frozen=True)
class ExpandedUncertainty:
    """What a budget adds up to.

    Attributes:
        standard: combined standard uncertainty.
        expanded: `coverage_factor` times `standard`; covers 95 %.
        degrees_of_freedom: effective ones, after Welch and Satterthwaite.
    """

    standard: float
    expanded: float
    coverage_factor: float
    degrees_of_freedom: float
    budget: tuple[BudgetLine, ...]


def rectangular(half_width: float) -> float:
    """Return the standard uncertainty of "somewhere within ± half_width"."""
    return half_width / sqrt(3)


def resolution(step: float) -> float:
    """Return the standard uncertainty of a value shown in steps of `step`."""
    return rectangular(step / 2)


def certificate(expanded: float, coverage_factor: float) -> float:
    """Return the standard uncertainty of a calibration certificate's U at its k."""
    return expanded / coverage_factor


def repeats(values: Sequence[float]) -> tuple[float, float]:
    """Return the standard uncertainty of the mean of `values` and its degrees of freedom.

    Raises:
        ValueError: fewer than two values say nothing about their scatter.
    """
    if len(values) < 2:
        raise ValueError(f"the scatter of {len(values)} value(s) is unknown; at least 2 are needed")
    return stdev(values) / sqrt(len(values)), len(values) - 1.0


def scatter(values: Sequence[float], unit: str) -> BudgetLine:
    """Return the budget line of the mean of `values`.

    Raises:
        ValueError: fewer than two values say nothing about their scatter.
    """
    standard, degrees = repeats(values)
    return BudgetLine(f"scatter of {len(values)} values", standard, unit, degrees)


def combine(lines: Iterable[BudgetLine]) -> ExpandedUncertainty:
    """Combine a budget: root sum of squares, Welch-Satterthwaite, Student's k for 95 %.

    Raises:
        ValueError: the budget is empty.
    """
    budget = tuple(lines)
    if not budget:
        raise ValueError("an uncertainty budget needs at least one line")
    standard = sqrt(fsum(line.contribution**2 for line in budget))
    degrees = _effective_degrees_of_freedom(budget, standard)
    factor = coverage_factor(degrees)
    return ExpandedUncertainty(standard, factor * standard, factor, degrees, budget)


def coverage_factor(degrees_of_freedom: float) -> float:
    """Return k: Student's t within ± k holds 95 %.

    Args:
        degrees_of_freedom: 1 or more, infinite for the normal distribution; need not be whole.
    """
    if not degrees_of_freedom >= 1:
        raise ValueError(f"{degrees_of_freedom} degrees of freedom; expected 1 or more")
    if degrees_of_freedom > _EXPANSION_FROM:
        return _expanded_quantile(degrees_of_freedom)
    return _solved_quantile(degrees_of_freedom)


def _effective_degrees_of_freedom(budget: Sequence[BudgetLine], standard: float) -> float:
    # Shares, not fourth powers of small numbers: those would underflow.
    shares = [(line.contribution / standard) ** 4 for line in budget] if standard else []
    weighted = fsum(
        share / line.degrees_of_freedom for share, line in zip(shares, budget, strict=False)
    )
    return 1 / weighted if weighted else inf


def _expanded_quantile(degrees: float) -> float:
    """Return k for many degrees of freedom (Abramowitz and Stegun 26.7.5)."""
    z = _NORMAL_QUANTILE
    if isinf(degrees):
        return z
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / degrees + second / degrees**2


def _solved_quantile(degrees: float) -> float:
    """Return k by Newton's method; from the normal quantile it rises to the root and never past."""
    t = _NORMAL_QUANTILE
    step = inf
    while abs(step) > _LAST_STEP * t:
        step = (COVERAGE - _probability_within(t, degrees)) / (2 * _density(t, degrees))
        t += step
    return t


def _density(t: float, degrees: float) -> float:
    return exp(_log_scale(degrees) - (degrees + 1) / 2 * log1p(t * t / degrees))


def _probability_within(t: float, degrees: float) -> float:
    """Return the probability of ± t: the incomplete beta function as a series of positive terms."""
    share = t * t / (degrees + t * t)
    term = total = 1.0
    index = 0
    while term > total * _LAST_TERM:
        term *= share * (degrees + 1 + 2 * index) / (3 + 2 * index)
        total += term
        index += 1
    return 2 * t * _density(t, degrees) * total


def _log_scale(degrees: float) -> float:
    return lgamma((degrees + 1) / 2) - lgamma(degrees / 2) - log(degrees * pi) / 2
