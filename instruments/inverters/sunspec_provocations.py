"""What a controller with a mistake in it writes to model 704: registers by their offset from the model's ID."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from instruments.commands import Provocation

ENABLE, SETPOINT, TIMER = 14, 15, 18
BEYOND_EVERYTHING = 20_000
"""Offset of a register that no SunSpec map reaches."""

Write = tuple[int, list[int]]
WRITES: Mapping[Provocation, Sequence[Write]] = {
    Provocation.ABOVE_FULL: ((SETPOINT, [1010]),),
    Provocation.FAR_ABOVE_FULL: ((SETPOINT, [65_534]),),
    Provocation.NOT_IMPLEMENTED: ((SETPOINT, [65_535]),),
    Provocation.UNKNOWN_REGISTER: ((BEYOND_EVERYTHING, [1]),),
    Provocation.HALF_A_TIMER: ((TIMER, [120]),),
    Provocation.VALUE_ALONE: ((ENABLE, [0]), (SETPOINT, [500])),
    Provocation.ENABLE_ALONE: ((ENABLE, [1]),),
    Provocation.ENABLE_FIRST: ((ENABLE, [1]), (SETPOINT, [500])),
}
"""Percentages count in tenths, as the reference inverter and most others do."""


def older_writes(provocation: Provocation, enable: int, setpoint: int) -> list[tuple[int, int]]:
    """Return the same as single registers of model 123; none for a timer of two words, which it has not."""
    places = {ENABLE: enable, SETPOINT: setpoint, BEYOND_EVERYTHING: BEYOND_EVERYTHING}
    return [(places[offset], words[0]) for offset, words in WRITES[provocation] if offset in places]
