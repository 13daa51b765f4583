"""The limits of trip values, of time connected, and of generation that resumes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bench.grid_code.profile import STATUSES, Requirement
from bench.verdicts.verdict import Limit


def trip_value_limit(requirement: Requirement, where: str) -> Limit:
    """Return the threshold with the tolerance of the inverter's own measurement on both sides.

    Args:
        where: the phases, or the frequency, in words.
    """
    threshold, tolerance = requirement.quantity("threshold"), requirement.quantity("tolerance")
    stated = requirement.limit(f"trip value of {where}", lower="threshold", upper="threshold")
    return replace(
        stated,
        lower=threshold.value - tolerance.value,
        upper=threshold.value + tolerance.value,
        source=f"{threshold.source}; tolerance {tolerance}: {tolerance.source}",
        status=max((threshold.status, tolerance.status), key=STATUSES.index),
        max_uncertainty=requirement.quantity("tolerance_uncertainty_max").value,
    )


def connected_limit(requirement: Requirement, basis: str, connected_s: float, words: str) -> Limit:
    """Return for how long the inverter must stay connected from the first disturbance.

    Args:
        basis: the quantity of the row that the time follows from.
        words: what it is put through.
    """
    stated = requirement.limit(f"connected through {words}", lower=basis)
    least = Decimal(repr(round(connected_s, 3)))
    return replace(stated, unit="s", lower=least, max_uncertainty=None)


def resume_limit(requirement: Requirement, words: str) -> Limit:
    """Return within which time generation must be back."""
    return requirement.limit(f"resumption after {words}", upper="resume_max")
