"""Eastron SDM630 meters: input registers with 32-bit floats, high word first.

Registers as in the maker's protocol description and public drivers: power of the phases at 12, 14 and 16. The
serial number is a 32-bit integer in holding registers 64512 and 64513.
"""

from __future__ import annotations

from math import isfinite
from struct import pack, unpack
from typing import Protocol

from instruments.clock import Clock
from instruments.errors import LinkGarbled
from instruments.interfaces import Identity, RegisterLink
from instruments.site import SiteReading
from instruments.site_meters.sunspec_meter import sign_of

POWERS_AT, WORDS = 12, 6
SERIAL_AT, SERIAL_WORDS = 64_512, 2


class InputRegisterLink(RegisterLink, Protocol):
    """A link that also reads input registers (function 4)."""

    def read_input(self, address: int, count: int) -> list[int]: ...


class Sdm630:
    """Implements `SiteMeter`.

    Args:
        link: register link to the meter's unit.
        clock: used to stamp exchanges.
        positive: what the meter counts as positive, "import" from the grid or "export" into it.
        window_s: over which it averages, and how old its values may be when they are read.
    """

    def __init__(
        self,
        link: InputRegisterLink,
        clock: Clock,
        *,
        positive: str = "import",
        window_s: float = 1.0,
    ) -> None:
        self._link = link
        self._clock = clock
        self._sign = sign_of(positive, link.name)
        self._window_s = window_s

    def identify(self) -> Identity:
        high, low = self._link.read(SERIAL_AT, SERIAL_WORDS)
        return Identity("Eastron", "SDM630", str(high << 16 | low), "not told")

    def read(self) -> SiteReading:
        requested_s = self._clock.now_s()
        words = self._link.read_input(POWERS_AT, WORDS)
        a, b, c = (self._sign * value for value in unpack(">3f", pack(">6H", *words)))
        if not all(map(isfinite, (a, b, c))):
            raise LinkGarbled(f"{self._link.name}: powers of the phases read {a}, {b}, {c}")
        return SiteReading(self._window_s, (a, b, c), requested_s, self._clock.now_s())
