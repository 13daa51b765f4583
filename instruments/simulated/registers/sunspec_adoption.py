"""Settings that come as sets of points: set 1 shows what is in force, the others can be written.

Points are only checked when a set is adopted: its number is requested, the result reads "in progress",
then "completed" or "failed". A set adopted with a reversion time makes room for another after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import ceil, inf

from instruments.simulated.registers.sunspec_block import Accepted, Block, BoardState, View
from instruments.simulated.registers.sunspec_controls import DURATION, SWITCH
from instruments.simulated.registers.sunspec_ratings import header, model_layout
from instruments.sunspec.layouts import Layout, Value, Values

IN_PROGRESS, COMPLETED, FAILED = 0, 1, 2
READ_WRITE, READ_ONLY = 0, 1
FIRST_WRITABLE = 2


class Unsuitable(Exception):
    """A set of points that cannot be put in force."""


@dataclass(frozen=True)
class SetModel:
    """A SunSpec model of several sets of points.

    Attributes:
        group, count: names of the repeated group and of the point that says how many there are.
        points: how many points a curve has room for; 0 for a set without a curve.
        fixed: values of points outside the sets.
        accepts: what the points of a set take, by pattern inside the set.
        enabled, switch: whether the function is on; the state with it on or off.
        show: the set in force, by path inside the set.
        adopt: the state with a set in force. Raises Unsuitable.
    """

    number: int
    group: str
    count: str
    sets: int
    points: int
    fixed: Mapping[str, Value]
    accepts: Mapping[str, Accepted]
    enabled: Callable[[BoardState], bool]
    switch: Callable[[BoardState, bool], BoardState]
    show: Callable[[BoardState], dict[str, Value]]
    adopt: Callable[[BoardState, Values], BoardState]
    adoption_s: float
    reverts: bool = True
    absent: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """The model's number as a name of its block."""
        return str(self.number)

    def named(self, what: str) -> str:
        """Return the name of one of the points that differ only in the kind of set."""
        return what.format(self.group)

    def block(self) -> Block:
        """Return the model as a block of registers."""
        layout = model_layout(self.number, **{self.count: self.sets, "NPt": self.points})
        fixed = header(layout, self.number) | dict(self.fixed) | {self.count: self.sets}
        if self.points:
            fixed["NPt"] = self.points
        prefix = f"{self.group}."
        return Block(
            self.name,
            layout,
            partial(self._values, fixed),
            self._accepted(),
            absent=[prefix + pattern for pattern in self.absent],
            read_only=f"{self.group}1.",
            begin=partial(self._begin, layout),
            apply=self._apply,
            expire=self._expire,
        )

    def _accepted(self) -> dict[str, Accepted]:
        accepts = {f"{self.group}.{pattern}": ends for pattern, ends in self.accepts.items()}
        accepts |= {"Ena": SWITCH, self.named("Adpt{}Req"): (1, self.sets)}
        if self.reverts:
            accepts |= {"RvrtTms": DURATION, self.named("Rvrt{}"): (0, self.sets)}
        return accepts

    def _begin(self, layout: Layout, state: BoardState) -> BoardState:
        """Return the state with every set a copy of the one in force."""
        shown = self.show(state)
        held: dict[str, Value] = {self.named("Adpt{}Req"): 1, self.named("Adpt{}Rslt"): COMPLETED}
        if self.reverts:
            held |= {"RvrtTms": 0, self.named("Rvrt{}"): 0}
        for number in range(FIRST_WRITABLE, self.sets + 1):
            start = f"{self.group}{number}."
            held |= dict.fromkeys((path for path in layout.by_path if path.startswith(start)), None)
            held |= {start + path: value for path, value in shown.items()}
            held[f"{start}ReadOnly"] = READ_WRITE
        for what in ("adopt", "revert"):
            state = state.timed(f"{self.name}.{what}", inf)
        return state.holding(self.name, held)

    def _values(self, fixed: Values, view: View) -> dict[str, Value]:
        state = view.state
        start = f"{self.group}1."
        shown = {**fixed, **state.block(self.name), "Ena": int(self.enabled(state))}
        shown |= {start + path: value for path, value in self.show(state).items()}
        shown[f"{start}ReadOnly"] = READ_ONLY
        if self.reverts:
            remaining_s = state.remaining_s(f"{self.name}.revert", view.snapshot.time_s)
            shown["RvrtRem"] = ceil(remaining_s)
        return shown

    def _apply(self, state: BoardState, written: Values, now_s: float) -> BoardState:
        kept = {path: value for path, value in written.items() if path != "Ena"}
        state = state.holding(self.name, kept)
        if "Ena" in written:
            state = self.switch(state, written["Ena"] == 1)
        if self.named("Adpt{}Req") in written:
            state = self._concluded(state, IN_PROGRESS)
            state = state.timed(f"{self.name}.adopt", now_s + self.adoption_s)
        return state

    def _expire(self, state: BoardState, what: str, now_s: float) -> BoardState:
        state = state.timed(f"{self.name}.{what}", inf)
        if what == "revert":
            return self._adopted(state, self.named("Rvrt{}"))
        try:
            state = self._adopted(state, self.named("Adpt{}Req"))
        except Unsuitable:
            return self._concluded(state, FAILED)
        return self._reverting(self._concluded(state, COMPLETED), now_s)

    def _adopted(self, state: BoardState, point: str) -> BoardState:
        """Return the state with the set in force whose number a point holds."""
        number = int(state.number(f"{self.name}.{point}"))
        if number < FIRST_WRITABLE:
            return state
        start = f"{self.group}{number}."
        held = state.block(self.name).items()
        points = {path.removeprefix(start): value for path, value in held if path.startswith(start)}
        return self.adopt(state, points)

    def _concluded(self, state: BoardState, result: int) -> BoardState:
        return state.holding(self.name, {self.named("Adpt{}Rslt"): result})

    def _reverting(self, state: BoardState, now_s: float) -> BoardState:
        """Return the state with the reversion time started, if there is one and a set to revert to."""
        reversion_s = state.number(f"{self.name}.RvrtTms")
        runs = reversion_s > 0 and state.number(f"{self.name}.{self.named('Rvrt{}')}") > 1
        return state.timed(f"{self.name}.revert", now_s + reversion_s if runs else inf)
