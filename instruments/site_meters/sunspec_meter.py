"""A three-phase meter that speaks SunSpec over Modbus: models 1 and 203 (wye, three phases)."""

from __future__ import annotations

from instruments.clock import Clock
from instruments.errors import ConfigurationError, InstrumentError
from instruments.interfaces import Identity, RegisterLink
from instruments.inverters.sunspec_device import SunSpecDevice
from instruments.inverters.sunspec_quirks import Quirks
from instruments.site import SiteReading

MODEL, COMMON = 203, 1
PHASES_AT, SCALE_AT = 19, 22
NOT_IMPLEMENTED = -0x8000
SIGNS = {"import": -1.0, "export": 1.0}


class SunSpecMeter:
    """Implements `SiteMeter`.

    Args:
        link: register link to the meter's unit.
        clock: used to stamp exchanges.
        positive: what the meter counts as positive, "import" from the grid or "export" into it.
        window_s: over which it averages, and how old its values may be when they are read.
    """

    def __init__(
        self, link: RegisterLink, clock: Clock, *, positive: str = "import", window_s: float = 1.0
    ) -> None:
        self._link = link
        self._clock = clock
        self._sign = sign_of(positive, link.name)
        self._window_s = window_s
        self._device = SunSpecDevice(link, Quirks())

    def identify(self) -> Identity:
        common = self._device.require(COMMON)
        return Identity(*(common.text(path) for path in ("Mn", "Md", "SN", "Vr")))

    def read(self) -> SiteReading:
        requested_s = self._clock.now_s()
        words = self._link.read(self._address() + PHASES_AT, SCALE_AT - PHASES_AT + 1)
        a, b, c, exponent = (word - 0x10000 if word >= 0x8000 else word for word in words)
        powers_w = (self._watts(a, exponent), self._watts(b, exponent), self._watts(c, exponent))
        return SiteReading(self._window_s, powers_w, requested_s, self._clock.now_s())

    def _watts(self, counts: int, exponent: int) -> float:
        if NOT_IMPLEMENTED in (counts, exponent):
            raise InstrumentError(
                f"{self._link.name}: model {MODEL} shows the power of a phase as not implemented; the "
                "bench needs the power of each phase"
            )
        return float(self._sign * counts * 10.0**exponent)

    def _address(self) -> int:
        found = self._device.find(MODEL)
        if not found:
            models = ", ".join(str(model.number) for model in self._device.models)
            raise InstrumentError(
                f"{self._link.name}: has no SunSpec model {MODEL}; it has {models}"
            )
        return found[0].address


def sign_of(positive: str, name: str) -> float:
    """Return the factor from a meter's sign to power into the grid. Raises ConfigurationError."""
    if positive not in SIGNS:
        raise ConfigurationError(
            f"{name}: positive = {positive!r}: expected one of {', '.join(SIGNS)}"
        )
    return SIGNS[positive]
