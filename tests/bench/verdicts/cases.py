"""Limits and measurements for the tests of verdicts."""

from __future__ import annotations

from decimal import Decimal

from bench.verdicts.verdict import (
    FOUR_BANDS,
    GUARDED,
    SIMPLE,
    Censoring,
    Limit,
    Measurement,
    Outcome,
)

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
RULES = (SIMPLE, GUARDED, FOUR_BANDS)
BANDS = (FAIL, Outcome.CONDITIONAL_FAIL, Outcome.CONDITIONAL_PASS, PASS)


def limit(lower: str | None, upper: str | None, max_uncertainty: str | None = None) -> Limit:
    return Limit(
        requirement="OV2",
        quantity="trip time",
        unit="s",
        lower=None if lower is None else Decimal(lower),
        upper=None if upper is None else Decimal(upper),
        clause="4.4",
        source="AS/NZS 4777.2",
        status="provisional",
        max_uncertainty=None if max_uncertainty is None else Decimal(max_uncertainty),
    )


def measured(
    value: str, expanded: str, factor: str = "2", censored: Censoring | None = None
) -> Measurement:
    return Measurement(
        "time", Decimal(value), "s", Decimal(expanded), Decimal(factor), "any", censored=censored
    )
