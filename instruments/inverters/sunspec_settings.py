"""What an inverter with SunSpec models of the 700s reports of its settings, and registers of its maker.

Only the set in force is read. What a model or a register does not implement is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from instruments.errors import ConfigurationError, RegisterError
from instruments.interfaces import RegisterLink, SettingValue
from instruments.inverters.sunspec_device import ILLEGAL_ADDRESS
from instruments.inverters.sunspec_reported import (
    NOMINAL_SHARE,
    OF_ACTIVE,
    OF_AVAILABLE_ACTIVE,
    OF_AVAILABLE_REACTIVE,
    OF_RATED,
    OF_REACTIVE,
    RATED_SHARE,
    Ratings,
    Reference,
    Settings,
    Single,
    active_points,
    curve,
    reference_of,
    singles,
    stages,
    switch,
)
from instruments.inverters.sunspec_values import ModelValues
from instruments.sunspec.layouts import WORDS, Point, decode

ModelReader = Callable[[int], ModelValues | None]
"""Model → what it holds; None when the device has no such model."""

IN_FORCE = "Crv1."
SINGLES = (
    Single("connection voltage high", 703, "ESVHi", NOMINAL_SHARE),
    Single("connection voltage low", 703, "ESVLo", NOMINAL_SHARE),
    Single("connection frequency high", 703, "ESHzHi", "Hz"),
    Single("connection frequency low", 703, "ESHzLo", "Hz"),
    Single("observation", 703, "ESDlyTms", "s"),
    Single("generation limit", 704, "WMaxLimPct", RATED_SHARE),
    Single("over-frequency dead band", 711, "Ctl1.DbOf", "Hz"),
    Single("under-frequency dead band", 711, "Ctl1.DbUf", "Hz"),
    Single("over-frequency droop", 711, "Ctl1.KOf", "1"),
    Single("under-frequency droop", 711, "Ctl1.KUf", "1"),
)
SWITCHES = {
    704: ("generation limit enabled", "WMaxLimPctEna"),
    705: ("volt-var enabled", "Ena"),
    706: ("volt-watt enabled", "Ena"),
    707: ("undervoltage enabled", "Ena"),
    708: ("overvoltage enabled", "Ena"),
    709: ("underfrequency enabled", "Ena"),
    710: ("overfrequency enabled", "Ena"),
    711: ("frequency response enabled", "Ena"),
}
TRIPS = {
    707: ("undervoltage", "V", NOMINAL_SHARE),
    708: ("overvoltage", "V", NOMINAL_SHARE),
    709: ("underfrequency", "Hz", "Hz"),
    710: ("overfrequency", "Hz", "Hz"),
}
REACTIVE = {0: OF_ACTIVE, 1: OF_REACTIVE, 2: OF_AVAILABLE_REACTIVE, 3: OF_RATED}
ACTIVE = {0: OF_RATED, 1: OF_AVAILABLE_ACTIVE}
CURVES: Mapping[int, tuple[str, str, Mapping[int, Reference]]] = {
    705: ("volt-var", "Var", REACTIVE),
    706: ("volt-watt", "W", ACTIVE),
}
"""Model → its function, name of its ordinate, what that is a share of by the value of DeptRef."""


@dataclass(frozen=True)
class SettingRegister:
    """One setting in the maker's own registers.

    Attributes:
        setting: its name, as `Inverter.read_settings` returns it.
        address: wire address of its first register.
        exponent: power of ten of its quantum.

    Raises:
        ConfigurationError: the type is none.
    """

    setting: str
    address: int
    unit: str
    type: str = "uint16"
    exponent: int = 0

    def __post_init__(self) -> None:
        if self.type not in WORDS:
            raise ConfigurationError(
                f"register {self.address} of {self.setting!r}: type = {self.type!r}; expected one of "
                f"{', '.join(WORDS)}"
            )

    def point(self) -> Point:
        """Return it as a point of a block of its own."""
        return Point(self.setting, 0, self.type, WORDS[self.type], self.exponent, False)


def read_model_settings(read: ModelReader) -> Settings:
    """Return every setting the models of the 700s expose."""
    found: Settings = {}
    for number in sorted({place.model for place in SINGLES} | set(SWITCHES)):
        values = read(number)
        if values is not None:
            found |= singles(values, SINGLES)
            found |= switch(values, *SWITCHES[number]) if number in SWITCHES else {}
            found |= _trips(values) if number in TRIPS else {}
            found |= _curve(values, lambda: _ratings(read(702))) if number in CURVES else {}
    return found


def read_registers(link: RegisterLink, registers: Sequence[SettingRegister]) -> Settings:
    """Return the settings in the maker's own registers, without those the device does not have."""
    found = {}
    for place in registers:
        value = _register(link, place)
        if value is not None:
            found[place.setting] = SettingValue(value, place.unit, 10.0**place.exponent)
    return found


def _register(link: RegisterLink, place: SettingRegister) -> float | None:
    point = place.point()
    try:
        words = link.read(place.address, point.words)
    except RegisterError as error:
        if error.code != ILLEGAL_ADDRESS:
            raise
        return None
    value = decode(words, point, place.exponent)
    return None if isinstance(value, str) else value


def _active(values: ModelValues, start: str) -> range:
    return active_points(values, f"{start}ActPt", values.integer("NPt") or 0)


def _trips(values: ModelValues) -> Settings:
    prefix, level, unit = TRIPS[values.number]
    start = f"{IN_FORCE}MustTrip."
    points = [f"{start}Pt{k}." for k in _active(values, start)]
    corners = [
        (values.setting(point + level, unit), values.setting(f"{point}Tms", "s"))
        for point in points
    ]
    return dict(stages(prefix, corners))


def _curve(values: ModelValues, ratings: Callable[[], Ratings]) -> Settings:
    prefix, share, references = CURVES[values.number]
    reference = reference_of(values, f"{IN_FORCE}DeptRef", references)
    of = ratings() if reference.supplied else Ratings()
    points = [f"{IN_FORCE}Pt{k}." for k in _active(values, IN_FORCE)]
    pairs = (
        (
            _of_nominal(values.setting(f"{point}V", NOMINAL_SHARE), values),
            reference.share(values.setting(point + share, reference.unit), of),
        )
        for point in points
    )
    return dict(curve(prefix, pairs))


def _of_nominal(voltage: SettingValue | None, values: ModelValues) -> SettingValue | None:
    """Return a voltage of a curve as a share of the nominal one, whatever share of it the curve counts from."""
    reference = values.number_of(f"{IN_FORCE}VRef")
    if voltage is None or reference is None or reference == 100:
        return voltage
    factor = reference / 100
    return replace(voltage, value=voltage.value * factor, quantum=voltage.quantum * factor)


def _ratings(values: ModelValues | None) -> Ratings:
    paths = ("WMax", "VAMax", "VarMaxInj", "VarMaxAbs")
    return Ratings(*(values.number_of(path) if values else None for path in paths))
