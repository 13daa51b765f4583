"""From a measurement, a limit and a decision rule to a verdict. Pure; Decimal throughout.

Bands and rules after ILAC-G8:09/2019, conformity probability after JCGM 106:2012. Nothing is rounded before
deciding, and a value that could not be measured is never a pass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import StrEnum
from math import erf, sqrt
from typing import Any

from bench.verdicts.decision_rule import FOUR_BANDS, GUARDED, SIMPLE, DecisionRule, decision_rule
from bench.verdicts.measurement import (
    Censoring,
    Limit,
    Measurement,
    decimal_or_none,
    limit_from_json,
    limit_to_json,
    measurement_from_json,
    measurement_to_json,
    reading,
    text_or_none,
)

__all__ = [
    "FOUR_BANDS",
    "GUARDED",
    "SIMPLE",
    "Censoring",
    "DecisionRule",
    "Limit",
    "Measurement",
    "Outcome",
    "Verdict",
    "decision_rule",
    "judge",
    "limit_from_json",
    "limit_to_json",
    "measurement_from_json",
    "measurement_to_json",
    "verdict_from_json",
    "verdict_to_json",
    "worst",
]

# The caller's decimal context must not change a verdict. 100 digits hold every sum and difference
# of measured values and limits exactly; a ratio that only informs needs six.
_ARITHMETIC = Context(prec=100, rounding=ROUND_HALF_EVEN)
_RATIO = Context(prec=6, rounding=ROUND_HALF_EVEN)


ENGINE = "1"
"""Version of the decision; it changes whenever the same inputs could get another verdict."""


class Outcome(StrEnum):
    """How a trial, a requirement or a run came out."""

    PASS = "pass"
    CONDITIONAL_PASS = "conditional pass"
    INCONCLUSIVE = "inconclusive"
    CONDITIONAL_FAIL = "conditional fail"
    FAIL = "fail"
    INVALID = "invalid"
    NOT_TESTED = "not tested"
    NOT_APPLICABLE = "not applicable"


_WORST_FIRST = (
    Outcome.FAIL,
    Outcome.CONDITIONAL_FAIL,
    Outcome.INVALID,
    Outcome.INCONCLUSIVE,
    Outcome.NOT_TESTED,
    Outcome.CONDITIONAL_PASS,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst outcome; "not tested" when there is none at all."""
    return min(outcomes, key=_WORST_FIRST.index, default=Outcome.NOT_TESTED)


@dataclass(frozen=True)
class Verdict:
    """A decision and everything it rests on.

    Attributes:
        band: which of the four bands of ILAC-G8 the value lies in, whatever the rule.
        margin: distance to the nearest edge of the limit; negative outside.
        probability_of_conformity: for a normal distribution around the value.
        reasons: why the outcome is not an ordinary pass or fail.
        inputs_sha256: of everything the decision was made from (see `inputs_sha256`).
    """

    outcome: Outcome
    requirement: str
    measurement: Measurement
    limit: Limit
    rule: DecisionRule
    inputs_sha256: str
    band: Outcome | None = None
    acceptance_lower: Decimal | None = None
    acceptance_upper: Decimal | None = None
    margin: Decimal | None = None
    margin_in_uncertainties: Decimal | None = None
    probability_of_conformity: float | None = None
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        reasons = f" ({'; '.join(self.reasons)})" if self.reasons else ""
        return (
            f"{self.requirement} {self.limit.quantity}: {self.outcome.value}: {self.measurement}, "
            f"limit {self.limit}{reasons}"
        )


def judge(
    measurement: Measurement,
    limit: Limit,
    rule: DecisionRule,
    invalid_reasons: Sequence[str] = (),
) -> Verdict:
    """Judge one measurement against one limit.

    Raises:
        ValueError: their units differ.
    """
    if measurement.unit != limit.unit:
        raise ValueError(
            f"{limit.requirement} {limit.quantity}: measured in {measurement.unit}, limited in "
            f"{limit.unit}"
        )
    with localcontext(_ARITHMETIC):
        return _Judgement(measurement, limit, rule, invalid_reasons).verdict()


