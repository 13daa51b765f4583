"""What the study must show, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.metering_study.conditions import FACTORS
from benchmarks.metering_study.plan import MIX, Measurand
from benchmarks.metering_study.statistics import Figures, Row

LARGEST_BIAS_MS = 0.5
LEAST_INSIDE = 0.95

Results = Sequence[tuple[Measurand, Sequence[Row]]]


@dataclass(frozen=True)
class Bar:
    """One requirement on the metering, in words and as found."""

    text: str
    found: str
    met: bool


def bars(results: Results, least_inside: float = LEAST_INSIDE) -> list[Bar]:
    """Return every requirement with what was found.

    Args:
        least_inside: share of random cases; a study of few cases cannot show the share itself.
    """
    return [bar for measurand, rows in results for bar in _bars_of(measurand, rows, least_inside)]


def _bars_of(measurand: Measurand, rows: Sequence[Row], least_inside: float) -> Iterator[Bar]:
    if "decay_s" in measurand.factors:
        abrupt = _figures(rows, FACTORS["decay_s"].name, FACTORS["decay_s"].text(0.0))
        yield Bar(
            f"{measurand.name}: bias of abrupt stops at 10 kS/s at most {LARGEST_BIAS_MS:g} ms",
            f"{abrupt.bias:+.3f} ms",
            abs(abrupt.bias) <= LARGEST_BIAS_MS,
        )
    mixed = _figures(rows, MIX, "")
    share, where = (
        (mixed.inside, "± U" if measurand.stated else "the bound")
        if mixed.bracketed is None
        else (mixed.bracketed, "the interval")
    )
    yield Bar(
        f"{measurand.name}: truth inside {where} in at least {least_inside:.0%} of random cases",
        f"{share:.2%}",
        share >= least_inside,
    )


def _figures(rows: Sequence[Row], factor: str, level: str) -> Figures:
    for row in rows:
        if (row.factor, row.level) == (factor, level) and row.figures:
            return row.figures
    raise ValueError(f"the study has no figures for {factor} {level}")
