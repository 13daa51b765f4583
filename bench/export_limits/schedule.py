"""When the controls of a case are to act, what they leave in force, and what is to be answered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bench.export_limits.amounts import Amount, Scale
from bench.export_limits.case import Case, Step
from bench.export_limits.conditions import Conditions, loads_w
from bench.export_limits.orders import Orders
from instruments.utility import ControlResponse

POLL_S = 60
"""How often a client is asked to poll and to post; what certified clients are tested with."""
LEAD_S = 75.0
"""From the publication of a schedule to its beginning: a poll, and a little."""


@dataclass(frozen=True)
class Timed:
    """A step and when it begins.

    Attributes:
        begins_s, ends_s: seconds since the case began.
    """

    step: Step
    begins_s: float
    ends_s: float

    @property
    def orders(self) -> Orders:
        """What the server says in it."""
        return self.step.utility

    @property
    def control_ends_s(self) -> float:
        """When its control ends; meaningless without one."""
        lasts_s = self.orders.lasts_s
        return self.ends_s if lasts_s is None else self.begins_s + lasts_s

    @property
    def control_duration_s(self) -> float:
        """How long its control lasts."""
        return self.control_ends_s - self.begins_s


def timed(case: Case) -> list[Timed]:
    """Return the steps of a case with their times."""
    found: list[Timed] = []
    begins_s = 0.0
    for step in case.steps:
        found.append(Timed(step, begins_s, begins_s + step.hold_s))
        begins_s += step.hold_s
    return found


def conditions(steps: Sequence[Timed], scale: Scale, phases: int) -> Iterator[Conditions]:
    """Yield the limit of export in force at the end of each step, and the load."""
    default: Amount | None = None
    found = Conditions()
    for place, one in enumerate(steps):
        default = one.orders.default or default
        amount = _in_force(steps[: place + 1]) or default
        found = replace(found, export_w=None if amount is None else amount.watts_at(scale))
        if one.step.loads is not None:
            found = replace(found, loads_w=loads_w(one.step.loads, scale, phases))
        yield found


def fastest_rise_w_per_s(case: Case, otherwise_w_per_s: float, rated_w: float) -> float:
    """Return how fast power may rise at most: the gradient that a case's default states, or the regime's."""
    stated = [
        step.utility.gradient_pct_per_s for step in case.steps if step.utility.gradient_pct_per_s
    ]
    return rated_w * max(stated) / 100 if stated else otherwise_w_per_s


def _in_force(steps: Sequence[Timed]) -> Amount | None:
    """Return the limit of the control that is active as the last step ends; None without one.

    Of several, that of the program with the lowest primacy, and of these the one published last.
    """
    last = steps[-1]
    until_s = min(last.ends_s, last.control_ends_s) if last.orders.acts else last.ends_s
    now_s = (last.begins_s + until_s) / 2
    cancelled_s = max((one.begins_s for one in steps if one.orders.cancel), default=-1.0)
    active = [
        one
        for one in steps
        if one.orders.acts
        and one.begins_s <= now_s < one.control_ends_s
        and one.begins_s >= cancelled_s
    ]
    chosen = min(reversed(active), key=lambda one: one.orders.primacy, default=None)
    return None if chosen is None else chosen.orders.control


@dataclass(frozen=True)
class Answered:
    """What a client should answer to a control, and what it did.

    Attributes:
        judged: whether a verdict is asked for.
    """

    control_id: str
    expected: tuple[int, ...]
    given: tuple[int, ...]
    judged: bool = True

    @property
    def right(self) -> bool:
        """Whether it is what it should be, in whatever order."""
        return set(self.expected) == set(self.given)

    def __str__(self) -> str:
        """Both, in words."""
        expected, given = (
            " ".join(map(str, one)) or "nothing" for one in (self.expected, self.given)
        )
        return f"control {self.control_id} answered {given}, expected {expected}"


def answered(
    expected: Sequence[tuple[str, tuple[int, ...]]], responses: Sequence[ControlResponse]
) -> list[Answered]:
    """Return expected answers beside what was answered.

    Args:
        expected: control and its answers.
    """
    return [
        Answered(
            control_id,
            wanted,
            tuple(one.status for one in responses if one.control_id == control_id),
        )
        for control_id, wanted in expected
    ]
