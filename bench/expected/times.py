"""Expected budgets of times and trip values: trips, withstand, islands, connections, demand response."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench.expected.bench import Bench, Judged, WorkOut, between_readings, every, recorded
from bench.grid_code.limits import sustained_limits, trip_limits, undisturbed_limit
from bench.grid_code.profile import Requirement
from bench.grid_code.withstand_limits import connected_limit, resume_limit, trip_value_limit
from bench.metering.resumption import WINDOW_CYCLES
from bench.programs.stimulus import sustained_rise, undisturbed_s
from bench.programs.trip_programs import is_voltage, ride_through
from bench.programs.withstand_programs import frequency_ramps, phase_jump, voltage_sequence
from bench.trials.watching import MEAN_WINDOW_S
from bench.verdicts.uncertainty import BudgetLine, rectangular, resolution
from bench.verdicts.verdict import Limit

FREQUENCY_START_SAMPLES = 6.0
ISLAND_START_SAMPLES = 10.0
RAMP_START_CYCLES = 2.0
WINDOW_BRACKETS_S = (0.2, 0.3)
CONNECTION_BRACKET_S = 0.1
CONTACT_BRACKET_S = 0.025
READ_WINDOW_S = 0.1
STAY_WINDOW_S = 0.5
CONNECTED, RESUMED, TRIPPED = "connected through …", "resumption after …", "trip value of …"


def trip(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the times of a trip, the trip value, and the time connected through what must not trip it."""
    sample_s = 1 / bench.method.sample_rate_hz
    start_s = None if is_voltage(requirement) else FREQUENCY_START_SAMPLES * sample_s
    for limit in trip_limits(requirement):
        yield limit, recorded(requirement.number("disconnection_max"), bench, start_s=start_s)
    yield _trip_value(requirement, bench)
    excursion = ride_through(requirement, "all", bench.method)
    basis = "delay" if "delay" in requirement else "disconnection_max"
    limit = _connected(requirement, basis, excursion.connected_s)
    yield limit, between_readings(excursion.connected_s, (excursion.window_s,), bench)


def _trip_value(requirement: Requirement, bench: Bench) -> Judged:
    step = requirement.quantity("resolution")
    between = BudgetLine(
        "level held to level of the trip", resolution(float(step.value)), step.unit
    )
    budget = bench.instrument.budget("voltage" if is_voltage(requirement) else "frequency")
    limit = every(TRIPPED, trip_value_limit(requirement, ""))
    return limit, (between, *budget.lines(requirement.number("threshold")))


def anti_islanding(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the run-on time far from balance, where the current through the contactor ends clearly."""
    limit = requirement.limit("run-on time", upper="run_on_max")
    yield limit, recorded(requirement.number("run_on_max"), bench)


def islanding(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the longest run-on time near balance, where little current ends or a voltage begins to drift."""
    start_s = ISLAND_START_SAMPLES / bench.method.sample_rate_hz
    limit = requirement.limit("longest run-on time", upper="run_on_max")
    yield limit, recorded(requirement.number("run_on_max"), bench, start_s=start_s)


def observation(quantity: str, brackets_s: tuple[float, ...]) -> WorkOut:
    """Return how the budget of an observation time is worked out."""

    def work_out(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
        limit = requirement.limit(quantity, lower="observation_min")
        yield limit, between_readings(requirement.number("observation_min"), brackets_s, bench)

    return work_out


def sustained(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the time generation goes on after an excursion, and the mean voltages around its end."""
    undisturbed = undisturbed_s(requirement)
    went_on = undisturbed_limit(requirement, undisturbed)
    yield went_on, between_readings(undisturbed, (MEAN_WINDOW_S,), bench)
    rise = sustained_rise(requirement, "all", bench.method).steps[-1]
    high_v = max(rise.voltages_v)
    moved_v = (high_v - bench.method.nominal_voltage_v) / requirement.number("averaging")
    moved_v *= MEAN_WINDOW_S
    bracket = BudgetLine("end of generation, bracket of readings", rectangular(moved_v), "V")
    for limit in sustained_limits(requirement):
        yield limit, (*bench.instrument.budget("voltage").lines(high_v), bracket)


def stay(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the time connected near the limits of the frequency."""
    limit = requirement.limit("time connected", lower="hold")
    yield limit, between_readings(requirement.number("hold"), (STAY_WINDOW_S,), bench)


def voltage_withstand(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the resumption after dips and swells, and the time connected through them."""
    connected_s = voltage_sequence(requirement, "all", bench.method).connected_s
    yield _resumption(requirement, bench)
    yield _connected(requirement, "resume_max", connected_s), recorded(connected_s, bench)


def phase_jump_withstand(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the resumption after jumps, and the time connected through them."""
    connected_s = phase_jump(requirement, "all", bench.method).connected_s
    yield _resumption(requirement, bench)
    yield _connected(requirement, "resume_max", connected_s), recorded(connected_s, bench)


def frequency_ramp_withstand(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the time connected through ramps; where one begins shows over cycles."""
    connected_s = frequency_ramps(requirement, bench.method).connected_s
    start_s = RAMP_START_CYCLES / bench.method.nominal_frequency_hz
    limit = _connected(requirement, "duration", connected_s)
    yield limit, recorded(connected_s, bench, start_s=start_s)


def demanded_disconnection(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the times from a contact of the demand response port to disconnection and to connection."""
    response_s, wait_s = map(requirement.number, ("response_max", "reconnection_min"))
    gone = requirement.limit("time to disconnection", upper="response_max")
    yield gone, recorded(response_s, bench, start_s=CONTACT_BRACKET_S)
    back = requirement.limit("time to reconnection", lower="reconnection_min")
    largest = requirement.quantity("reconnection_uncertainty_max").value
    brackets_s = (CONTACT_BRACKET_S, CONNECTION_BRACKET_S, READ_WINDOW_S / 2)
    yield replace(back, max_uncertainty=largest), between_readings(wait_s, brackets_s, bench)


def _resumption(requirement: Requirement, bench: Bench) -> Judged:
    """Return the budget of a return of generation after a pause: it shows over a part of a cycle."""
    window_s = WINDOW_CYCLES / bench.method.nominal_frequency_hz
    end_s = 0.5 * (window_s + 1 / bench.method.sample_rate_hz)
    limit = every(RESUMED, resume_limit(requirement, ""))
    return limit, recorded(requirement.number("resume_max"), bench, end_s=end_s)


def _connected(requirement: Requirement, basis: str, connected_s: float) -> Limit:
    return every(CONNECTED, connected_limit(requirement, basis, connected_s, ""))
