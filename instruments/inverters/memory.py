"""What the bench remembers of one inverter: settings as it found them, and how often flash was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import MutableMapping
from typing import Any, Protocol


class InverterMemory(Protocol):
    """Outlives the process where the station has a place for it.

    Attributes:
        before: settings that were changed and not put back yet → what they held, in the order of change.
    """

    @property
    def before(self) -> MutableMapping[str, Any]: ...

    def writes_today(self, setting: str) -> int:
        """Return how often a setting was written since midnight UTC, in all sessions."""
        ...

    def writes_in_all(self, setting: str) -> int:
        """Return how often a setting was ever written, as far as is remembered."""
        ...

    def count_write(self, setting: str) -> None:
        """Count a write that is about to be sent."""
        ...


class SessionMemory:
    """Forgets with the process. Implements `InverterMemory`."""

    def __init__(self) -> None:
        self.before: MutableMapping[str, Any] = {}
        self._written: Counter[str] = Counter()

    def writes_today(self, setting: str) -> int:
        return self._written[setting]

    def writes_in_all(self, setting: str) -> int:
        return self._written[setting]

    def count_write(self, setting: str) -> None:
        self._written[setting] += 1
