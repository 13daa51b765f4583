"""Which islands an islanding test makes, how each load is found, and what came of them. Pure.

Offsets are shares of the balanced load, in %: +5 % active is a resistor that takes 5 % more than the inverter
gives, +5 % reactive an inductor that takes 5 % more than at balance; the capacitor stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from bench.grid_code.profile import Requirement
from bench.verdicts.verdict import Measurement
from instruments.interfaces import PhaseValues
from instruments.load_and_sun import ParallelRlc


@dataclass(frozen=True, order=True)
class Offset:
    """By how much a load is off balance, in % of the balanced load."""

    active_pct: float = 0.0
    reactive_pct: float = 0.0

    def __str__(self) -> str:
        return f"P {self.active_pct:+g} %, Q {self.reactive_pct:+g} %"


BALANCED = Offset()


@dataclass(frozen=True)
class Island:
    """One island: how it was set up and how long the inverter fed it.

    Attributes:
        residual_va: P + jQ of the fundamental through the contactor before it opened, less what the offset
            asks for; one for each phase of the inverter.
        residual_pct: the largest of them as a current, in % of rated current.
        began: what the beginning was seen in.
    """

    offset: Offset
    load: ParallelRlc
    residual_va: tuple[complex, ...]
    residual_pct: float
    run_on: Measurement
    began: str

    @property
    def order(self) -> tuple[bool, float]:
        """Larger for a longer island; one that had not ended in its record is the longest."""
        return self.run_on.censored is not None, float(self.run_on.value)


def next_offsets(
    requirement: Requirement, plan: str, done: Mapping[Offset, Island]
) -> list[Offset]:
    """Return the offsets to go on with after those that are done; none when the matrix is complete.

    The balanced load comes first. Then the inner cells, and with "full" the outer cells if an inner one ran on
    longer than the balanced one, and what lies beyond an end of the list while the run-on time rises there.
    """
    if not done:
        return [BALANCED]
    inner = first_offsets(requirement, plan)
    wanted = [offset for offset in inner if offset not in done]
    if wanted or plan == "short":
        return wanted
    return [
        offset
        for offset in (*_outer(requirement, inner, done), *_extension(requirement, done))
        if offset not in done
    ]


def worst_island(islands: Sequence[Island]) -> Island:
    """Return the island that was fed the longest."""
    return max(islands, key=lambda island: island.order)


def first_offsets(requirement: Requirement, plan: str) -> list[Offset]:
    """Return the offsets that are tested whatever comes out.

    "short" leaves of them the balanced load and, in the condition that varies both powers, the ends of each
    list with the other power in balance.
    """
    cells = _cells(requirement, "active_offsets", "reactive_offsets")
    if plan == "full":
        return cells
    both = len({cell.active_pct for cell in cells}) > 1
    return [cell for cell in cells if cell == BALANCED or (both and _is_short(cell, cells))]


def _outer(
    requirement: Requirement, inner: Sequence[Offset], done: Mapping[Offset, Island]
) -> list[Offset]:
    if "outer_offsets" not in requirement:
        return []
    balanced = done[BALANCED].order
    if not any(done[offset].order > balanced for offset in inner):
        return []
    return _cells(requirement, "outer_offsets", "outer_offsets")


def _extension(requirement: Requirement, done: Mapping[Offset, Island]) -> list[Offset]:
    """Return the next reactive offset beyond each end at which the run-on time still rises."""
    if "extension_step" not in requirement:
        return []
    step, end = requirement.number("extension_step"), requirement.number("extension_end")
    reached = sorted(offset for offset in done if offset.active_pct == 0.0)
    beyond = []
    for last, before, sign in ((reached[-1], reached[-2], 1), (reached[0], reached[1], -1)):
        further = replace(last, reactive_pct=last.reactive_pct + sign * step)
        if done[last].order > done[before].order and abs(further.reactive_pct) <= end:
            beyond.append(further)
    return beyond


def _cells(requirement: Requirement, active: str, reactive: str) -> list[Offset]:
    lists = (requirement.quantity(name).values for name in (active, reactive))
    return [Offset(float(p), float(q)) for p, q in product(*lists)]


def _is_short(offset: Offset, cells: Sequence[Offset]) -> bool:
    """Tell whether an offset is at an end of one list, with the other power in balance."""
    lists = ([cell.active_pct for cell in cells], [cell.reactive_pct for cell in cells])
    powers = (offset.active_pct, offset.reactive_pct)
    at_ends = all(
        power in (0.0, min(values), max(values))
        for power, values in zip(powers, lists, strict=True)
    )
    return at_ends and 0.0 in powers


def first_load(
    powers_va: Sequence[complex], quality_factor: float, voltage_v: float, frequency_hz: float
) -> ParallelRlc:
    """Return the load that takes what an inverter gives, with a quality factor.

    Args:
        powers_va: P + jQ of each phase out of the inverter; Q is positive when supplied.
    """
    load = ParallelRlc(
        _phases([power.real for power in powers_va]),
        _phases([quality_factor * power.real for power in powers_va]),
        _phases([quality_factor * power.real for power in powers_va]),
        voltage_v,
        frequency_hz,
    )
    return corrected(load, [1j * power.imag for power in powers_va])


def corrected(load: ParallelRlc, surplus_va: Sequence[complex]) -> ParallelRlc:
    """Return a load that takes a surplus of P + jQ in each phase too.

    Half of a reactive surplus goes into more inductor, half into less capacitor: the quality factor stays.
    """
    half = [power.imag / 2 for power in surplus_va]
    return replace(
        load,
        active_powers_w=_plus(load.active_powers_w, [power.real for power in surplus_va]),
        inductive_powers_var=_plus(load.inductive_powers_var, half),
        capacitive_powers_var=_plus(load.capacitive_powers_var, [-value for value in half]),
    )


def off_balance(load: ParallelRlc, offset: Offset) -> ParallelRlc:
    """Return the balanced load with an offset: another resistor, another inductor."""
    active, reactive = 1 + offset.active_pct / 100, 1 + offset.reactive_pct / 100
    return replace(
        load,
        active_powers_w=_phases([active * power for power in load.active_powers_w]),
        inductive_powers_var=_phases([reactive * power for power in load.inductive_powers_var]),
    )


def wanted_surplus_va(load: ParallelRlc, offset: Offset, phases: int) -> list[complex]:
    """Return what flows through the contactor, out of the inverter, when the balanced load has an offset."""
    return [
        -complex(offset.active_pct * active, offset.reactive_pct * inductive) / 100
        for active, inductive in zip(
            load.active_powers_w[:phases], load.inductive_powers_var[:phases], strict=True
        )
    ]


def _plus(powers: PhaseValues, more: Sequence[float]) -> PhaseValues:
    padded = [*more, 0.0, 0.0][:3]
    return _phases([max(0.0, a + b) for a, b in zip(powers, padded, strict=True)])


def _phases(values: Sequence[float]) -> PhaseValues:
    a, b, c = [*values, 0.0, 0.0][:3]
    return (a, b, c)
