"""What a reader should see of a trial: which marks, limits and levels to draw. Pure."""

from __future__ import annotations

from bench.following import Followed
from bench.limits import sustained_limits
from bench.metering import (
    BlockedReconnection,
    ClearingTime,
    PowerRamp,
    Reconnection,
    SustainedCease,
)
from bench.metering.excursion import find_rises
from bench.metering.instant import Instant
from bench.metering.response import Response
from bench.profile import Requirement
from bench.trial_evidence import Level, Mark, Plane, PlanePoint, Plot
from bench.verdict import Measurement
from bench.watching import Watched

VIEW_BEFORE_S = 0.1
VIEW_AFTER_S = 0.3


def clearing_plot(clearing: ClearingTime, requirement: Requirement) -> Plot:
    """Return what to draw of a trip: the event, both ends, the permitted times, the threshold."""
    start_s = clearing.start.best_s
    ends = [
        Mark(label, event.best_s)
        for label, event in (("ceased", clearing.cease), ("disconnected", clearing.disconnect))
        if event is not None
    ]
    limits = [
        Mark(text, start_s + requirement.number(name))
        for name, text in (
            ("delay", "not before"),
            ("disconnection_max", "not after"),
            ("run_on_max", "not after"),
        )
        if name in requirement
    ]
    last_s = max(mark.time_s for mark in (*ends, *limits))
    return Plot(
        title=requirement.title,
        marks=[Mark("event", start_s), *ends],
        limit_times=limits,
        levels=_threshold_levels(requirement),
        view_s=(start_s - VIEW_BEFORE_S, last_s + VIEW_AFTER_S),
    )


def _threshold_levels(requirement: Requirement) -> list[Level]:
    if "threshold" not in requirement:
        return []
    threshold = requirement.quantity("threshold")
    return [Level(f"{requirement.id} {threshold}", float(threshold.value), threshold.unit)]


def reconnection_plot(result: Reconnection, origin_s: float, requirement: Requirement) -> Plot:
    """Return what to draw of a reconnection.

    Args:
        origin_s: time of the first reading in the analyser's time base, where the file's time begins.
    """
    return_s = result.grid_return.best_s - origin_s
    marks = [Mark("grid back", return_s)]
    if result.connection is not None:
        marks.append(Mark("connected", result.connection.best_s - origin_s))
    return Plot(
        title=requirement.title,
        marks=marks,
        limit_times=[Mark("not before", return_s + requirement.number("observation_min"))],
        levels=[],
    )


def sustained_plot(watched: Watched, means: SustainedCease, requirement: Requirement) -> Plot:
    """Return what to draw of a ten-minute mean: when generation ceased and when it may.

    The permitted times are those at which the measured mean comes inside the tolerance and leaves it.
    """
    origin_s = watched.origin_s
    at, before = sustained_limits(requirement)
    earliest_s = means.mean.crossing_s(float(at.lower)) if at.lower is not None else None
    latest_s = means.mean.crossing_s(float(before.upper)) if before.upper is not None else None
    limit = requirement.quantity("limit")
    rises = find_rises(watched.readings, float(limit.value))
    seen = [*zip(("excursion", "rise"), rises, strict=False)]
    seen += [("ceased", means.cease)] if means.cease else []
    limits = []
    if earliest_s is not None:
        limits.append(Mark("not before", earliest_s - origin_s))
    if latest_s is not None:
        limits.append(Mark("not after", latest_s + requirement.number("action_max") - origin_s))
    return Plot(
        title=requirement.title,
        marks=[Mark(name, instant.best_s - origin_s) for name, instant in seen],
        limit_times=limits,
        levels=[Level(f"{requirement.id} {limit}", float(limit.value), limit.unit)],
    )


def ramp_plot(watched: Watched, ramp: PowerRamp, requirement: Requirement) -> Plot:
    """Return what to draw of a soft ramp: connection and arrival."""
    marks = [
        Mark("connected", ramp.connection.best_s - watched.origin_s),
        Mark("90 % of rated power", ramp.nearly_full.best_s - watched.origin_s),
    ]
    return Plot(title=requirement.title, marks=marks, limit_times=[], levels=[])


