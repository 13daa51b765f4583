"""The one way in which time passes in the simulated laboratory."""

from __future__ import annotations

from collections.abc import Callable

from instruments.clock import Clock
from instruments.simulated.physics.world import World

Announcement = Callable[[float], None]


class Pace:
    """Ties the world's time to a clock: the world is never ahead of it.

    Args:
        clock: usually the wall's.
        speed: world seconds per second of the clock.
    """

    def __init__(self, clock: Clock, speed: float) -> None:
        self._clock = clock
        self._speed = speed
        self._began_s = clock.now_s()

    def now_s(self) -> float:
        """Return how far the world may have come."""
        return (self._clock.now_s() - self._began_s) * self._speed

    def await_time(self, time_s: float) -> None:
        """Wait until the world may reach `time_s`."""
        self._clock.sleep((time_s - self.now_s()) / self._speed)


class Passage:
    """Moves a world, and says beforehand how far.

    A device that does something periodically need not wake the world at every period: told how far
    time is about to move, it schedules the last occasion only.

    Args:
        pace: what ties the world to real time; without one, time passes only where it is used.
    """

    def __init__(self, world: World, pace: Pace | None = None) -> None:
        self._world = world
        self._pace = pace
        self._listeners: list[Announcement] = []

    def announce_to(self, listener: Announcement) -> None:
        """Call `listener` with the time that will be reached, before every movement."""
        self._listeners.append(listener)

    def advance_to(self, time_s: float) -> None:
        """Move the world to `time_s`."""
        for listener in self._listeners:
            listener(time_s)
        self._world.advance_to(time_s)

    def advance_by(self, duration_s: float) -> None:
        """Let `duration_s` seconds pass; a paced world catches up with its clock first."""
        if self._pace is None:
            self.advance_to(self._world.now_s + duration_s)
            return
        end_s = max(self._world.now_s, self._pace.now_s()) + duration_s
        self._pace.await_time(end_s)
        self.advance_to(end_s)
