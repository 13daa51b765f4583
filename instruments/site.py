"""What measures and disturbs at the connection point of a site. Protocols and what crosses them.

Units and signs as in `instruments.interfaces`; power at the connection point is positive into the grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from instruments.interfaces import Identity, PhaseValues, Reading


@dataclass(frozen=True)
class SiteReading:
    """One averaged reading at the connection point.

    Attributes:
        window_s: length of the averaging window, which ends when the reading was answered at the latest.
        active_powers_w: per phase, positive into the grid.
        requested_s, answered_s: host clock around the exchange.
        beside: what the same instrument read at the inverter's terminals in the same window, if it did.
    """

    window_s: float
    active_powers_w: PhaseValues
    requested_s: float
    answered_s: float
    beside: Reading | None = None

    @property
    def active_power_w(self) -> float:
        """Sum over the phases."""
        return sum(self.active_powers_w)


class SiteMeter(Protocol):
    """The bench's own meter at the connection point."""

    def identify(self) -> Identity: ...

    def read(self) -> SiteReading:
        """Return the newest complete reading."""
        ...


class MeterFeed(StrEnum):
    """What reaches the inverter of the meter it listens to."""

    WORKING = "working"
    SILENT = "silent"
    FROZEN = "frozen"
    REVERSED = "reversed"


class MeterLine(Protocol):
    """What stands between the inverter and the meter it listens to."""

    def set_feed(self, feed: MeterFeed) -> None:
        """Pass readings on, or what else is asked for, and confirm it by reading back."""
        ...
