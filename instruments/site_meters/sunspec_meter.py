"""A three-phase meter that speaks SunSpec over Modbus: models 1 and 203 (wye, three phases)."""

from __future__ import annotations

from instruments.clock import Clock
from instruments.errors import ConfigurationError, InstrumentError, LinkGarbled, RegisterError
from instruments.interfaces import Identity, PhaseValues, RegisterLink
from instruments.inverters.sunspec_fitting import layout_of
from instruments.inverters.sunspec_values import ModelValues
from instruments.site import SiteReading
from instruments.sunspec.layouts import Point, decode

BASE_ADDRESSES = (40_000, 50_000, 0)
MARKER = [0x5375, 0x6E53]
END_MODEL, MODEL, COMMON = 0xFFFF, 203, 1
MOST_MODELS = 64
INT16 = Point("", 0, "int16", 1, None, False)
PHASES_AT, SCALE_AT = 19, 22
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
        self._models: dict[int, int] | None = None

    def identify(self) -> Identity:
        address = self._address(COMMON)
        words = self._link.read(address, 68)
        common = ModelValues(COMMON, address, layout_of(COMMON), words)
        return Identity(*(common.text(path) for path in ("Mn", "Md", "SN", "Vr")))

    def read(self) -> SiteReading:
        requested_s = self._clock.now_s()
        words = self._link.read(self._address(MODEL) + PHASES_AT, SCALE_AT - PHASES_AT + 1)
        *phases, exponent = (_number(word) for word in words)
        values = [self._watts(raw, exponent) for raw in phases]
        return SiteReading(self._window_s, _three(values), requested_s, self._clock.now_s())

    def _watts(self, raw: int | None, exponent: int | None) -> float:
        if raw is None or exponent is None:
            raise InstrumentError(
                f"{self._link.name}: model {MODEL} shows the power of a phase as not implemented; the "
                "bench needs the power of each phase"
            )
        return self._sign * raw * 10.0**exponent

    def _address(self, model: int) -> int:
        if self._models is None:
            self._models = self._walk()
        if model not in self._models:
            found = ", ".join(map(str, sorted(self._models)))
            raise InstrumentError(
                f"{self._link.name}: has no SunSpec model {model}; it has {found}"
            )
        return self._models[model]

    def _walk(self) -> dict[int, int]:
        """Return model → wire address of its ID register."""
        address = self._base_address() + len(MARKER)
        models: dict[int, int] = {}
        for _ in range(MOST_MODELS):
            model, length = self._link.read(address, 2)
            if model == END_MODEL:
                return models
            models.setdefault(model, address)
            address += length + 2
        raise LinkGarbled(f"{self._link.name}: no end marker after {MOST_MODELS} SunSpec models")

    def _base_address(self) -> int:
        for address in BASE_ADDRESSES:
            try:
                if self._link.read(address, 2) == MARKER:
                    return address
            except RegisterError:
                continue
        raise InstrumentError(
            f"{self._link.name}: no SunSpec marker at {', '.join(map(str, BASE_ADDRESSES))}"
        )


def sign_of(positive: str, name: str) -> float:
    """Return the factor from a meter's sign to power into the grid. Raises ConfigurationError."""
    if positive not in SIGNS:
        raise ConfigurationError(
            f"{name}: positive = {positive!r}: expected one of {', '.join(SIGNS)}"
        )
    return SIGNS[positive]


def _three(values: list[float]) -> PhaseValues:
    a, b, c = values
    return (a, b, c)


def _number(word: int) -> int | None:
    value = decode([word], INT16)
    return None if value is None or isinstance(value, str) else int(value)
