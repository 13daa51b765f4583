"""The demand response port: a mode is asserted and released, and the inverter is watched meanwhile."""

from __future__ import annotations

from dataclasses import replace

from bench.grid_code.limits import demanded_limit
from bench.grid_code.profile import Requirement
from bench.manoeuvres.commanding import charge, commanding
from bench.manoeuvres.grid_loss import until_connected
from bench.metering.demand_response import (
    measure_demanded_disconnection,
    measure_demanded_level,
    measure_demanded_reconnection,
)
from bench.metering.instant import Instant
from bench.plots.responses import demanded_plot
from bench.programs.courses import DEMAND_WATCHED_S
from bench.programs.stimulus import watched_s
from bench.trials.trial import NotTested, Trial
from bench.trials.trial_evidence import Mark, Plot
from bench.trials.watching import Watched
from instruments.clock import Deadline
from instruments.interfaces import INVERTER_CHANNELS, ControlMode, Reading, Recording

WINDOW_S = 0.4
USUAL_WINDOW_S = 0.1
STEADY_READINGS = 10
VIEW_AFTER_S = 0.3


def judge_disconnection(trial: Trial, requirement: Requirement) -> None:
    """Assert DRM 0 and judge how long the inverter takes to disconnect.

    Raises:
        NotTested: it did not, so that its reconnection says nothing.
    """
    latest_s = requirement.number("response_max")
    recording, asserted = _recorded(trial, 0, watched_s(latest_s, trial.method))
    time, gone = measure_demanded_disconnection(
        recording,
        INVERTER_CHANNELS[3:],
        asserted,
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
        current_floor_a=trial.current_floor_a,
        clock_ppm=trial.clock_ppm,
    )
    marks = [Mark("DRM 0", asserted.best_s)]
    marks += [Mark("disconnected", gone.best_s)] if gone else []
    limit = Mark("not after", asserted.best_s + latest_s)
    plot = Plot(requirement.title, marks, [limit], levels=[])
    file = trial.file_of(recording)
    trial.evidence.plotted(file, plot)
    within = requirement.limit("time to disconnection", upper="response_max")
    trial.judge(trial.measured(time, file), within)
    if gone is None:
        raise NotTested(f"{requirement.id}: the inverter stayed connected in DRM 0")


def judge_reconnection(trial: Trial, requirement: Requirement) -> None:
    """Release DRM 0 and judge how long the inverter waits before it connects."""
    earliest_s = requirement.number("reconnection_min")
    recording, released = _recorded(trial, None, USUAL_WINDOW_S)
    released = released.shifted(recording.start_s)
    readings = list(until_connected(trial, earliest_s))
    time, connected = measure_demanded_reconnection(
        released, readings, current_floor_a=trial.current_floor_a, clock_ppm=trial.clock_ppm
    )
    origin_s = readings[0].end_s
    marks = [Mark("DRM 0 released", released.best_s - origin_s)]
    marks += [Mark("connected", connected.best_s - origin_s)] if connected else []
    limit = Mark("not before", released.best_s - origin_s + earliest_s)
    file = trial.evidence.readings(readings)
    trial.evidence.plotted(file, Plot(requirement.title, marks, [limit], levels=[]))
    allowed = requirement.limit("time to reconnection", lower="reconnection_min")
    largest = requirement.quantity("reconnection_uncertainty_max").value
    trial.judge(trial.measured(time, file), replace(allowed, max_uncertainty=largest))


def judge_level(trial: Trial, requirement: Requirement) -> None:
    """Assert a mode that limits generation and judge the power once it has had the time to respond."""
    _judge_power(trial, requirement, "generation", trial.rated_power_w, 1)


def judge_charging(trial: Trial, requirement: Requirement) -> None:
    """Assert a mode that limits consumption while the storage charges, and judge what is consumed."""
    rated_w = trial.station.inverter_file.storage_power_w
    with commanding(trial, ControlMode.ACTIVE_POWER) as controls:
        charge(trial, controls)
        _judge_power(trial, requirement, "consumption", rated_w, -1)


def _judge_power(
    trial: Trial, requirement: Requirement, what: str, rated_w: float, sign: int
) -> None:
    response_s = requirement.number("response_max")
    trial.station.analyser.set_averaging(WINDOW_S)
    try:
        readings = _readings(trial, DEMAND_WATCHED_S / 4)
        asserted_s = readings[-1].end_s
        trial.station.demand_response.assert_mode(round(requirement.number("mode")))
        readings += _readings(trial, response_s + DEMAND_WATCHED_S / 2)
    finally:
        trial.station.analyser.set_averaging(USUAL_WINDOW_S)
    level = measure_demanded_level(
        readings[-STEADY_READINGS:],
        rated_power_w=rated_w,
        power=trial.budget("active_power"),
        sign=sign,
    )
    limit = demanded_limit(requirement, what)
    file = trial.evidence.readings(readings)
    watched = Watched(readings, file, trial.clock_ppm)
    plot = demanded_plot(watched, asserted_s, what, rated_w, requirement)
    trial.evidence.plotted(file, plot)
    trial.judge(trial.measured(level, file), limit)


def release(trial: Trial) -> None:
    """Open every contact of the port."""
    trial.station.demand_response.assert_mode(None)


def _recorded(trial: Trial, mode: int | None, after_s: float) -> tuple[Recording, Instant]:
    """Record while a mode is asserted or released; return when its contact moved."""
    times_s: list[float] = []

    def act() -> None:
        times_s.append(trial.station.clock.now_s())
        trial.station.demand_response.assert_mode(mode)
        times_s.append(trial.station.clock.now_s())

    recording = trial.record(after_s, act)
    return recording, trial.host_bracket(recording, times_s[0], times_s[1])


def _readings(trial: Trial, duration_s: float) -> list[Reading]:
    clock = trial.station.clock
    deadline = Deadline.after(clock, duration_s)
    readings = [trial.station.analyser.read()]
    while not deadline.passed:
        clock.sleep(WINDOW_S)
        readings.append(trial.station.analyser.read())
    return readings