def rise_plot(requirement: Requirement) -> Plot:
    """Return what to draw of the power that follows the sun."""
    return Plot(title=requirement.title, marks=[], limit_times=[], levels=[])


def window_plot(watched: Watched, result: BlockedReconnection, requirement: Requirement) -> Plot:
    """Return what to draw of a reconnection that the grid's voltage or frequency holds up."""
    inside_s = result.inside.best_s - watched.origin_s
    marks = [Mark("inside again", inside_s)]
    if result.connection is not None:
        marks.append(Mark("connected", result.connection.best_s - watched.origin_s))
    limit = Mark("not before", inside_s + requirement.number("observation_min"))
    return Plot(title=requirement.title, marks=marks, limit_times=[limit], levels=[])


def response_plot(followed: Followed, origin_s: float, requirement: Requirement) -> Plot:
    """Return what to draw of a response: when it began and ended, and the corners of the curve.

    Args:
        origin_s: time of the first reading in the analyser's time base, where the file's time begins.
    """
    steps, release = followed.response.steps, followed.release
    instants = {"first step": steps[0].plateau.began} | _slowest(followed.response)
    if release is not None and release.rise is not None:
        instants["power rises"] = release.rise
    return Plot(
        title=requirement.title,
        marks=[Mark(label, instant.best_s - origin_s) for label, instant in instants.items()],
        limit_times=[],
        levels=_corners(requirement),
    )


def _slowest(response: Response) -> dict[str, Instant]:
    """Return the step that took longest to complete: when it was, began to show and was complete."""
    complete = [step for step in response.steps if step.timed and step.completed]
    if not complete:
        return {}
    slowest = max(complete, key=lambda step: step.completion_s)
    found = {
        "slowest step": slowest.plateau.began,
        "commenced": slowest.commenced,
        "completed": slowest.completed,
    }
    return {name: instant for name, instant in found.items() if instant}


def response_plane(followed: Followed, requirement: Requirement) -> Plot:
    """Return what to draw of a response over what it follows."""
    across = {"V": "voltage in V", "Hz": "frequency in Hz"}[followed.unit]
    return _plane(followed.response, across, followed.what, requirement)


def set_point_plane(response: Response, what: str, across: str, requirement: Requirement) -> Plot:
    """Return what to draw of commanded set-points: where each was reached."""
    return _plane(response, across, what, requirement)


def _plane(response: Response, across: str, what: str, requirement: Requirement) -> Plot:
    points = [
        PlanePoint(step.plateau.level, 100 * step.steady, *(100 * edge for edge in step.expected))
        for step in response.steps
    ]
    along = f"{what} in % of rated apparent power"
    tolerance = requirement.number("tolerance")
    title = f"{requirement.title}: where each level came to rest"
    return Plot(title, [], [], [], plane=Plane(across, along, tolerance, points))


def stay_plot(stay: Measurement, requirement: Requirement) -> Plot:
    """Return what to draw of a stay away from nominal frequency: the whole series."""
    return Plot(f"{requirement.title}: {stay.measurand}", marks=[], limit_times=[], levels=[])


def set_point_plot(
    response: Response, quantity: str, watched: Watched, requirement: Requirement
) -> Plot:
    """Return what to draw of commanded set-points: the first and the last command."""
    first, *_, last = response.steps
    marks = [
        Mark(text, step.plateau.began.best_s - watched.origin_s)
        for text, step in (("first command", first), ("last command", last))
    ]
    title = f"{requirement.title}: {quantity} power"
    return Plot(title=title, marks=marks, limit_times=[], levels=[])


def _corners(requirement: Requirement) -> list[Level]:
    if "voltages" not in requirement:
        return []
    corners = requirement.quantity("voltages")
    return [
        Level(f"{value} {corners.unit}", float(value), corners.unit) for value in corners.values
    ]
