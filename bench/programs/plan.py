"""What a campaign would apply, for how long and to which clause, and what the station cannot do. Pure.

Durations are those of an inverter that complies: it trips, observes the grid, connects and ramps up as the grid
code states.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bench.grid_code.applicability import inapplicable
from bench.grid_code.profile import GridCode, Requirement
from bench.programs.courses import Course, Leaves, PlannedItem, Stage, course_of, settling
from bench.programs.ordering import ordered, waiting_s
from bench.stations.envelope import check_step
from bench.stations.equipment import untestable
from bench.stations.station_file import InverterFile, StationFile
from bench.verdicts.foresight import Foresight, foresee
from instruments.errors import EnvelopeError
from instruments.interfaces import Envelope


@dataclass(frozen=True)
class PlannedTrial:
    """One trial with its times.

    Attributes:
        obstacles: why this station cannot do it.
    """

    item: PlannedItem
    starts_s: float
    stages: tuple[Stage, ...]
    known: bool
    obstacles: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        """Sum of the stages."""
        return sum(stage.duration_s for stage in self.stages)

    @property
    def clauses(self) -> tuple[str, ...]:
        """Clauses of the requirements it judges."""
        return tuple(dict.fromkeys(row.clause for row in self.item.requirements))


@dataclass(frozen=True)
class Untested:
    """A requirement for which nothing is planned, and why: it cannot be tested, or does not apply."""

    requirement: Requirement
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """A whole campaign.

    Attributes:
        saved_s: how much longer it would take in the order in which the procedures stand.
    """

    trials: tuple[PlannedTrial, ...]
    untested: tuple[Untested, ...]
    inapplicable: tuple[Untested, ...]
    foresight: Foresight
    saved_s: float

    @property
    def duration_s(self) -> float:
        """Expected bench time; at least this while a trial's course is not known."""
        return sum(trial.duration_s for trial in self.trials)

    @property
    def complete(self) -> bool:
        """Whether every trial's duration is known."""
        return all(trial.known for trial in self.trials)


def make_plan(
    items: Sequence[PlannedItem],
    testable_kinds: Collection[str],
    grid_code: GridCode,
    station: StationFile,
    inverter: InverterFile,
    day: date,
) -> Plan:
    """Return the plan of a campaign.

    Args:
        items: trials in the order of the procedures; they will run in that of `bench.programs.ordering`.
        testable_kinds: kinds of requirement for which there is a procedure.
        day: on which it would run, for the calibrations.
    """
    trials: list[PlannedTrial] = []
    starts_s, state = 0.0, Leaves.DISCONNECTED
    named = [replace(item, islanding_plan=station.islanding_plan) for item in items]
    chosen = ordered(named, grid_code)
    for item in chosen:
        course = course_of(item, grid_code)
        stages = _stages(course, grid_code, state)
        obstacles = tuple(_obstacles(stages, station.envelope, station.file, inverter))
        trial = PlannedTrial(item, starts_s, stages, course is not None, obstacles)
        trials.append(trial)
        starts_s += trial.duration_s
        state = course.leaves if course else Leaves.DISCONNECTED
    planned = {row.id for item in items for row in item.requirements}
    left = [row for row in grid_code.requirements if row.id not in planned]
    lacking = {row.id: reason for row in left if (reason := inapplicable(row, inverter))}
    untested = [
        Untested(row, _reasons(row, testable_kinds, station, inverter))
        for row in left
        if row.id not in lacking
    ]
    others = [Untested(row, (lacking[row.id],)) for row in left if row.id in lacking]
    rows = [row for item in items for row in item.requirements]
    foresight = foresee(rows, grid_code, station, inverter, day)
    saved_s = waiting_s(items, grid_code) - waiting_s(chosen, grid_code)
    return Plan(tuple(trials), tuple(untested), tuple(others), foresight, saved_s)


def _stages(course: Course | None, grid_code: GridCode, state: Leaves) -> tuple[Stage, ...]:
    if course is None:
        return (settling(grid_code, state),)
    return (settling(grid_code, state), *course.stages) if course.settles else course.stages


def _obstacles(
    stages: Iterable[Stage], envelope: Envelope, file: Path, inverter: InverterFile
) -> Iterable[str]:
    current_a = inverter.rated_current_a
    if current_a > envelope.current_max_a:
        yield (
            f"the inverter's rated current {current_a:.1f} A is above {envelope.current_max_a:g} A, the "
            f"envelope of {file.name}"
        )
    for stage in stages:
        for step in stage.steps:
            try:
                check_step(step, envelope, file, stage.what)
            except EnvelopeError as error:
                yield str(error)


def _reasons(
    row: Requirement,
    testable_kinds: Collection[str],
    station: StationFile,
    inverter: InverterFile,
) -> tuple[str, ...]:
    lacking = untestable(row, station, inverter)
    if lacking:
        return (lacking,)
    if row.kind in testable_kinds:
        return ("not selected",)
    missing = f"this version has no procedure for {row.kind.replace('_', ' ')}"
    return (missing, *_beyond(row, station.envelope))


def _beyond(row: Requirement, envelope: Envelope) -> tuple[str, ...]:
    """Say which threshold the station's envelope does not let it cross."""
    if "threshold" not in row:
        return ()
    quantity = row.quantity("threshold")
    edges = {
        ("V", "over"): envelope.voltage_max_v,
        ("V", "under"): envelope.voltage_min_v,
        ("Hz", "over"): envelope.frequency_max_hz,
        ("Hz", "under"): envelope.frequency_min_hz,
    }
    edge, value = edges[(quantity.unit, row.direction)], float(quantity.value)
    reachable = value < edge if row.direction == "over" else value > edge
    if reachable:
        return ()
    return (
        f"it must go beyond {quantity}; the station's envelope ends at {edge:g} {quantity.unit}",
    )
