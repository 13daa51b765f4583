"""A measured value with its uncertainty, the limit it is held against, and how both stand in evidence.

Numbers that decide are `Decimal`, and texts in JSON: what is read back is digit for digit what was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from math import inf, isinf
from typing import Any, Literal

from bench.formatting import rounded_text
from bench.verdicts.uncertainty import BudgetLine, ExpandedUncertainty
from instruments.errors import EvidenceError

Censoring = Literal["at least", "at most"]
CENSORINGS = (None, "at least", "at most")
STATUSES = ("confirmed", "published", "provisional")


@dataclass(frozen=True)
class Limit:
    """What a requirement permits.

    Attributes:
        lower, upper: at least one is given.
        status: confirmed, published or provisional (see the grid code).
        max_uncertainty: largest expanded uncertainty with which this limit may be judged.
        inclusive: whether the edges themselves are permitted.

    Raises:
        ValueError: a limit nothing can be held against.
    """

    requirement: str
    quantity: str
    unit: str
    lower: Decimal | None
    upper: Decimal | None
    clause: str
    source: str
    status: str
    max_uncertainty: Decimal | None
    inclusive: bool = True

    def __post_init__(self) -> None:
        name = f"{self.requirement} {self.quantity}"
        if self.lower is None and self.upper is None:
            raise ValueError(f"{name}: a limit needs at least one side")
        for number in (self.lower, self.upper, self.max_uncertainty):
            if number is not None and not number.is_finite():
                raise ValueError(f"{name}: {number} {self.unit} in a limit is not a finite number")
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise ValueError(f"{name}: lower {self.lower} is above upper {self.upper} {self.unit}")
        if self.lower is not None and self.lower == self.upper and not self.inclusive:
            raise ValueError(f"{name}: nothing lies between {self.lower} and itself")
        if self.status not in STATUSES:
            raise ValueError(f"{name}: status {self.status!r}, expected one of {STATUSES}")

    def __str__(self) -> str:
        signs = ("≥", "≤") if self.inclusive else (">", "<")
        sides = dict(zip(signs, (self.lower, self.upper), strict=True))
        stated = [f"{sign} {side} {self.unit}" for sign, side in sides.items() if side is not None]
        return " and ".join(stated)


@dataclass(frozen=True)
class Measurement:
    """A value with its uncertainty.

    Attributes:
        censored: "at least" when the true value is known only to be no smaller ("no trip within
            15 s"), "at most" for the mirror image; None for an ordinary value.
        interval: earliest and latest value the evidence permits, when that is known.
        recording: file the value was taken from.
    """

    measurand: str
    value: Decimal
    unit: str
    expanded_uncertainty: Decimal
    coverage_factor: Decimal
    method: str
    recording: str | None = None
    censored: Censoring | None = None
    interval: tuple[Decimal, Decimal] | None = None
    budget: tuple[BudgetLine, ...] = ()

    def __post_init__(self) -> None:
        if self.censored not in CENSORINGS:
            raise ValueError(
                f"{self.measurand}: censored {self.censored!r}, expected one of {CENSORINGS}"
            )

    def named(self, measurand: str) -> Measurement:
        """Return the same measurement under another name."""
        return replace(self, measurand=measurand)

    def __str__(self) -> str:
        value, expanded = rounded_text(self.value, self.expanded_uncertainty)
        known = f"{self.censored} " if self.censored else ""
        return f"{known}{value} {self.unit} ± {expanded} {self.unit}"

    @classmethod
    def of(
        cls,
        measurand: str,
        value: float,
        unit: str,
        uncertainty: ExpandedUncertainty,
        *,
        method: str,
        recording: str | None = None,
        censored: Censoring | None = None,
        interval: tuple[float, float] | None = None,
    ) -> Measurement:
        """Make a measurement from floats, which become the decimals they are written as."""
        return cls(
            measurand=measurand,
            value=_decimal(value),
            unit=unit,
            expanded_uncertainty=_decimal(uncertainty.expanded),
            coverage_factor=_decimal(uncertainty.coverage_factor),
            method=method,
            recording=recording,
            censored=censored,
            interval=(_decimal(interval[0]), _decimal(interval[1])) if interval else None,
            budget=uncertainty.budget,
        )


def limit_to_json(limit: Limit) -> dict[str, Any]:
    """Return a limit as it stands in evidence."""
    return {
        "requirement": limit.requirement,
        "quantity": limit.quantity,
        "unit": limit.unit,
        "lower": text_or_none(limit.lower),
        "upper": text_or_none(limit.upper),
        "clause": limit.clause,
        "source": limit.source,
        "status": limit.status,
        "max_uncertainty": text_or_none(limit.max_uncertainty),
        "inclusive": limit.inclusive,
    }


def limit_from_json(document: Mapping[str, Any]) -> Limit:
    """Return the limit `limit_to_json` wrote. Raises EvidenceError for anything else."""
    with reading("limit", document):
        return Limit(
            requirement=document["requirement"],
            quantity=document["quantity"],
            unit=document["unit"],
            lower=decimal_or_none(document["lower"]),
            upper=decimal_or_none(document["upper"]),
            clause=document["clause"],
            source=document["source"],
            status=document["status"],
            max_uncertainty=decimal_or_none(document["max_uncertainty"]),
            inclusive=document["inclusive"],
        )


def measurement_to_json(measurement: Measurement) -> dict[str, Any]:
    """Return a measurement as it stands in evidence."""
    interval = measurement.interval
    return {
        "measurand": measurement.measurand,
        "value": str(measurement.value),
        "unit": measurement.unit,
        "expanded_uncertainty": str(measurement.expanded_uncertainty),
        "coverage_factor": str(measurement.coverage_factor),
        "censored": measurement.censored,
        "interval": [str(edge) for edge in interval] if interval else None,
        "method": measurement.method,
        "recording": measurement.recording,
        "budget": [_line_to_json(line) for line in measurement.budget],
    }


def measurement_from_json(document: Mapping[str, Any]) -> Measurement:
    """Return the measurement `measurement_to_json` wrote. Raises EvidenceError for anything else."""
    with reading("measurement", document):
        return Measurement(
            measurand=document["measurand"],
            value=Decimal(document["value"]),
            unit=document["unit"],
            expanded_uncertainty=Decimal(document["expanded_uncertainty"]),
            coverage_factor=Decimal(document["coverage_factor"]),
            method=document["method"],
            recording=document["recording"],
            censored=document["censored"],
            interval=_interval(document["interval"]),
            budget=tuple(_line_from_json(line) for line in document["budget"]),
        )


def text_or_none(number: Decimal | None) -> str | None:
    """Return a decimal as text, digit for digit."""
    return None if number is None else str(number)


def decimal_or_none(text: str | None) -> Decimal | None:
    """Return the decimal a text stands for."""
    return None if text is None else Decimal(text)


@contextmanager
def reading(what: str, document: object) -> Iterator[None]:
    """Turn whatever a malformed document provokes into an EvidenceError that shows it."""
    try:
        yield
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise EvidenceError(
            f"no {what} can be read from the evidence: {type(error).__name__}: {error}, in {document}"
        ) from error


def _line_to_json(line: BudgetLine) -> dict[str, Any]:
    # JSON has no infinity; as it is the ordinary case, null stands for it.
    degrees = line.degrees_of_freedom
    return asdict(line) | {"degrees_of_freedom": None if isinf(degrees) else degrees}


def _line_from_json(document: Mapping[str, Any]) -> BudgetLine:
    degrees = document["degrees_of_freedom"]
    return BudgetLine(**{**document, "degrees_of_freedom": inf if degrees is None else degrees})


def _interval(document: list[str] | None) -> tuple[Decimal, Decimal] | None:
    if document is None:
        return None
    low, high = document
    return Decimal(low), Decimal(high)


def _decimal(value: float) -> Decimal:
    # float() first: numpy's floats spell their type in their repr.
    return Decimal(repr(float(value)))
