"""The limits a requirement turns into."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bench.grid_code.profile import STATUSES, Requirement
from bench.metering.release import Release
from bench.metering.response import Response
from bench.verdicts.verdict import Limit, Measurement


def trip_limits(requirement: Requirement) -> list[Limit]:
    """Return both edges of a trip: not before the delay, not after the maximum.

    A function without intentional delay has no lower edge.
    """
    latest = requirement.limit("disconnection time (latest)", upper="disconnection_max")
    if "delay" not in requirement:
        return [latest]
    return [requirement.limit("disconnection time (earliest)", lower="delay"), latest]


def sustained_limits(requirement: Requirement) -> tuple[Limit, Limit]:
    """Return what the rolling mean must be when generation ceases, and what just before it must cease.

    Both follow from the limit and the tolerance of the inverter's own voltage measurement. In volts no time has
    to be derived from them: 1 V is 600 s/(V - 230 V) of time.
    """
    limit = requirement.quantity("limit").value
    tolerance = requirement.quantity("tolerance").value
    earliest = requirement.limit("mean voltage when generation ceased", lower="limit")
    latest = requirement.limit("mean voltage the permitted time before", upper="limit")
    return (
        _with_tolerance(replace(earliest, lower=limit - tolerance), requirement, "tolerance"),
        _with_tolerance(replace(latest, upper=limit + tolerance), requirement, "tolerance"),
    )


def undisturbed_limit(requirement: Requirement, undisturbed_s: float) -> Limit:
    """Return the limit of the time from a short excursion for which generation must go on."""
    stated = requirement.limit("generation after a short excursion", lower="averaging")
    return replace(stated, lower=Decimal(repr(undisturbed_s)), max_uncertainty=None)


def ramp_limits(requirement: Requirement) -> tuple[Limit, Limit, Limit]:
    """Return the limits of a ramp's rate, of its distance from a straight line and of its largest jump."""
    rate = requirement.quantity("rate").value
    by = rate * requirement.quantity("rate_tolerance").value / 100
    stated = requirement.limit("rate of the ramp", lower="rate", upper="rate")
    linear = requirement.limit("distance from a straight line", upper="nonlinearity_max")
    jump = requirement.limit("largest jump", upper="jump_max")
    return (
        _with_tolerance(
            replace(stated, lower=rate - by, upper=rate + by), requirement, "rate_tolerance"
        ),
        replace(linear, max_uncertainty=None),
        replace(jump, max_uncertainty=None),
    )


def rise_limit(requirement: Requirement) -> Limit:
    """Return the limit of the rate at which power may follow a rise of irradiance."""
    rate = requirement.quantity("rate_max").value
    by = rate * requirement.quantity("rate_tolerance").value / 100
    stated = requirement.limit("rate of the rise", upper="rate_max")
    return _with_tolerance(replace(stated, upper=rate + by), requirement, "rate_tolerance")


def _with_tolerance(limit: Limit, requirement: Requirement, tolerance: str) -> Limit:
    """Return the limit with the source and status of what moved its edges."""
    moved_by = requirement.quantity(tolerance)
    return replace(
        limit,
        source=f"{limit.source}; tolerance {moved_by}: {moved_by.source}",
        status=max((limit.status, moved_by.status), key=STATUSES.index),
    )


def response_limits(requirement: Requirement) -> tuple[Limit, Limit, Limit]:
    """Return the limits of a response: its worst deviation, commencement and completion."""
    deviation = replace(
        requirement.limit("deviation", upper="tolerance"),
        max_uncertainty=requirement.quantity("tolerance_uncertainty_max").value,
    )
    return (
        deviation,
        requirement.limit("commencement", upper="commence_max"),
        requirement.limit("completion", upper="complete_max"),
    )


def response_judgements(
    requirement: Requirement, response: Response
) -> list[tuple[Measurement, Limit]]:
    """Return what is judged of a response, each with its limit."""
    measured = (response.deviation, response.commencement, response.completion)
    return list(zip(measured, response_limits(requirement), strict=True))


def release_limits(requirement: Requirement) -> tuple[Limit, Limit]:
    """Return the limits of a release: not before the dwell, not faster than the permitted rate."""
    rate = replace(
        requirement.limit("rate of return", upper="return_rate_max"), max_uncertainty=None
    )
    return requirement.limit("dwell before return", lower="dwell"), rate


def set_point_limits(requirement: Requirement) -> tuple[Limit, Limit]:
    """Return the limits of commanded set-points: the worst deviation, and the longest time to get there."""
    longest = "complete_max" if "complete_max" in requirement else "response_max"
    deviation = replace(
        requirement.limit("deviation", upper="tolerance"),
        max_uncertainty=requirement.quantity("tolerance_uncertainty_max").value,
    )
    return deviation, requirement.limit("time to the set-point", upper=longest)


def set_point_judgements(
    requirement: Requirement, response: Response
) -> list[tuple[Measurement, Limit]]:
    """Return what is judged of commanded set-points, each with its limit."""
    measured = (response.deviation, response.completion)
    return list(zip(measured, set_point_limits(requirement), strict=True))


def demanded_limit(requirement: Requirement, what: str) -> Limit:
    """Return the largest permitted power in a demand response mode, with its tolerance.

    Args:
        what: "generation" or "consumption".
    """
    stated = requirement.limit(f"{what} in the steady state", upper=f"{what}_max")
    tolerance = requirement.quantity("tolerance")
    return replace(
        stated,
        upper=requirement.quantity(f"{what}_max").value + tolerance.value,
        source=f"{stated.source}; tolerance {tolerance}: {tolerance.source}",
        status=tolerance.status,
    )


def release_judgements(
    requirement: Requirement, release: Release
) -> list[tuple[Measurement, Limit]]:
    """Return what is judged of a release, each with its limit."""
    return list(zip((release.dwell, release.rate), release_limits(requirement), strict=True))
