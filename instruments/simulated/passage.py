"""The one way in which time passes in the simulated laboratory."""

from __future__ import annotations

from collections.abc import Callable

from instruments.simulated.world import World

Announcement = Callable[[float], None]


class Passage:
    """Moves a world, and says beforehand how far.

    A device that does something periodically need not wake the world at every period: told how far
    time is about to move, it schedules the last occasion only.
    """

    def __init__(self, world: World) -> None:
        self._world = world
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
        """Let `duration_s` seconds pass."""
        self.advance_to(self._world.now_s + duration_s)
