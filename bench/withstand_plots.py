"""What a reader should see of trip values and of disturbances that must be ridden through. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bench.metering.instant import Instant
from bench.metering.trip_value import TripValue
from bench.profile import Requirement
from bench.trial_evidence import Level, Mark, Plot
from bench.verdict import Limit, Measurement
from bench.watching import Watched

VIEW_BEFORE_S = 0.1


def stairs_plot(
    watched: Watched, result: TripValue, limit: Limit, requirement: Requirement
) -> Plot:
    """Return what to draw of stairs towards a threshold: the tolerance band and the trip."""
    marks = [Mark("begin", 0.0)]
    if result.trip is not None:
        marks.append(Mark("disconnected", result.trip.best_s - watched.origin_s))
    edges = (("≥", limit.lower), ("≤", limit.upper))
    levels = [
        Level(f"{sign} {edge} {limit.unit}", float(edge), limit.unit)
        for sign, edge in edges
        if edge is not None
    ]
    return Plot(title=requirement.title, marks=marks, limit_times=[], levels=levels)


def excursion_plot(
    watched: Watched, start: Instant, connected: Measurement, requirement: Requirement
) -> Plot:
    """Return what to draw of excursions that must not trip: the first, and a disconnection if there was one."""
    start_s = start.best_s - watched.origin_s
    marks = [Mark("excursion", start_s)]
    if not connected.censored:
        marks.append(Mark("disconnected", start_s + float(connected.value)))
    threshold = requirement.quantity("threshold")
    level = Level(f"{requirement.id} {threshold}", float(threshold.value), threshold.unit)
    return Plot(title=requirement.title, marks=marks, limit_times=[], levels=[level])


def withstand_plot(
    start: Instant, marks: Sequence[Mark], last_s: float, requirement: Requirement
) -> Plot:
    """Return what to draw of disturbances that must be withstood: each end, each resumption.

    Args:
        last_s: until when the inverter must stay connected, from the start of the record.
    """
    return Plot(
        title=requirement.title,
        marks=[
            Mark("disturbance", start.best_s),
            *(mark for mark in marks if mark.time_s > start.best_s),
        ],
        limit_times=[],
        levels=[],
        view_s=(start.best_s - VIEW_BEFORE_S, last_s),
    )
