"""What is in force at the site during each step of a case, and what that leaves the inverter. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.export_limits.amounts import Amount, Scale
from bench.export_limits.case import Case, Step
from bench.grid_code.requirement import Requirement
from instruments.interfaces import PhaseValues

PHASES = 3
HALF = 0.5
PER_CENT = 0.01
NO_LOAD: PhaseValues = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Conditions:
    """What is in force during a step.

    Attributes:
        export_w, generation_w: limits commanded; None for none.
        static_export_w: a second limit of export; the lower one counts.
        discharge_w: set-point that the store makes up for when the sun lacks it; None for none.
        most_generation_w: another bound of generation; None for none.
        sun: share of full sun.
        loads_w: of the site, for each phase.
        voltage_bound: whether volt-watt bounds generation.
        connected: whether the inverter may connect.
        each_phase: whether each phase is held to a third of the limit of export, and not their sum.
    """

    export_w: float | None = None
    generation_w: float | None = None
    static_export_w: float | None = None
    discharge_w: float | None = None
    most_generation_w: float | None = None
    sun: float = 1.0
    loads_w: PhaseValues = NO_LOAD
    voltage_bound: bool = False
    connected: bool = True
    each_phase: bool = False

    @property
    def lowest_export_w(self) -> float | None:
        """The lower of the limits of export; None for none."""
        return _lowest(self.export_w, self.static_export_w)

    @property
    def total_export_w(self) -> float | None:
        """The limit of the sum of the phases; None for none."""
        return None if self.each_phase else self.lowest_export_w

    @property
    def phase_export_w(self) -> float | None:
        """The limit of each phase; None where it is that of their sum."""
        lowest_w = self.lowest_export_w
        return lowest_w / PHASES if self.each_phase and lowest_w is not None else None

    @property
    def generation_bound_w(self) -> float | None:
        """The lowest of the bounds of generation itself."""
        return _lowest(self.generation_w, self.most_generation_w)

    def expected_w(self, available_w: float, load_w: float, storage_w: float = 0.0) -> float:
        """Return the generation that is left when nothing is curtailed without need.

        Args:
            available_w: in full sun.
            load_w: of the site, as measured.
            storage_w: what a store gives when it is asked to discharge.
        """
        bounds = [self.sun * available_w]
        if self.discharge_w is not None:
            bounds = [min(self.discharge_w, self.sun * available_w + storage_w)]
        if self.generation_bound_w is not None:
            bounds.append(self.generation_bound_w)
        if self.lowest_export_w is not None:
            bounds.append(self.lowest_export_w + load_w)
        return max(0.0, min(bounds))


def _lowest(*bounds_w: float | None) -> float | None:
    return min((one for one in bounds_w if one is not None), default=None)


def scale_of(requirement: Requirement, rated_w: float) -> Scale:
    """Return what the limit of a requirement is for an inverter: half its rating where it would not bind."""
    if "limit" not in requirement:
        return Scale(rated_w, PER_CENT * requirement.number("limit_share") * rated_w)
    limit_w = requirement.number("limit")
    binds = requirement.case is None or requirement.case.binds
    return Scale(rated_w, HALF * rated_w if binds and limit_w >= rated_w else limit_w)


def walk(case: Case, scale: Scale, phases: int) -> Iterator[tuple[Step, Conditions]]:
    """Yield the steps that say something to this inverter, with what is then in force."""
    conditions = Conditions(each_phase=case.each_phase)
    unbound = False
    for step in case.steps:
        beyond = _beyond_rating(step, scale)
        if not (beyond and unbound):
            conditions = _after(conditions, step, scale, phases)
            yield step, conditions
            conditions = reverted(conditions, step, scale)
        unbound = beyond


def reverted(conditions: Conditions, step: Step, scale: Scale) -> Conditions:
    """Return what is in force at the end of a step whose limit may have reverted by then."""
    if not step.reverts_after_s or step.hold_s < step.reverts_after_s:
        return conditions
    then_w = None if step.then is None else step.then * scale.rated_w
    return replace(conditions, generation_w=then_w)


def _beyond_rating(step: Step, scale: Scale) -> bool:
    """Return whether a step only commands a limit in watts that is above the rating."""
    stated = [amount for amount in step.commands.values() if amount.watts]
    above = [amount for amount in stated if (amount.watts_at(scale) or 0.0) > scale.rated_w]
    return len(step.commands) == len(above) == 1 and step.loads is None and step.sun is None


def _after(before: Conditions, step: Step, scale: Scale, phases: int) -> Conditions:
    found = before
    if "export" in step.commands:
        found = replace(found, export_w=step.commands["export"].watts_at(scale))
    if "static_export" in step.commands:
        found = replace(found, static_export_w=step.commands["static_export"].watts_at(scale))
    if "discharge" in step.commands:
        found = replace(found, discharge_w=step.commands["discharge"].watts_at(scale))
    if "generation" in step.commands:
        found = replace(found, generation_w=step.commands["generation"].watts_at(scale))
    if step.in_force is not None:
        found = replace(found, generation_w=step.in_force.watts_at(scale))
    if step.loads is not None:
        found = replace(found, loads_w=loads_w(step.loads, scale, phases))
    if step.sun is not None:
        found = replace(found, sun=step.sun)
    if step.service is not None:
        found = replace(found, connected=step.service)
    bound = step.most_generation
    return replace(
        found,
        voltage_bound=step.volt_watt is not None,
        most_generation_w=None if bound is None else bound.watts_at(scale),
    )


def loads_w(loads: tuple[Amount, ...], scale: Scale, phases: int) -> PhaseValues:
    """Return the load of each phase: shares of one phase count from its part of the rating."""
    if len(loads) == 1:
        total_w = loads[0].watts_at(scale) or 0.0
        a, b, c = (total_w / phases if phase < phases else 0.0 for phase in range(PHASES))
        return (a, b, c)
    one = Scale(scale.rated_w / PHASES, scale.limit_w / PHASES)
    a, b, c = (load.watts_at(one) or 0.0 for load in loads)
    return (a, b, c)
