"""What a reader should see of a rise of power: the measured power beside the required line. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bench.grid_code.limits import ramp_limits, rise_limit
from bench.grid_code.profile import Requirement
from bench.metering import PowerRamp
from bench.metering.power_ramp import FROM_PU, SECONDS_PER_MINUTE, TO_PU
from bench.plots.panels import PlotPanel, Required
from bench.trials.trial_evidence import Mark, Plot
from bench.trials.watching import Watched
from bench.verdicts.verdict import Limit
from instruments.interfaces import Reading

WHOLE_PCT = 100.0


def ramp_plot(
    watched: Watched, ramp: PowerRamp, rated_power_w: float, requirement: Requirement
) -> Plot:
    """Return what to draw of a soft ramp: connection, arrival, and the line from one to the other."""
    connected_s = ramp.connection.best_s - watched.origin_s
    marks = [
        Mark("connected", connected_s),
        Mark("90 % of rated power", ramp.nearly_full.best_s - watched.origin_s),
    ]
    limit, *_ = ramp_limits(requirement)
    begins_pct = min(
        _percent(reading, rated_power_w)
        for reading in watched.readings
        if reading.end_s >= ramp.connection.best_s
    )
    required = _fan(
        (connected_s, begins_pct),
        _end_s(watched),
        requirement.number("rate"),
        limit,
    )
    panels = [PlotPanel("voltage"), PlotPanel("active_power", rated_power_w, required)]
    return Plot(requirement.title, marks, [], [], panels=panels)


def rise_plot(watched: Watched, rated_power_w: float, requirement: Requirement) -> Plot:
    """Return what to draw of the power that follows the sun: the part that is measured, and its ceiling."""
    powers = [_percent(reading, rated_power_w) for reading in watched.readings]
    low, height = powers[0], max(powers) - powers[0]
    times_s = [reading.end_s - watched.origin_s for reading in watched.readings]
    places = [
        next(k for k, power in enumerate(powers) if power >= low + share * height)
        for share in (FROM_PU, TO_PU)
    ]
    names = (f"{share:.0%} of the rise".replace("%", " %") for share in (FROM_PU, TO_PU))
    marks = [Mark(name, times_s[place]) for name, place in zip(names, places, strict=True)]
    begin = (times_s[places[0]], powers[places[0]])
    required = _fan(begin, _end_s(watched), requirement.number("rate_max"), rise_limit(requirement))
    panels = [PlotPanel("active_power", rated_power_w, required), PlotPanel("current")]
    return Plot(requirement.title, marks, [], [], panels=panels)


def _fan(begin: tuple[float, float], end_s: float, rate: float, limit: Limit) -> list[Required]:
    """Return lines from one point to full power, at a rate and at the limits of the rate, in % per minute."""
    begin_s, begin_pct = begin
    low, high = (None if edge is None else float(edge) for edge in (limit.lower, limit.upper))

    def at(time_s: float, rate: float) -> float:
        return min(WHOLE_PCT, begin_pct + rate / SECONDS_PER_MINUTE * (time_s - begin_s))

    full_s = [
        begin_s + (WHOLE_PCT - begin_pct) / one * SECONDS_PER_MINUTE
        for one in (low, rate, high)
        if one is not None
    ]
    return [
        Required(
            time_s,
            (at(time_s, rate), at(time_s, rate)),
            None if low is None else at(time_s, low),
            None if high is None else at(time_s, high),
        )
        for time_s in _until(end_s, [begin_s, *full_s])
    ]


def _until(end_s: float, times_s: Iterable[float]) -> list[float]:
    return [*sorted(time_s for time_s in times_s if time_s < end_s), end_s]


def _percent(reading: Reading, rated_power_w: float) -> float:
    return 100 * reading.active_power_w / rated_power_w


def _end_s(watched: Watched) -> float:
    return watched.readings[-1].end_s - watched.origin_s
