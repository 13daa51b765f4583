"""From single outcomes to one row: bias, spread, and how often the truth was where it was said to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Outcome:
    """One measured case.

    Attributes:
        error: measured minus true.
        expanded: U of the measurement, or the bound claimed for the function where it states none.
        bracketed: whether its interval holds the truth; None for a measurement without interval.
    """

    error: float
    expanded: float
    bracketed: bool | None = None


@dataclass(frozen=True)
class Figures:
    """What the errors of the measured cases come to, in their unit.

    Attributes:
        worst: largest error, without its sign.
        inside: share of the cases with the truth within ± U.
        bracketed: share with the truth inside the interval; None where there is none.
    """

    bias: float
    deviation: float
    worst: float
    inside: float
    mean_expanded: float
    bracketed: float | None

    @classmethod
    def of(cls, measured: Sequence[Outcome]) -> Figures:
        """Summarise at least one outcome."""
        errors = np.array([outcome.error for outcome in measured])
        expanded = np.array([outcome.expanded for outcome in measured])
        held = [outcome.bracketed for outcome in measured if outcome.bracketed is not None]
        return cls(
            bias=float(errors.mean()),
            deviation=float(errors.std()),
            worst=float(np.abs(errors).max()),
            inside=float(np.mean(np.abs(errors) <= expanded)),
            mean_expanded=float(expanded.mean()),
            bracketed=float(np.mean(held)) if held else None,
        )


@dataclass(frozen=True)
class Row:
    """One level of one factor.

    Attributes:
        cases: how many were made.
        refused: how many of them the metering declined to measure.
        figures: None when it declined all.
    """

    factor: str
    level: str
    cases: int
    refused: int
    figures: Figures | None

    @classmethod
    def of(cls, factor: str, level: str, outcomes: Sequence[Outcome | None]) -> Row:
        """Summarise outcomes; None is a refusal."""
        measured = [outcome for outcome in outcomes if outcome is not None]
        return cls(
            factor=factor,
            level=level,
            cases=len(outcomes),
            refused=len(outcomes) - len(measured),
            figures=Figures.of(measured) if measured else None,
        )
