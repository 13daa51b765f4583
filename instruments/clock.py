"""Time, as an instrument. The only module that imports `time`.

Whoever waits gets a `Clock` and a deadline. In the laboratory the clock is the wall; in the simulated
laboratory `sleep` advances the simulated world (`instruments.simulated.laboratory`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Clock(Protocol):
    """Seconds that pass for the bench.

    Attributes:
        name: "wall" or "virtual"; evidence states it beside every host time stamp.
    """

    name: str

    def now_s(self) -> float:
        """Return monotonic seconds; only differences mean anything."""
        ...

    def sleep(self, duration_s: float) -> None:
        """Let `duration_s` seconds pass."""
        ...

    def prompt(self) -> None:
        """Have simulated instruments take what was just sent; links call it between request and answer.

        Real instruments need no prompting: on the wall clock it does nothing.
        """
        ...


class WallClock:
    """The laboratory's clock: monotonic host time, real sleeping."""

    name = "wall"

    def now_s(self) -> float:
        return time.monotonic()

    def sleep(self, duration_s: float) -> None:
        if duration_s > 0:
            time.sleep(duration_s)

    def prompt(self) -> None: ...


def utc_now() -> datetime:
    """Return the wall-clock date and time in UTC, for records only."""
    return datetime.now(UTC)


def process_time_s() -> float:
    """Return a monotonic high-resolution host time, to report how long a run took."""
    return time.perf_counter()


@dataclass(frozen=True)
class Deadline:
    """A point in time that several steps share."""

    clock: Clock
    at_s: float

    @classmethod
    def after(cls, clock: Clock, duration_s: float) -> Deadline:
        """Return the deadline `duration_s` seconds from now."""
        return cls(clock, clock.now_s() + duration_s)

    @property
    def remaining_s(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at_s - self.clock.now_s())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.clock.now_s() >= self.at_s


def wait_until(
    condition: Callable[[], Result | None], deadline: Deadline, poll_s: float
) -> Result | None:
    """Evaluate `condition` every `poll_s` seconds until it returns something true.

    The last evaluation happens at the deadline. Returns what the condition returned, or None
    when the deadline passed first: the caller says what that means.
    """
    while True:
        result = condition()
        if result:
            return result
        if deadline.passed:
            return None
        deadline.clock.sleep(min(poll_s, deadline.remaining_s))
