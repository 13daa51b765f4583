"""How each procedure goes when the inverter complies: what is applied, and for how long. Pure.

A procedure whose course is not described here is planned all the same; its duration is then not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.profile import GridCode, Requirement, TestMethod
from bench.staircases import over_frequency_staircase, volt_var_staircase, volt_watt_staircase
from bench.stimulus import (
    PRE_TRIGGER_S,
    blocked_program,
    disconnecting_dip,
    frequency_step,
    interrupted_program,
    nominal_step,
    sustained_rise,
    voltage_step,
    watched_s,
)
from instruments.interfaces import GridStep, Stimulus

CONNECTED_S = 1.0
"""How long the inverter is watched after it connected again."""


class Leaves(StrEnum):
    """In which state a trial leaves the inverter; the next one settles from there."""

    DISCONNECTED = "disconnected"
    CONNECTED = "connected, without power"
    AT_POWER = "at full power"


@dataclass(frozen=True)
class PlannedItem:
    """One trial as the collector names it, without what will happen in it."""

    name: str
    requirements: tuple[Requirement, ...]
    phases: str | None

    @classmethod
    def of(cls, name: str, parameters: Mapping[str, object]) -> PlannedItem:
        """Return what a collected test is.

        Args:
            name: of the test, with its parameters in brackets.
            parameters: by name.
        """
        rows = tuple(value for value in parameters.values() if isinstance(value, Requirement))
        phases = parameters.get("phases")
        return cls(name.removeprefix("test_"), rows, phases if isinstance(phases, str) else None)

    @property
    def procedure(self) -> str:
        """Name of the procedure: voltage_trip."""
        return self.name.partition("[")[0]


@dataclass(frozen=True)
class Stage:
    """One part of a trial.

    Attributes:
        steps: what the source applies; a stage that only waits on the nominal grid has none.
    """

    what: str
    duration_s: float
    steps: tuple[GridStep, ...] = ()


@dataclass(frozen=True)
class Course:
    """How a trial goes.

    Attributes:
        settles: whether it begins at full power.
    """

    stages: tuple[Stage, ...]
    leaves: Leaves
    settles: bool = True


def settling(grid_code: GridCode, state: Leaves) -> Stage:
    """Return the wait for full power: observation unless connected, then the ramp."""
    method = grid_code.method
    share = f"{method.settle_power_pu:.0%} of rated power"
    if state is Leaves.AT_POWER:
        return Stage(f"settle: still at {share}", 0.0, (nominal_step(method),))
    ramp_s = method.settle_power_pu * 60 / (grid_code.only("power_rate_limit").number("rate") / 100)
    observation_s = 0.0
    text = f"ramp to {share}"
    if state is Leaves.DISCONNECTED:
        observation_s = grid_code.only("reconnection").number("observation_min")
        text = f"{observation_s:g} s observation, {text}"
    wait_s = observation_s + ramp_s
    return Stage(f"settle: {text}", wait_s, (nominal_step(method, wait_s),))


def course_of(item: PlannedItem, grid_code: GridCode) -> Course | None:
    """Return how a trial goes after settling; None when its procedure is not described."""
    describe = COURSES.get(item.procedure)
    return describe(item, grid_code) if describe else None


def _voltage_trip(item: PlannedItem, grid_code: GridCode) -> Course:
    stimulus = voltage_step(item.requirements[0], item.phases or "all", grid_code.method)
    recorded_s = PRE_TRIGGER_S + stimulus.steps[-1].duration_s
    return Course((Stage(stimulus.name, recorded_s, stimulus.steps),), Leaves.DISCONNECTED)


def _anti_islanding(item: PlannedItem, grid_code: GridCode) -> Course:
    requirement, reconnection = item.requirements
    method, observation_s = grid_code.method, reconnection.number("observation_min")
    lost_s = PRE_TRIGGER_S + watched_s(requirement.number("run_on_max"), method)
    back_s = PRE_TRIGGER_S + observation_s + CONNECTED_S
    stages = (
        Stage("the contactor opens under load", lost_s),
        Stage(
            f"the contactor closes, {observation_s:g} s observation",
            back_s,
            (nominal_step(method, back_s),),
        ),
    )
    return Course(stages, Leaves.CONNECTED)


def _frequency_trip(item: PlannedItem, grid_code: GridCode) -> Course:
    stimulus = frequency_step(item.requirements[0], grid_code.method)
    recorded_s = PRE_TRIGGER_S + stimulus.steps[-1].duration_s
    return Course((Stage(stimulus.name, recorded_s, stimulus.steps),), Leaves.DISCONNECTED)


def _sustained_operation(item: PlannedItem, grid_code: GridCode) -> Course:
    """Generation ceases when the rolling mean of nominal voltage has risen to the limit."""
    requirement, method = item.requirements[0], grid_code.method
    stimulus = sustained_rise(requirement, item.phases or "all", method)
    *before, rise = stimulus.steps
    nominal_v, high_v = method.nominal_voltage_v, max(rise.voltages_v)
    share = (requirement.number("limit") - nominal_v) / (high_v - nominal_v)
    wait_s = _sum_s(before) + share * requirement.number("averaging")
    return Course((Stage(stimulus.name, wait_s, stimulus.steps),), Leaves.DISCONNECTED)


def _power_rate_limit(_: PlannedItem, grid_code: GridCode) -> Course:
    wait = settling(grid_code, Leaves.DISCONNECTED)
    return Course((_disconnection(grid_code), wait), Leaves.AT_POWER, settles=False)


def _reconnection(
    program: Callable[[Requirement, str, TestMethod], Stimulus],
) -> Callable[[PlannedItem, GridCode], Course]:
    def course(item: PlannedItem, grid_code: GridCode) -> Course:
        window = grid_code.only("reconnection")
        edge = item.name.rpartition("-")[2].rstrip("]")
        stimulus = program(window, edge, grid_code.method)
        wait_s = _sum_s(stimulus.steps[:-1]) + window.number("observation_min") + CONNECTED_S
        stages = (_disconnection(grid_code), Stage(stimulus.name, wait_s, stimulus.steps))
        return Course(stages, Leaves.CONNECTED, settles=False)

    return course


def _staircase(
    climb: Callable[..., Stimulus],
) -> Callable[[PlannedItem, GridCode], Course]:
    def course(item: PlannedItem, grid_code: GridCode) -> Course:
        stimulus = climb(*item.requirements, grid_code.method)
        stage = Stage(stimulus.name, _sum_s(stimulus.steps), stimulus.steps)
        return Course((stage,), Leaves.AT_POWER)

    return course


def _disconnection(grid_code: GridCode) -> Stage:
    dip = disconnecting_dip(grid_code.method)
    return Stage("dip until the inverter has disconnected", dip.hold_s, (dip,))


def _sum_s(steps: Iterable[GridStep]) -> float:
    return sum(step.duration_s for step in steps)


COURSES: Mapping[str, Callable[[PlannedItem, GridCode], Course]] = {
    "voltage_trip": _voltage_trip,
    "frequency_trip": _frequency_trip,
    "anti_islanding": _anti_islanding,
    "sustained_operation": _sustained_operation,
    "power_rate_limit": _power_rate_limit,
    "reconnection_window": _reconnection(blocked_program),
    "reconnection_restart": _reconnection(interrupted_program),
    "volt_watt": _staircase(volt_watt_staircase),
    "volt_var": _staircase(volt_var_staircase),
    "frequency_watt": _staircase(over_frequency_staircase),
}
"""Procedure → how a trial of it goes after settling."""
