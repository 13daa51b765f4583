"""At which value an inverter trips, and that it does not trip where it must not."""

from __future__ import annotations

from collections.abc import Callable

from bench.grid_code.profile import Requirement
from bench.grid_code.withstand_limits import connected_limit, trip_value_limit
from bench.manoeuvres.watching import judge_readings, show, watch
from bench.metering.connection import measure_connected_time
from bench.metering.trip_value import measure_trip_value
from bench.plots.withstand import excursion_plot, stairs_plot
from bench.programs.stimulus import PHASE_SETS
from bench.programs.trip_programs import Excursion, Stairs, is_voltage
from bench.trials.trial import Trial
from bench.trials.watching import disconnected
from instruments.interfaces import Reading


def judge_trip_value(trial: Trial, requirement: Requirement, phases: str, stairs: Stairs) -> None:
    """Climb towards the threshold and judge at which level the inverter trips."""
    watched = watch(trial, stairs.stimulus, stairs.window_s, disconnected(trial.current_floor_a))
    of_voltage, over = is_voltage(requirement), requirement.direction == "over"
    result = measure_trip_value(
        watched.readings,
        stimulus_of(requirement, phases),
        measurand="trip voltage" if of_voltage else "trip frequency",
        over=over,
        first=stairs.levels[0],
        step=requirement.number("resolution"),
        looked_up_s=stairs.looked_up_s,
        level=trial.budget("voltage" if of_voltage else "frequency"),
        current_floor_a=trial.current_floor_a,
    )
    limit = trip_value_limit(requirement, phases if of_voltage else "the frequency")
    show(trial, watched, stairs_plot(watched, result, limit, requirement))
    judge_readings(trial, result.value, limit, watched)


def judge_ride_through(
    trial: Trial, requirement: Requirement, phases: str, excursion: Excursion
) -> None:
    """Watch an inverter that must stay connected, and judge for how long it did."""
    enough = disconnected(trial.current_floor_a)
    watched = watch(trial, excursion.stimulus, excursion.window_s, enough)
    nominal = excursion.stimulus.steps[0]
    of_voltage = is_voltage(requirement)
    at_nominal = nominal.voltages_v[0] if of_voltage else nominal.frequency_hz
    halfway = 0.5 * (excursion.levels[0] - at_nominal)
    level_of = stimulus_of(requirement, phases)
    start, connected = measure_connected_time(
        watched.readings,
        lambda reading: (level_of(reading) - at_nominal) / halfway > 1.0,
        current_floor_a=trial.current_floor_a,
        clock_ppm=watched.clock_ppm,
    )
    basis = "delay" if "delay" in requirement else "disconnection_max"
    limit = connected_limit(requirement, basis, excursion.connected_s, excursion.words)
    show(trial, watched, excursion_plot(watched, start, connected, requirement))
    judge_readings(trial, connected, limit, watched)


def stimulus_of(requirement: Requirement, phases: str) -> Callable[[Reading], float]:
    """Return what of a reading the function under test looks at: of several phases the farthest out."""
    if not is_voltage(requirement):
        return lambda reading: reading.frequency_hz
    farthest = max if requirement.direction == "over" else min
    return lambda reading: farthest(reading.voltages_v[k] for k in PHASE_SETS[phases])
