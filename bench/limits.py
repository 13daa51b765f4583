"""The limits a requirement turns into."""

from __future__ import annotations

from bench.profile import Requirement
from bench.verdict import Limit


def trip_limits(requirement: Requirement) -> list[Limit]:
    """Return both edges of a trip: not before the delay, not after the maximum.

    A function without intentional delay has no lower edge.
    """
    latest = requirement.limit("disconnection time (latest)", upper="disconnection_max")
    if "delay" not in requirement:
        return [latest]
    return [requirement.limit("disconnection time (earliest)", lower="delay"), latest]
