"""The limits a requirement turns into."""

from __future__ import annotations

from dataclasses import replace

from bench.metering.release import Release
from bench.metering.response import Response
from bench.profile import Requirement
from bench.verdict import Limit, Measurement


def trip_limits(requirement: Requirement) -> list[Limit]:
    """Return both edges of a trip: not before the delay, not after the maximum.

    A function without intentional delay has no lower edge.
    """
    latest = requirement.limit("disconnection time (latest)", upper="disconnection_max")
    if "delay" not in requirement:
        return [latest]
    return [requirement.limit("disconnection time (earliest)", lower="delay"), latest]


def response_judgements(
    requirement: Requirement, response: Response
) -> list[tuple[Measurement, Limit]]:
    """Return what is judged of a response: its worst deviation, commencement and completion."""
    deviation = replace(
        requirement.limit("deviation", upper="tolerance"),
        max_uncertainty=requirement.quantity("tolerance_uncertainty_max").value,
    )
    return [
        (response.deviation, deviation),
        (response.commencement, requirement.limit("commencement", upper="commence_max")),
        (response.completion, requirement.limit("completion", upper="complete_max")),
    ]


def release_judgements(
    requirement: Requirement, release: Release
) -> list[tuple[Measurement, Limit]]:
    """Return what is judged of a release: not before the dwell, not faster than the permitted rate."""
    rate = replace(
        requirement.limit("rate of return", upper="return_rate_max"), max_uncertainty=None
    )
    return [
        (release.dwell, requirement.limit("dwell before return", lower="dwell")),
        (release.rate, rate),
    ]
