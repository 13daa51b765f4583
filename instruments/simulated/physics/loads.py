"""A load that is switched while the world runs."""

from __future__ import annotations

from collections.abc import Callable

from instruments.simulated.physics.parallel_load import ParallelLoad


class Load:
    """Holds what is connected now. `changed` is called after every change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.connected = ParallelLoad()

    def set(self, load: ParallelLoad) -> None:
        """Switch to another load at once."""
        self.connected = load
        self._changed()
