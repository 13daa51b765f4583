"""From a staircase and its readings to what is judged of an inverter that should follow it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bench.budgets import QuantityBudget, power_conditions, scaled, unity_power_factor
from bench.grid_code.expectations import ResponseKind
from bench.grid_code.limits import release_judgements, response_judgements
from bench.grid_code.profile import Requirement
from bench.grid_code.required_curves import RequiredCurve
from bench.metering.plateaus import Plateau, find_plateaus
from bench.metering.release import (
    RATE_OVER_S,
    SECONDS_PER_MINUTE,
    Release,
    measure_release,
)
from bench.metering.response import Response, ResponseRules, StepResponse, measure_response, steady
from bench.verdicts.uncertainty import BudgetLine
from bench.verdicts.verdict import Limit, Measurement
from instruments.interfaces import Reading, Stimulus

PER_CENT = 0.01
REACTIVE = "reactive_power"
STIMULUS_QUANTITIES = {"V": "voltage", "Hz": "frequency"}
"""Unit of the stimulus → what the analyser reads of it."""


@dataclass(frozen=True)
class MeteringLimits:
    """What the analyser can tell, and the inverter's rating.

    Attributes:
        budget: quantity → its uncertainty budget.
    """

    budget: Callable[[str], QuantityBudget]
    clock_ppm: float
    rated_va: float


@dataclass(frozen=True)
class Followed:
    """How an inverter followed a staircase.

    Attributes:
        unit: of the stimulus.
        what: the power that follows.
        quantity: the same as a plot calls it.
        rated_va: what is 100 % of it.
        curve: that it has to follow.
        release: of a latched response, otherwise None.
        judgements: each measurement that decides, with its limit.
    """

    unit: str
    what: str
    quantity: str
    rated_va: float
    curve: RequiredCurve
    response: Response
    release: Release | None
    judgements: tuple[tuple[Measurement, Limit], ...]

    def table(self) -> Iterator[str]:
        """Yield one line per level: stimulus, response, what was expected, times."""
        yield (
            f"granted to the inverter's own measurement: {self.response.sensing_error:+.3f} {self.unit}"
        )
        for number, step in enumerate(self.response.steps, 1):
            yield f"level {number}: {_line(step, self.unit)}"


def follow(
    stimulus: Stimulus,
    readings: Sequence[Reading],
    kind: ResponseKind,
    requirement: Requirement,
    instrument: MeteringLimits,
) -> Followed:
    """Measure a response.

    Raises:
        RecordingError: the readings do not show the staircase.
    """
    levels = [kind.level(step) for step in stimulus.steps]
    plateaus = find_plateaus(readings, kind.stimulus, levels)
    latched, released = (plateaus[:-1], plateaus[-1:]) if kind.latched else (plateaus, [])
    rules = _rules(kind, requirement, instrument)
    rated_va = instrument.rated_va

    def share(reading: Reading) -> float:
        return kind.watts(reading) / rated_va

    expected = kind.expectation(requirement, latched, rated_va)
    response = measure_response(latched, share, expected, rules)
    judgements = response_judgements(requirement, response)
    release = None
    for plateau in released:
        rate_max = requirement.number("return_rate_max")
        release = measure_release(latched[-1], plateau, share, rate_max, rules)
        judgements += release_judgements(requirement, release)
    return Followed(
        unit=kind.unit,
        what=kind.what,
        quantity=kind.quantity,
        rated_va=rated_va,
        curve=kind.curve(requirement, steady(latched[0], share)),
        response=response,
        release=release,
        judgements=tuple(judgements),
    )


def _rules(
    kind: ResponseKind,
    requirement: Requirement,
    instrument: MeteringLimits,
) -> ResponseRules:
    return ResponseRules(
        tolerance_pu=PER_CENT * requirement.number("tolerance"),
        commence_share=PER_CENT * requirement.number("commence_share"),
        sensing_error=kind.sensing_error(requirement),
        clock_ppm=instrument.clock_ppm,
        level_lines=lambda plateau: level_lines(
            kind, requirement, instrument, level_of(plateau, instrument.rated_va)
        ),
        rise_lines=rise_lines(requirement, instrument),
    )


@dataclass(frozen=True)
class Level:
    """What the analyser reads on one level of a staircase.

    Attributes:
        stimulus: in V or Hz.
        active, reactive: shares of the rated apparent power.
    """

    stimulus: float
    active: float
    reactive: float


def level_of(plateau: Plateau, rated_va: float) -> Level:
    """Return what was read over the end of a plateau."""
    return Level(
        plateau.level,
        steady(plateau, lambda reading: reading.active_power_w / rated_va),
        steady(plateau, lambda reading: reading.reactive_power_var / rated_va),
    )


def level_lines(
    kind: ResponseKind, requirement: Requirement, instrument: MeteringLimits, level: Level
) -> tuple[BudgetLine, ...]:
    """Return what the analyser adds to the budget of a deviation from the curve, in % of the rating.

    An error of the stimulus counts by the steepest slope of the curve.
    """
    stimulus = instrument.budget(STIMULUS_QUANTITIES[kind.unit]).lines(level.stimulus)
    named = [replace(line, source=f"{line.source}, stimulus") for line in stimulus]
    return (
        *power_lines(kind.quantity, instrument, level),
        *scaled(named, 100 * kind.slope_pu(requirement)),
    )


def power_lines(quantity: str, instrument: MeteringLimits, level: Level) -> tuple[BudgetLine, ...]:
    """Return the budget of a power on one level, in % of the rating.

    Args:
        quantity: "active_power" or "reactive_power".
    """
    rated_va = instrument.rated_va
    active_w, reactive_var = rated_va * level.active, rated_va * level.reactive
    lines = instrument.budget(quantity).lines(
        reactive_var if quantity == REACTIVE else active_w,
        **power_conditions(active_w, reactive_var),
    )
    return scaled(lines, 100 / rated_va)


def rise_lines(requirement: Requirement, instrument: MeteringLimits) -> tuple[BudgetLine, ...]:
    """Return what the analyser adds to the budget of a rise at the permitted rate, in % of the rating."""
    if "return_rate_max" not in requirement:
        return ()
    rise_pct = requirement.number("return_rate_max") * RATE_OVER_S / SECONDS_PER_MINUTE
    rated_va = instrument.rated_va
    before_va = rated_va * (1 - PER_CENT * rise_pct)
    conditions = unity_power_factor(rated_va)
    lines = instrument.budget("active_power").difference(rated_va, before_va, **conditions)
    return scaled(lines, 100 / rated_va)


def _line(step: StepResponse, unit: str) -> str:
    low, high = (100 * edge for edge in step.expected)
    began = step.plateau.began
    judged = (
        ("commenced", step.commenced, step.timed and step.begins),
        ("completed", step.completed, step.timed),
    )
    times = [
        f"{name} after {instant.best_s - began.best_s:.2f} s" if instant else f"not {name}"
        for name, instant, is_judged in judged
        if is_judged
    ]
    expected = f"{low:.2f} %" if high - low < 0.005 else f"{low:.2f} … {high:.2f} %"
    return "; ".join(
        [f"{step.plateau.level:.2f} {unit}, {100 * step.steady:.2f} %, expected {expected}", *times]
    )
