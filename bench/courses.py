"""How each procedure goes when the inverter complies: what is applied, and for how long. Pure.

A procedure whose course is not described here is planned all the same; its duration is then not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.profile import GridCode, Requirement
from bench.stimulus import PRE_TRIGGER_S, nominal_step, voltage_step, watched_s
from instruments.interfaces import GridStep

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
    """How a trial goes after settling."""

    stages: tuple[Stage, ...]
    leaves: Leaves


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


COURSES: Mapping[str, Callable[[PlannedItem, GridCode], Course]] = {
    "voltage_trip": _voltage_trip,
    "anti_islanding": _anti_islanding,
}
"""Procedure → how a trial of it goes after settling."""
