"""Expected budgets of export limits: times between a change and its effect, powers beside a limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bench.budgets import scaled, unity_power_factor
from bench.expected.bench import Bench, Judged, WorkOut, between_readings
from bench.export_limits.answers import answer_limit, start_limits
from bench.export_limits.case import FAMILIES, LOWER, REPORTED, TIME, UPPER
from bench.export_limits.conditions import scale_of
from bench.export_limits.measuring import (
    EXCESS,
    SHORTFALL,
    TO_COMPLY,
    power_limit,
    tolerance_w,
)
from bench.export_limits.special import (
    RATE,
    disconnection_limit,
    rate_limit,
    reported_limit,
    timer_limit,
)
from bench.grid_code.profile import Requirement
from bench.metering.power_ramp import FROM_PU, TO_PU
from bench.verdicts.uncertainty import BudgetLine, rectangular

COMMAND_BRACKET_S, MEAN_BRACKET_S, READING_BRACKET_S = 0.25, 0.6, 0.15
TIMER_BRACKETS_S = (0.25, 0.3)
START_BRACKETS_S = (0.8, 0.5)


def soft(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield time to comply, excess and shortfall, as far as the case judges them."""
    case = requirement.case
    assert case is not None
    rated_w = bench.instrument.rated_va
    judged = {word for step in case.steps for word in step.judged}
    tolerance = tolerance_w(requirement, rated_w)
    if TIME in judged:
        limit = requirement.limit(TO_COMPLY, upper="response_max")
        brackets_s = (COMMAND_BRACKET_S, MEAN_BRACKET_S)
        yield limit, between_readings(requirement.number("response_max"), brackets_s, bench)
    lines = _power_lines(scale_of(requirement, rated_w).limit_w, bench)
    if UPPER in judged:
        yield power_limit(requirement, EXCESS, tolerance), lines
    if REPORTED in judged:
        rated = _power_lines(rated_w, bench)
        yield reported_limit(requirement), scaled(rated, 100 / rated_w)
    if LOWER in judged:
        yield power_limit(requirement, SHORTFALL, tolerance), (*lines, *lines)


def hard(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield the time to disconnection."""
    limit = disconnection_limit(requirement)
    brackets_s = (COMMAND_BRACKET_S, READING_BRACKET_S)
    yield limit, between_readings(float(limit.upper or 0), brackets_s, bench)


def ramp(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield what is judged of any case, and the rate of the rise."""
    yield from soft(requirement, bench)
    rated_va, rate = bench.instrument.rated_va, requirement.number("gradient")
    rise = bench.instrument.budget("active_power").difference(
        TO_PU * rated_va, FROM_PU * rated_va, **unity_power_factor(rated_va)
    )
    clock = rectangular(bench.instrument.clock_ppm * 1e-6 * rate)
    lines = scaled(rise, rate / (rated_va * (TO_PU - FROM_PU)))
    yield rate_limit(requirement), (*lines, BudgetLine("analyser clock", clock, RATE))


def reversion(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield what is judged of any case, and the time until a limit reverts."""
    yield from soft(requirement, bench)
    limit = timer_limit(requirement)
    yield limit, between_readings(float(limit.upper or 0), TIMER_BRACKETS_S, bench)


def schedule(requirement: Requirement, bench: Bench) -> Iterator[Judged]:
    """Yield what is judged of any case, the answers of the client, and random starts."""
    yield from soft(requirement, bench)
    case = requirement.case
    assert case is not None
    if any(step.utility.answers for step in case.steps) and "answered_min" in requirement:
        yield answer_limit(requirement), (BudgetLine("count", 0.0, "%"),)
    window_s = max(step.utility.randomize_s for step in case.steps)
    if window_s:
        for limit in start_limits(requirement, float(window_s)):
            yield limit, between_readings(float(window_s), START_BRACKETS_S, bench)


def _power_lines(power_w: float, bench: Bench) -> tuple[BudgetLine, ...]:
    rated_va = bench.instrument.rated_va
    return bench.instrument.budget("active_power").lines(power_w, **unity_power_factor(rated_va))


KINDS: Mapping[str, WorkOut] = {
    **dict.fromkeys(FAMILIES, soft),
    "export_limit": soft,
    "export_limit_hard": hard,
    "generation_limit_hard": hard,
    "export_hard": hard,
    "export_ramp": ramp,
    "export_reversion": reversion,
    "export_schedule": schedule,
}
"""Kind of requirement → how its budgets are worked out."""
