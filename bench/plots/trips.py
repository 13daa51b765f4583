"""What a reader should see of a trial: which marks, limits and levels to draw. Pure."""

from __future__ import annotations

from bench.grid_code.limits import sustained_limits
from bench.grid_code.profile import Requirement
from bench.metering import (
    BlockedReconnection,
    ClearingTime,
    Reconnection,
    SustainedCease,
    WindowEdge,
)
from bench.metering.excursion import find_rises
from bench.plots.panels import PlotPanel
from bench.trials.trial_evidence import Level, Mark, Plot
from bench.trials.watching import Watched
from bench.verdicts.verdict import Measurement

VIEW_BEFORE_S = 0.1
VIEW_AFTER_S = 0.3
QUANTITIES = {"V": "voltage", "Hz": "frequency"}
UNITS = {quantity: unit for unit, quantity in QUANTITIES.items()}


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
    levels = _threshold_levels(requirement)
    return Plot(
        title=requirement.title,
        marks=[Mark("event", start_s), *ends],
        limit_times=limits,
        levels=levels,
        view_s=(start_s - VIEW_BEFORE_S, last_s + VIEW_AFTER_S),
        panels=stimulus_panels(levels[0].unit if levels else "V"),
    )


def stimulus_panels(unit: str) -> list[PlotPanel]:
    """Return the panels of what a function looks at, and of the current below it.

    Args:
        unit: of the stimulus, "V" or "Hz".
    """
    return [PlotPanel(QUANTITIES[unit]), PlotPanel("current")]


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


def window_plot(
    watched: Watched, result: BlockedReconnection, edge: WindowEdge, requirement: Requirement
) -> Plot:
    """Return what to draw of a reconnection that the grid's voltage or frequency holds up."""
    inside_s = result.inside.best_s - watched.origin_s
    marks = [Mark("inside again", inside_s)]
    if result.connection is not None:
        marks.append(Mark("connected", result.connection.best_s - watched.origin_s))
    limit = Mark("not before", inside_s + requirement.number("observation_min"))
    unit = UNITS[edge.quantity]
    level = Level(f"window {edge.level:g} {unit}", edge.level, unit)
    return Plot(requirement.title, marks, [limit], [level], panels=stimulus_panels(unit))


def stay_plot(stay: Measurement, requirement: Requirement) -> Plot:
    """Return what to draw of a stay away from nominal frequency: the whole series."""
    title = f"{requirement.title}: {stay.measurand}"
    return Plot(title, [], [], [], panels=stimulus_panels("Hz"))
