"""What a reader should see of trip values and of disturbances that must be ridden through. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bench.grid_code.profile import Requirement
from bench.metering.instant import Instant
from bench.metering.trip_value import TripValue
from bench.plots.panels import PlotPanel, Required
from bench.plots.trips import QUANTITIES, stimulus_panels
from bench.trials.trial_evidence import Level, Mark, Plot
from bench.trials.watching import Watched
from bench.verdicts.verdict import Limit, Measurement

VIEW_BEFORE_S = 0.1
AROUND_BAND = 1.5


def stairs_plot(
    watched: Watched, result: TripValue, limit: Limit, requirement: Requirement
) -> Plot:
    """Return what to draw of stairs towards a threshold: the tolerance band and the trip."""
    marks = [Mark("begin", 0.0)]
    if result.trip is not None:
        marks.append(Mark("disconnected", result.trip.best_s - watched.origin_s))
    quantity = QUANTITIES[limit.unit]
    required = _band(limit, float(requirement.quantity("threshold").value), _end_s(watched))
    panels = [
        PlotPanel(quantity, required=required, view=_around(limit)),
        PlotPanel(quantity),
        PlotPanel("current"),
    ]
    return Plot(title=requirement.title, marks=marks, limit_times=[], levels=[], panels=panels)


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
    panels = stimulus_panels(threshold.unit)
    return Plot(requirement.title, marks, [], [level], panels=panels)


def _band(limit: Limit, threshold: float, end_s: float) -> list[Required]:
    low, high = _edges(limit)
    return [Required(time_s, (threshold, threshold), low, high) for time_s in (0.0, end_s)]


def _around(limit: Limit) -> tuple[float, float] | None:
    """Return the values around a band between two edges: the last stairs, not the way to them."""
    low, high = _edges(limit)
    if low is None or high is None:
        return None
    room = AROUND_BAND * (high - low)
    return low - room, high + room


def _edges(limit: Limit) -> tuple[float | None, float | None]:
    low, high = (None if edge is None else float(edge) for edge in (limit.lower, limit.upper))
    return low, high


def _end_s(watched: Watched) -> float:
    return watched.readings[-1].end_s - watched.origin_s


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
        panels=stimulus_panels("Hz" if "rocof" in requirement else "V"),
    )
