"""The words in which the course of a trial is told: stages, and in which state it leaves the inverter. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.grid_code.requirement import Requirement
from instruments.interfaces import GridStep


class Leaves(StrEnum):
    """In which state a trial leaves the inverter; the next one settles from there."""

    DISCONNECTED = "disconnected"
    CONNECTED = "connected, without power"
    AT_POWER = "at full power"


@dataclass(frozen=True)
class PlannedItem:
    """One trial as the collector names it, without what will happen in it.

    Attributes:
        islanding_plan: how much of a matrix the station makes, "full" or "short".
    """

    name: str
    requirements: tuple[Requirement, ...]
    phases: str | None
    islanding_plan: str = "full"

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
