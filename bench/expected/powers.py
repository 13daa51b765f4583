"""Expected budgets of powers: responses to voltage and frequency, set-points, demanded levels, ramps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import acos, sqrt, tan

from bench.budgets import power_conditions, scaled, unity_power_factor
from bench.expected.bench import Bench, Judged, WorkOut, between_readings
from bench.grid_code.curves import curve_of
from bench.grid_code.expectations import VOLT_VAR, VOLT_WATT, ResponseKind
from bench.grid_code.limits import (
    demanded_limit,
    ramp_limits,
    release_limits,
    response_limits,
    rise_limit,
    set_point_limits,
)
from bench.grid_code.profile import Requirement
from bench.grid_code.storage_responses import charging_volt_watt, over_frequency, under_frequency
from bench.metering.power_ramp import FROM_PU, TO_PU
from bench.metering.release import RATE_OVER_S, SECONDS_PER_MINUTE
from bench.programs.set_points import OperatingPoint, limits_of, operating_points
from bench.trials.following import Level, level_lines, power_lines, rise_lines
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular

STAIRCASE_BRACKET_S = 0.2
"""Half of what lies between two readings when one comes a window late, and of that window."""
RELEASE_BRACKET_S = 0.5
COMMAND_BRACKETS_S = (0.4, 0.7)
RAMP_WINDOW_S = 1.0


def response(
    kind_of: Callable[[Bench], ResponseKind], levels: Callable[[Requirement, Bench], list[Level]]
) -> WorkOut:
    """Return how the budgets of a response to voltage or frequency are worked out."""

    def work_out(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
        kind, instrument = kind_of(bench), bench.instrument
        deviation, commencement, completion = response_limits(requirement)
        budgets = (
            level_lines(kind, requirement, instrument, level)
            for level in levels(requirement, bench)
        )
        yield deviation, max(budgets, key=lambda lines: combine(lines).expanded)
        times = {"commence_max": commencement, "complete_max": completion}
        for quantity, limit in times.items():
            brackets_s = (STAIRCASE_BRACKET_S,) * 2
            yield limit, between_readings(requirement.number(quantity), brackets_s, bench)
        if kind.latched:
            yield from _release(requirement, bench)

    return work_out


def _release(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    brackets_s = (STAIRCASE_BRACKET_S, RELEASE_BRACKET_S)
    dwell, rate = release_limits(requirement)
    yield dwell, between_readings(requirement.number("dwell"), brackets_s, bench)
    per_minute = SECONDS_PER_MINUTE / RATE_OVER_S
    yield rate, scaled(rise_lines(requirement, bench.instrument), per_minute)


def _voltage_levels(requirement: Requirement, _bench: Bench) -> list[Level]:
    curve = curve_of(requirement, "voltages", "powers")
    return [Level(voltage_v, share, 0.0) for voltage_v, share in curve.points]


def _charging_levels(requirement: Requirement, bench: Bench) -> list[Level]:
    curve = curve_of(requirement, "voltages", "powers")
    return [Level(voltage_v, -bench.storage_pu * share, 0.0) for voltage_v, share in curve.points]


def _reactive_levels(requirement: Requirement, _bench: Bench) -> list[Level]:
    """Return the corners of the curve at the rated apparent power, and where nothing is reactive."""
    curve = curve_of(requirement, "voltages", "powers")
    return [Level(voltage_v, sqrt(1 - share**2), share) for voltage_v, share in curve.points]


def _frequency_levels(requirement: Requirement, _bench: Bench) -> list[Level]:
    return [Level(requirement.number("start"), 1.0, 0.0)]


def _under_frequency_levels(requirement: Requirement, bench: Bench) -> list[Level]:
    return [
        Level(requirement.number("start"), -bench.storage_pu, 0.0),
        Level(requirement.number("stop"), 1.0, 0.0),
    ]


volt_watt = response(lambda _: VOLT_WATT, _voltage_levels)
volt_var = response(lambda _: VOLT_VAR, _reactive_levels)
frequency_watt = response(lambda bench: over_frequency(bench.storage_pu), _frequency_levels)
volt_watt_charging = response(lambda bench: charging_volt_watt(bench.storage_pu), _charging_levels)
frequency_watt_storage = response(
    lambda bench: under_frequency(bench.storage_pu, 1.0), _under_frequency_levels
)


def set_points(quantity: str, levels: Callable[[Requirement, Bench], list[Level]]) -> WorkOut:
    """Return how the budgets of commanded set-points are worked out.

    Args:
        quantity: "active_power" or "reactive_power": the power that is judged.
    """

    def work_out(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
        deviation, completion = set_point_limits(requirement)
        budgets = (
            power_lines(quantity, bench.instrument, level) for level in levels(requirement, bench)
        )
        yield deviation, max(budgets, key=lambda lines: combine(lines).expanded)
        longest_s = float(completion.upper or 0)
        yield completion, between_readings(longest_s, COMMAND_BRACKETS_S, bench)

    return work_out


def _factor_levels(requirement: Requirement, bench: Bench) -> list[Level]:
    def level(point: OperatingPoint) -> Level:
        active = min(point.power_pu, abs(point.value))
        return Level(bench.method.nominal_voltage_v, active, active * tan(acos(abs(point.value))))

    return [level(point) for point in operating_points(requirement, "factors")]


def _fixed_reactive_levels(requirement: Requirement, bench: Bench) -> list[Level]:
    def level(point: OperatingPoint) -> Level:
        active = min(point.power_pu, sqrt(1 - point.value**2))
        return Level(bench.method.nominal_voltage_v, active, point.value)

    return [level(point) for point in operating_points(requirement, "reactive")]


def _limited_levels(requirement: Requirement, bench: Bench) -> list[Level]:
    return [Level(bench.method.nominal_voltage_v, limit, 0.0) for limit in limits_of(requirement)]


power_factor = set_points("reactive_power", _factor_levels)
reactive_power = set_points("reactive_power", _fixed_reactive_levels)
generation_limit = set_points("active_power", _limited_levels)


def demanded_generation(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the power in a demand response mode that limits generation."""
    return _demanded(requirement, "generation", bench.instrument.rated_va, bench)


