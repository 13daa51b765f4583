"""The budget each judged quantity will have when the inverter complies, worked out before the run. Pure.

What the method adds is what it adds on a quiet bench: brackets of a few samples or of one averaging window. A
scatter of readings is not foreseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt

from bench.budgets import scaled, unity_power_factor
from bench.curves import curve_of
from bench.expectations import OVER_FREQUENCY, VOLT_VAR, VOLT_WATT, ResponseKind
from bench.following import Level, MeteringLimits, level_lines, rise_lines
from bench.limits import (
    ramp_limits,
    release_limits,
    response_limits,
    sustained_limits,
    trip_limits,
    undisturbed_limit,
)
from bench.metering.power_ramp import FROM_PU, TO_PU
from bench.metering.release import RATE_OVER_S, SECONDS_PER_MINUTE
from bench.profile import Requirement, TestMethod
from bench.stimulus import sustained_rise, undisturbed_s
from bench.uncertainty import BudgetLine, combine, rectangular, resolution
from bench.verdict import Limit

START_SAMPLES = 3.0
FREQUENCY_START_SAMPLES = 6.0
END_SAMPLES = 1.0
CONNECTION_BRACKET_S = 0.1
WINDOW_BRACKETS_S = (0.2, 0.3)
STAIRCASE_BRACKET_S = 0.16
RELEASE_BRACKET_S = 0.5
MEAN_WINDOW_S = 2.0


@dataclass(frozen=True)
class Bench:
    """What a budget is worked out from: how the bench tests, and what its analyser can tell."""

    method: TestMethod
    instrument: MeteringLimits


Judged = tuple[Limit, tuple[BudgetLine, ...]]
"""A limit, and the budget of what will be held against it."""


def expected_budgets(requirement: Requirement, bench: Bench) -> list[Judged] | None:
    """Return what will be judged of a requirement; None when that is not worked out for its kind.

    Raises:
        ConfigurationError: the station states no uncertainty for something that is measured.
    """
    work_out = KINDS.get(requirement.kind)
    return None if work_out is None else list(work_out(requirement, bench))


def _trip(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    longest_s = requirement.number("disconnection_max")
    of_frequency = requirement.kind == "frequency_trip"
    start_samples = FREQUENCY_START_SAMPLES if of_frequency else START_SAMPLES
    for limit in trip_limits(requirement):
        yield limit, _recorded(longest_s, start_samples, bench)


def _anti_islanding(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    limit = requirement.limit("run-on time", upper="run_on_max")
    yield limit, _recorded(requirement.number("run_on_max"), START_SAMPLES, bench)


def _observation(
    quantity: str, brackets_s: tuple[float, ...]
) -> Callable[[Requirement, Bench], Iterator[Judged]]:
    def work_out(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
        limit = requirement.limit(quantity, lower="observation_min")
        yield limit, _read(requirement.number("observation_min"), brackets_s, bench)

    return work_out


def _sustained(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    undisturbed = undisturbed_s(requirement)
    went_on = undisturbed_limit(requirement, undisturbed)
    yield went_on, _read(undisturbed, (MEAN_WINDOW_S,), bench)
    rise = sustained_rise(requirement, "all", bench.method).steps[-1]
    high_v = max(rise.voltages_v)
    moved_v = (high_v - bench.method.nominal_voltage_v) / requirement.number("averaging")
    moved_v *= MEAN_WINDOW_S
    bracket = BudgetLine("end of generation, bracket of readings", rectangular(moved_v), "V")
    for limit in sustained_limits(requirement):
        yield limit, (*bench.instrument.budget("voltage").lines(high_v), bracket)


def _ramp(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    instrument, rate = bench.instrument, requirement.number("rate")
    rated_va = instrument.rated_va
    unity, power = unity_power_factor(rated_va), instrument.budget("active_power")
    rise = power.difference(TO_PU * rated_va, FROM_PU * rated_va, **unity)
    clock = rectangular(instrument.clock_ppm * 1e-6 * rate)
    of_rate, of_line, of_jump = ramp_limits(requirement)
    yield (
        of_rate,
        (
            *scaled(rise, rate / (rated_va * (TO_PU - FROM_PU))),
            BudgetLine("analyser clock", clock, "%/min"),
        ),
    )
    yield of_line, scaled(power.lines(TO_PU * rated_va, **unity), 100 / rated_va)
    yield of_jump, scaled(power.difference(rated_va, rated_va, **unity), 100 / rated_va)


def _response(
    kind: ResponseKind, levels: Callable[[Requirement], list[Level]]
) -> Callable[[Requirement, Bench], Iterator[Judged]]:
    def work_out(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
        deviation, commencement, completion = response_limits(requirement)
        budgets = (
            level_lines(kind, requirement, bench.instrument, level) for level in levels(requirement)
        )
        yield deviation, max(budgets, key=lambda lines: combine(lines).expanded)
        times = {"commence_max": commencement, "complete_max": completion}
        for quantity, limit in times.items():
            longest_s = requirement.number(quantity)
            yield limit, _read(longest_s, (STAIRCASE_BRACKET_S,) * 2, bench)
        if kind.latched:
            yield from _release(requirement, bench)

    return work_out


def _release(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    brackets_s = (STAIRCASE_BRACKET_S, RELEASE_BRACKET_S)
    dwell, rate = release_limits(requirement)
    yield dwell, _read(requirement.number("dwell"), brackets_s, bench)
    per_minute = SECONDS_PER_MINUTE / RATE_OVER_S
    yield rate, scaled(rise_lines(requirement, bench.instrument), per_minute)


def _voltage_levels(requirement: Requirement) -> list[Level]:
    curve = curve_of(requirement, "voltages", "powers")
    return [Level(voltage_v, share, 0.0) for voltage_v, share in curve.points]


def _reactive_levels(requirement: Requirement) -> list[Level]:
    """Return the corners of the curve at the rated apparent power, and where nothing is reactive."""
    curve = curve_of(requirement, "voltages", "powers")
    return [Level(voltage_v, sqrt(1 - share**2), share) for voltage_v, share in curve.points]


def _frequency_levels(requirement: Requirement) -> list[Level]:
    return [Level(requirement.number("start"), 1.0, 0.0)]


def _recorded(duration_s: float, start_samples: float, bench: Bench) -> tuple[BudgetLine, ...]:
    """Return the budget of a time between two events in one record."""
    sample_s = 1 / bench.method.sample_rate_hz
    standard = {
        "start of the event, bracket in the record": rectangular(start_samples * sample_s),
        "end, bracket in the record": rectangular(END_SAMPLES * sample_s),
        "sample interval": resolution(sample_s),
        "recorder clock": rectangular(bench.instrument.clock_ppm * 1e-6 * duration_s),
    }
    return tuple(BudgetLine(source, value, "s") for source, value in standard.items())


def _read(duration_s: float, brackets_s: Iterable[float], bench: Bench) -> tuple[BudgetLine, ...]:
    """Return the budget of a time between two events seen by averaged readings."""
    clock_s = bench.instrument.clock_ppm * 1e-6 * duration_s
    return (
        *(BudgetLine("bracket of readings", rectangular(half_s), "s") for half_s in brackets_s),
        BudgetLine("analyser clock", rectangular(clock_s), "s"),
    )


KINDS: Mapping[str, Callable[[Requirement, Bench], Iterator[Judged]]] = {
    "voltage_trip": _trip,
    "frequency_trip": _trip,
    "anti_islanding": _anti_islanding,
    "reconnection": _observation("observation time", (CONNECTION_BRACKET_S,)),
    "reconnection_window": _observation("time inside the window", WINDOW_BRACKETS_S),
    "reconnection_restart": _observation("time inside the window", WINDOW_BRACKETS_S),
    "sustained_operation": _sustained,
    "volt_watt": _response(VOLT_WATT, _voltage_levels),
    "volt_var": _response(VOLT_VAR, _reactive_levels),
    "frequency_watt": _response(OVER_FREQUENCY, _frequency_levels),
    "power_rate_limit": _ramp,
}
"""Kind of requirement → how its budgets are worked out."""