def inputs_sha256(
    measurement: Measurement, limit: Limit, rule: DecisionRule, invalid_reasons: Sequence[str]
) -> str:
    """Return the SHA-256 of a decision's inputs as JSON with sorted keys, no spaces, in UTF-8."""
    document = {
        "measurement": measurement_to_json(measurement),
        "limit": limit_to_json(limit),
        "rule": rule.to_json(),
        "invalid_reasons": list(invalid_reasons),
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class _Judgement:
    """The steps of `judge`, in the order in which they can end it."""

    def __init__(
        self,
        measurement: Measurement,
        limit: Limit,
        rule: DecisionRule,
        invalid_reasons: Sequence[str],
    ) -> None:
        self._invalid_reasons = invalid_reasons
        self._measurement = measurement
        self._limit = limit
        self._rule = rule
        self._y = measurement.value
        self._u = measurement.expanded_uncertainty

    def verdict(self) -> Verdict:
        reasons = [*self._invalid_reasons, *self._defects()]
        if reasons:
            return self._make(Outcome.INVALID, reasons=tuple(reasons))
        obstacle = self._obstacle()
        if self._measurement.censored:
            return self._censored(obstacle)
        band = self._band(Decimal(1), binary=False)
        if obstacle:
            return self._full(Outcome.INCONCLUSIVE, band, (obstacle,))
        return self._full(self._band(self._rule.guard_factor, self._rule.binary), band, ())

    def _defects(self) -> list[str]:
        defects = []
        if not self._y.is_finite():
            defects.append(f"the value {self._y} is not finite")
        if not self._u.is_finite() or self._u < 0:
            defects.append(f"the expanded uncertainty {self._u} is not a finite number, 0 or more")
        factor = self._measurement.coverage_factor
        if not factor.is_finite() or factor <= 0:
            defects.append(f"the coverage factor {factor} is not a finite number above 0")
        return defects

    def _obstacle(self) -> str | None:
        u_max = self._limit.max_uncertainty
        if u_max is not None and self._u > u_max:
            return f"U = {self._u} {self._limit.unit} exceeds the permitted {u_max}"
        low, high = self._acceptance(self._rule.guard_factor)
        if low is not None and high is not None and not self._ordered(low, high):
            return "U leaves no value that could be accepted"
        return None

    def _ordered(self, low: Decimal, high: Decimal) -> bool:
        """Return whether `low` is on the permitted side of `high`."""
        return low <= high if self._limit.inclusive else low < high

    def _acceptance(self, factor: Decimal) -> tuple[Decimal | None, Decimal | None]:
        guard = factor * self._u
        low, high = self._limit.lower, self._limit.upper
        return (
            None if low is None else low + guard,
            None if high is None else high - guard,
        )

    def _inside(self, factor: Decimal) -> bool:
        low, high = self._acceptance(factor)
        return (low is None or self._ordered(low, self._y)) and (
            high is None or self._ordered(self._y, high)
        )

    def _band(self, factor: Decimal, binary: bool) -> Outcome:
        if self._inside(factor):
            return Outcome.PASS
        if binary:
            return Outcome.FAIL
        if self._inside(Decimal(0)):
            return Outcome.CONDITIONAL_PASS
        return Outcome.CONDITIONAL_FAIL if self._inside(-factor) else Outcome.FAIL

    def _censored(self, obstacle: str | None) -> Verdict:
        """Only an edge the true value is known to be on one side of can be decided."""
        at_least = self._measurement.censored == "at least"
        edge = self._limit.upper if at_least else self._limit.lower
        beyond = edge is not None and (
            self._y > edge + self._u if at_least else self._y < edge - self._u
        )
        if beyond:
            return self._make(Outcome.FAIL, margin=self._margin())
        other = self._limit.lower if at_least else self._limit.upper
        if edge is None and other is not None and self._inside(self._rule.guard_factor):
            return self._make(
                Outcome.INCONCLUSIVE if obstacle else Outcome.PASS,
                margin=self._margin(),
                reasons=(obstacle,) if obstacle else (),
            )
        reason = f"only known to be {self._measurement.censored} {self._y} {self._limit.unit}"
        return self._make(Outcome.INCONCLUSIVE, reasons=(reason,))

    def _margin(self) -> Decimal:
        low, high = self._limit.lower, self._limit.upper
        return min(
            distance
            for distance in (
                None if low is None else self._y - low,
                None if high is None else high - self._y,
            )
            if distance is not None
        )

    def _probability(self) -> float:
        u = float(self._u) / float(self._measurement.coverage_factor)
        if u == 0:
            return 1.0 if self._inside(Decimal(0)) else 0.0

        def below(edge: Decimal) -> float:
            return 0.5 * (1 + erf(float(edge - self._y) / u / sqrt(2)))

        low, high = self._limit.lower, self._limit.upper
        return (1.0 if high is None else below(high)) - (0.0 if low is None else below(low))

    def _full(self, outcome: Outcome, band: Outcome, reasons: tuple[str, ...]) -> Verdict:
        margin = self._margin()
        return self._make(
            outcome,
            band=band,
            margin=margin,
            margin_in_uncertainties=_RATIO.divide(margin, self._u) if self._u else None,
            probability_of_conformity=self._probability(),
            reasons=reasons,
        )

    def _make(self, outcome: Outcome, **fields: Any) -> Verdict:
        usable = self._u.is_finite() and self._u >= 0
        low, high = self._acceptance(self._rule.guard_factor) if usable else (None, None)
        return Verdict(
            outcome=outcome,
            requirement=self._limit.requirement,
            measurement=self._measurement,
            limit=self._limit,
            rule=self._rule,
            inputs_sha256=inputs_sha256(
                self._measurement, self._limit, self._rule, self._invalid_reasons
            ),
            acceptance_lower=low,
            acceptance_upper=high,
            **fields,
        )


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as it stands in evidence."""
    return {
        "outcome": verdict.outcome.value,
        "band": verdict.band.value if verdict.band else None,
        "margin": text_or_none(verdict.margin),
        "margin_in_uncertainties": text_or_none(verdict.margin_in_uncertainties),
        "probability_of_conformity": verdict.probability_of_conformity,
        "acceptance": [
            text_or_none(verdict.acceptance_lower),
            text_or_none(verdict.acceptance_upper),
        ],
        "rule": verdict.rule.id,
        "engine": ENGINE,
        "inputs_sha256": verdict.inputs_sha256,
        "reasons": list(verdict.reasons),
        "measurement": measurement_to_json(verdict.measurement),
        "limit": limit_to_json(verdict.limit),
    }


def verdict_from_json(document: Mapping[str, Any]) -> Verdict:
    """Return the verdict `verdict_to_json` wrote. Raises EvidenceError for anything else."""
    with reading("verdict", document):
        lower, upper = document["acceptance"]
        limit = limit_from_json(document["limit"])
        band = document["band"]
        return Verdict(
            outcome=Outcome(document["outcome"]),
            requirement=limit.requirement,
            measurement=measurement_from_json(document["measurement"]),
            limit=limit,
            rule=decision_rule(document["rule"]),
            inputs_sha256=document["inputs_sha256"],
            band=None if band is None else Outcome(band),
            acceptance_lower=decimal_or_none(lower),
            acceptance_upper=decimal_or_none(upper),
            margin=decimal_or_none(document["margin"]),
            margin_in_uncertainties=decimal_or_none(document["margin_in_uncertainties"]),
            probability_of_conformity=document["probability_of_conformity"],
            reasons=tuple(document["reasons"]),
        )