def demanded_consumption(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the power in a demand response mode that limits consumption."""
    return _demanded(requirement, "consumption", bench.inverter.storage_power_w, bench)


def _demanded(
    requirement: Requirement, what: str, rated_w: float, bench: Bench
) -> Iterator[Judged]:
    power_w = requirement.number(f"{what}_max") / 100 * rated_w
    lines = bench.instrument.budget("active_power").lines(power_w, **power_conditions(power_w, 0.0))
    yield demanded_limit(requirement, what), scaled(lines, 100 / rated_w)


def ramp(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield rate, straightness and largest jump of a rise from nothing to full power."""
    rated_va, power = bench.instrument.rated_va, bench.instrument.budget("active_power")
    unity, rate = unity_power_factor(rated_va), requirement.number("rate")
    of_rate, of_line, of_jump = ramp_limits(requirement)
    yield of_rate, _rate(rate, FROM_PU, TO_PU, bench)
    yield of_line, scaled(power.lines(TO_PU * rated_va, **unity), 100 / rated_va)
    levels = scaled(power.difference(rated_va, rated_va, **unity), 100 / rated_va)
    by_ramp_pct = rectangular(rate * RAMP_WINDOW_S / SECONDS_PER_MINUTE / 2)
    yield of_jump, (*levels, BudgetLine("ramp within the windows", by_ramp_pct, "%"))


def rise(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the rate of a rise with the sun, from what it left to full power."""
    low_pu = requirement.number("irradiance_low") / 100
    begin_pu, end_pu = (low_pu + share * (1 - low_pu) for share in (FROM_PU, TO_PU))
    rate = requirement.number("rate_max")
    yield rise_limit(requirement), _rate(rate, begin_pu, end_pu, bench)


def _rate(rate: float, begin_pu: float, end_pu: float, bench: Bench) -> tuple[BudgetLine, ...]:
    instrument = bench.instrument
    rated_va = instrument.rated_va
    rise_w = instrument.budget("active_power").difference(
        end_pu * rated_va, begin_pu * rated_va, **unity_power_factor(rated_va)
    )
    clock = rectangular(instrument.clock_ppm * 1e-6 * rate)
    return (
        *scaled(rise_w, rate / (rated_va * (end_pu - begin_pu))),
        BudgetLine("analyser clock", clock, "%/min"),
    )
