"""What a SunSpec inverter reports of its settings: models 703, 705 to 711, and registers of its maker.

Offsets count from the model's ID register, as in the published SunSpec device information models. Only the set
in force is read. What a model or a register does not implement is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from instruments.interfaces import RegisterLink, SettingValue
from instruments.inverters.sunspec_models import Point, decode_integer

NOMINAL_SHARE = "% of nominal voltage"
RATED_SHARE = "%"
LENGTHS = {"uint16": 1, "int16": 1, "enum16": 1, "uint32": 2}

Registers = Sequence[int]
ModelReader = Callable[[int], Registers | None]
"""Model → all its registers from the ID on; None when the device has no such model."""


@dataclass(frozen=True)
class SettingRegister:
    """One setting in the maker's own registers.

    Attributes:
        setting: its name, as `Inverter.read_settings` returns it.
        address: wire address of its first register.
        exponent: power of ten of its quantum.
    """

    setting: str
    address: int
    unit: str
    type: str = "uint16"
    exponent: int = 0


@dataclass(frozen=True)
class _Single:
    """A setting at a fixed offset, with the offset of its scale factor."""

    setting: str
    model: int
    point: Point
    unit: str
    scale_at: int | None = None


@dataclass(frozen=True)
class _Points:
    """The points of a set in force: a level and what belongs to it, one pair after the other.

    Attributes:
        count_at, first_at: offsets of the number of active points and of the first of them.
        names: setting's name → type, unit and offset of the scale factor, in the order of the registers.
    """

    model: int
    prefix: str
    count_at: int
    first_at: int
    names: Mapping[str, tuple[str, str, int]]


SINGLES = (
    _Single("connection voltage high", 703, Point(3, "uint16"), NOMINAL_SHARE, 17),
    _Single("connection voltage low", 703, Point(4, "uint16"), NOMINAL_SHARE, 17),
    _Single("connection frequency high", 703, Point(5, "uint32", 2), "Hz", 18),
    _Single("connection frequency low", 703, Point(7, "uint32", 2), "Hz", 18),
    _Single("observation", 703, Point(9, "uint32", 2), "s"),
    _Single("over-frequency dead band", 711, Point(14, "uint32", 2), "Hz", 11),
    _Single("under-frequency dead band", 711, Point(16, "uint32", 2), "Hz", 11),
    _Single("over-frequency droop", 711, Point(18, "uint16"), "1", 12),
    _Single("under-frequency droop", 711, Point(19, "uint16"), "1", 12),
)
_VOLTAGE_TRIP = {"threshold": ("uint16", NOMINAL_SHARE, 7), "time": ("uint32", "s", 8)}
_FREQUENCY_TRIP = {"threshold": ("uint32", "Hz", 7), "time": ("uint32", "s", 8)}
_CURVE = {"voltage": ("uint16", NOMINAL_SHARE, 12), "power": ("int16", RATED_SHARE, 13)}
SETS = (
    _Points(705, "volt-var", 15, 25, _CURVE),
    _Points(706, "volt-watt", 15, 20, _CURVE),
    _Points(707, "undervoltage", 10, 11, _VOLTAGE_TRIP),
    _Points(708, "overvoltage", 10, 11, _VOLTAGE_TRIP),
    _Points(709, "underfrequency", 10, 11, _FREQUENCY_TRIP),
    _Points(710, "overfrequency", 10, 11, _FREQUENCY_TRIP),
)
FUNCTIONS = {711: "frequency response", **{points.model: points.prefix for points in SETS}}
ENABLED = Point(2, "enum16")
OBSERVATION_OFFSET = 9
SERVICE_MODEL = 703


def read_model_settings(read_model: ModelReader) -> dict[str, SettingValue]:
    """Return every setting the models expose."""
    models = {place.model: read_model(place.model) for place in (*SINGLES, *SETS)}
    found: dict[str, SettingValue] = {}
    for place in SINGLES:
        registers = models[place.model]
        if registers is not None:
            found |= _single(registers, place)
    for points in SETS:
        registers = models[points.model]
        if registers is not None:
            found |= dict(_points(registers, points))
    for model, function in FUNCTIONS.items():
        registers = models[model]
        if registers is not None:
            found |= _single(registers, _Single(f"{function} enabled", model, ENABLED, "on"))
    return found


def read_registers(
    link: RegisterLink, registers: Sequence[SettingRegister]
) -> dict[str, SettingValue]:
    """Return the settings in the maker's own registers."""
    found = {}
    for place in registers:
        raw = decode_integer(link.read(place.address, LENGTHS[place.type]), place.type)
        if raw is not None:
            found[place.setting] = _value(raw, place.exponent, place.unit)
    return found


def _single(registers: Registers, place: _Single) -> dict[str, SettingValue]:
    raw = _integer(registers, place.point.offset, place.point.type)
    exponent = 0 if place.scale_at is None else _integer(registers, place.scale_at, "sunssf")
    if raw is None or exponent is None:
        return {}
    return {place.setting: _value(raw, exponent, place.unit)}


def _points(registers: Registers, points: _Points) -> Iterator[tuple[str, SettingValue]]:
    at = points.first_at
    for number in range(1, (_integer(registers, points.count_at, "uint16") or 0) + 1):
        for name, (kind, unit, scale_at) in points.names.items():
            raw, exponent = _integer(registers, at, kind), _integer(registers, scale_at, "sunssf")
            at += LENGTHS[kind]
            if raw is not None and exponent is not None:
                yield f"{points.prefix} {number} {name}", _value(raw, exponent, unit)


def _integer(registers: Registers, at: int, kind: str) -> int | None:
    """Return a point; None when it is not implemented, or the device's model ends before it."""
    length = LENGTHS.get(kind, 1)
    span = registers[at : at + length]
    return decode_integer(span, kind) if len(span) == length else None


def _value(raw: int, exponent: int, unit: str) -> SettingValue:
    # A negative power as a divisor keeps the decimal places: 2.3, not 2.3000000000000003.
    value = raw / 10**-exponent if exponent < 0 else float(raw * 10**exponent)
    return SettingValue(value, unit, 10.0**exponent)
