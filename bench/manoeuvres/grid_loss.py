"""The grid goes, by the contactor or by a dip, and comes back."""

from __future__ import annotations

from collections.abc import Iterator

from bench.grid_code.profile import Requirement
from bench.metering import ClearingTime, find_voltage_return, measure_reconnection
from bench.plots.trips import reconnection_plot
from bench.programs.stimulus import disconnecting_dip, watched_s
from bench.trials.trial import NotTested, Trial
from bench.trials.watching import attentive
from bench.verdicts.verdict import Measurement
from instruments.clock import Deadline, wait_until
from instruments.errors import NotSettled
from instruments.interfaces import ALL_CHANNELS, INVERTER_CHANNELS, Reading, Recording

DEAD_BUS_V = 10.0
DEAD_BUS_TIMEOUT_S = 10.0
RECONNECT_SLACK_S = 60.0
CONNECTED_S = 1.0
QUICK_S = 0.05


def disconnect(trial: Trial) -> None:
    """Dip the voltage until the inverter has disconnected and would observe anew, and stay there.

    One that stays connected is disconnected by command: what is tested here comes afterwards.
    """
    trial.energise()
    station, dip = trial.station, disconnecting_dip(trial.method)
    station.source.set_levels(dip)
    station.clock.sleep(dip.hold_s)
    if max(station.analyser.read().currents_a) > trial.current_floor_a:
        trial.evidence.note(f"the inverter stayed connected at {dip.voltages_v[0]:g} V; commanded")
        station.inverter.permit_service(False)
        station.clock.sleep(dip.hold_s)
        station.inverter.permit_service(True)


def lose_grid(trial: Trial, run_on_max_s: float) -> Recording:
    """Record what the inverter does when the contactor opens under load."""
    trial.evidence.note("the grid contactor was opened under load")
    length_s = watched_s(run_on_max_s, trial.method)
    return trial.record(length_s, lambda: trial.station.contactor.switch(False), ALL_CHANNELS)


def require_disconnected(trial: Trial, clearing: ClearingTime, requirement: Requirement) -> None:
    """Make sure the island is dead before the grid comes back.

    Raises:
        NotTested: the inverter had to be stopped by command, so its reconnection says nothing.
    """
    if stop_island(trial, clearing):
        raise NotTested(
            f"{requirement.id}: the inverter fed the island until it was commanded to stop"
        )


def stop_island(trial: Trial, clearing: ClearingTime) -> bool:
    """Wait until the bus is dead, and tell whether the inverter had to be stopped by command for it.

    Raises:
        NotSettled: the bus stays alive.
    """
    commanded = clearing.cease_time.censored is not None
    if commanded:
        trial.station.inverter.permit_service(False)
    _wait_for_dead_bus(trial)
    if commanded:
        trial.station.inverter.permit_service(True)
    return commanded


def return_grid(trial: Trial, requirement: Requirement) -> Measurement:
    """Close the contactor and return how long the inverter observed the grid before connecting."""
    close = trial.record(watched_s(0.0, trial.method), lambda: trial.station.contactor.switch(True))
    returned = find_voltage_return(
        close, INVERTER_CHANNELS[:3], nominal_voltage_v=trial.method.nominal_voltage_v
    )
    readings = list(until_connected(trial, requirement.number("observation_min")))
    result = measure_reconnection(
        returned.shifted(close.start_s),
        readings,
        current_floor_a=trial.current_floor_a,
        clock_ppm=trial.clock_ppm,
    )
    file = trial.evidence.readings(readings)
    trial.evidence.plotted(file, reconnection_plot(result, readings[0].end_s, requirement))
    return trial.measured(result.waiting_time, file)


def until_connected(trial: Trial, observation_s: float) -> Iterator[Reading]:
    """Yield readings until the inverter has been connected for a second, or the time is up."""
    analyser, clock = trial.station.analyser, trial.station.clock
    pause, started_s = attentive([observation_s], QUICK_S), clock.now_s()
    deadline = Deadline.after(clock, observation_s + RECONNECT_SLACK_S)
    connected_s: float | None = None
    while not deadline.passed:
        reading = analyser.read()
        yield reading
        if max(reading.currents_a) > trial.current_floor_a:
            connected_s = reading.end_s if connected_s is None else connected_s
            if reading.end_s - connected_s >= CONNECTED_S:
                return
        clock.sleep(pause(clock.now_s() - started_s))


def _wait_for_dead_bus(trial: Trial) -> None:
    def is_dead() -> bool:
        return max(trial.station.analyser.read().voltages_v) < DEAD_BUS_V

    deadline = Deadline.after(trial.station.clock, DEAD_BUS_TIMEOUT_S)
    if not wait_until(is_dead, deadline, poll_s=0.5):
        raise NotSettled(
            f"the island is still alive {DEAD_BUS_TIMEOUT_S:g} s after the inverter stopped; "
            "the contactor stays open"
        )
