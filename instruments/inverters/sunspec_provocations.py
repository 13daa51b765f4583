"""What a controller with a mistake in it writes to a limit of active power, in model 704 or 123."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from instruments.commands import ControlMode, Provocation
from instruments.inverters.sunspec_fitting import layout_of
from instruments.inverters.sunspec_modes import ControlModel

ENABLE, SETPOINT, TIMER, NOWHERE = "enable", "setpoint", "timer", "nowhere"
BEYOND_EVERYTHING = 20_000
"""Offset of a register that no SunSpec map reaches."""
HALF_A_TIMER_S = 120


@dataclass(frozen=True)
class _PerCent:
    """A set-point, whatever its register counts in."""

    value: float


Sent = tuple[str, int | _PerCent]
_WRITES: Mapping[Provocation, Sequence[Sent]] = {
    Provocation.ABOVE_FULL: ((SETPOINT, _PerCent(101.0)),),
    Provocation.FAR_ABOVE_FULL: ((SETPOINT, 65_534),),
    Provocation.NOT_IMPLEMENTED: ((SETPOINT, 65_535),),
    Provocation.UNKNOWN_REGISTER: ((NOWHERE, 1),),
    Provocation.HALF_A_TIMER: ((TIMER, HALF_A_TIMER_S),),
    Provocation.VALUE_ALONE: ((ENABLE, 0), (SETPOINT, _PerCent(50.0))),
    Provocation.ENABLE_ALONE: ((ENABLE, 1),),
    Provocation.ENABLE_FIRST: ((ENABLE, 1), (SETPOINT, _PerCent(50.0))),
}


def writes_of(
    provocation: Provocation, model: ControlModel, per_cent: float
) -> list[tuple[int, list[int]]]:
    """Return the writes of a provocation, each an offset from the model's ID and words; none without a place.

    Args:
        per_cent: what one count of the set-point is.
    """
    if (
        provocation is Provocation.HALF_A_TIMER
        and layout_of(model.number).by_path[model.timer].words == 1
    ):
        return []
    return [
        (_offset(place, model), [_count(sent, per_cent)]) for place, sent in _WRITES[provocation]
    ]


def _offset(place: str, model: ControlModel) -> int:
    if place == NOWHERE:
        return BEYOND_EVERYTHING
    [way] = model.ways[ControlMode.POWER_LIMIT]
    path = {ENABLE: way.enable, SETPOINT: way.setpoint, TIMER: model.timer}[place]
    return layout_of(model.number).by_path[path].offset


def _count(sent: int | _PerCent, per_cent: float) -> int:
    return round(sent.value / per_cent) if isinstance(sent, _PerCent) else sent
