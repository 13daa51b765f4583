"""What a block of registers is: its layout, what it shows, what it accepts and what a write does.

A communication board holds one immutable `BoardState`. Blocks are functions of it: they show values
of a `View`, and turn a state and the values written into the next state. `SunSpecRegisters` carries the
result over to the inverter and wakes a block when something it has timed is due.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Protocol

from instruments.interfaces import PhaseValues
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import GridSettings
from instruments.sunspec.layouts import Layout, Point, Value, Values

Accepted = tuple[float, ...]
"""Both ends of one range after another."""
FIXED: Accepted = ()
"""No range: a point that can be written, but only with what it shows."""


class Means(Protocol):
    """Means of what happened at the terminals, as `World.averages` returns them."""

    @property
    def voltages_v(self) -> PhaseValues: ...
    @property
    def currents_a(self) -> PhaseValues: ...
    @property
    def active_powers_w(self) -> PhaseValues: ...
    @property
    def reactive_powers_var(self) -> PhaseValues: ...
    @property
    def frequency_hz(self) -> float: ...


@dataclass(frozen=True)
class Snapshot:
    """What the board last took from the inverter."""

    time_s: float
    state: str
    connected: bool
    alarms: Collection[str]
    reconnect_remaining_s: float


@dataclass(frozen=True)
class BoardState:
    """Everything a board holds.

    Attributes:
        settings: those in force; a board that pretends holds those it pretends.
        held: values of points that are kept as written, by `block.path`.
        due: times at which something happens by itself, by `block.what`.
    """

    parameters: InverterParameters
    settings: GridSettings
    permitted: bool = True
    held: Mapping[str, Value] = field(default_factory=dict)
    due: Mapping[str, float] = field(default_factory=dict)

    def holding(self, block: str, values: Values) -> BoardState:
        """Return the state with values of a block kept."""
        named = {f"{block}.{path}": value for path, value in values.items()}
        return replace(self, held={**self.held, **named})

    def number(self, name: str, otherwise: float = 0.0) -> float:
        """Return a held number."""
        value = self.held.get(name)
        return float(value) if isinstance(value, int | float) else otherwise

    def setting(self, **changes: Any) -> BoardState:
        """Return the state with some of its settings replaced."""
        return replace(self, settings=replace(self.settings, **changes))

    def block(self, block: str) -> dict[str, Value]:
        """Return all held values of a block by path."""
        start = f"{block}."
        return {
            name.removeprefix(start): value
            for name, value in self.held.items()
            if name.startswith(start)
        }

    def timed(self, name: str, at_s: float) -> BoardState:
        """Return the state with something due at `at_s`; at infinity it is called off."""
        due = {key: time_s for key, time_s in self.due.items() if key != name}
        return replace(self, due=due if at_s == inf else {**due, name: at_s})

    def remaining_s(self, name: str, now_s: float) -> float:
        """Return how long until something is due; 0 when nothing is."""
        return max(0.0, self.due.get(name, now_s) - now_s)


@dataclass(frozen=True)
class View:
    """What blocks show.

    Attributes:
        means: means up to the snapshot; None when there are none.
        sustained_v: mean voltages of the last ten minutes; None when they are not kept.
    """

    state: BoardState
    snapshot: Snapshot
    means: Callable[[], Means | None]
    sustained_v: Callable[[], PhaseValues | None]


def hold_nothing(state: BoardState, _written: Values, _now_s: float) -> BoardState:
    """Return the state unchanged: what was written was what the points show."""
    return state


def begin_with_nothing(state: BoardState) -> BoardState:
    """Return the state unchanged: the block holds nothing of its own."""
    return state


def never_refused(_state: BoardState, _written: Values) -> bool:
    """Return False: points of the block can be written in any combination."""
    return False


def nothing_due(state: BoardState, _what: str, _now_s: float) -> BoardState:
    """Return the state unchanged: the block times nothing."""
    return state


@dataclass(frozen=True)
class Block:
    """One SunSpec model or the vendor's registers.

    Attributes:
        name: the model's number, or "vendor".
        accepts: what can be written, by pattern of the path; others cannot be written.
        read_only: beginning of paths that cannot be written whatever their pattern.
        absent: patterns of points that also take the code "not implemented".
        unprotected: patterns that can be written while the settings are locked.
        begin: a state with new settings to one with what the block holds beside them.
        apply: a state and what was written (path to value) to the next state.
        refuses: whether values that each would be taken contradict each other or the state.
        expire: a state and the name of what is due to the next state.
    """

    name: str
    layout: Layout
    values: Callable[[View], dict[str, Value]]
    accepts: Mapping[str, Accepted] = field(default_factory=dict)
    absent: Collection[str] = ()
    unprotected: Collection[str] = ()
    read_only: str = "ID"
    begin: Callable[[BoardState], BoardState] = begin_with_nothing
    apply: Callable[[BoardState, Values, float], BoardState] = hold_nothing
    refuses: Callable[[BoardState, Values], bool] = never_refused
    expire: Callable[[BoardState, str, float], BoardState] = nothing_due

    def writable(self, point: Point) -> bool:
        """Return whether a point can be written at all."""
        return point.pattern in self.accepts and not point.path.startswith(self.read_only)

    def is_fixed(self, point: Point) -> bool:
        """Return whether a point only takes what it shows."""
        return self.accepts[point.pattern] == FIXED

    def takes(self, point: Point, value: Value) -> bool:
        """Return whether a point takes a value."""
        if not isinstance(value, int | float):
            return value is None and point.pattern in self.absent
        ends = self.accepts[point.pattern]
        return any(low <= value <= high for low, high in zip(ends[::2], ends[1::2], strict=True))

    def nearest(self, point: Point, value: Value) -> Value:
        """Return a number brought inside the one range of a point."""
        ends = self.accepts.get(point.pattern, ())
        if not isinstance(value, int | float) or len(ends) != 2:
            return value
        return max(ends[0], min(ends[1], value))
