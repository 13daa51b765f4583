"""The words a register map is written in: what a point may mean, and in which units.

The names of settings are those of `Inverter.read_settings`, so that an audit and a procedure find them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

NOMINAL_SHARE = "% of nominal voltage"
CODE, SWITCH, TEXT = "code", "on", "text"


@dataclass(frozen=True)
class Unit:
    """A unit a document may use.

    Attributes:
        base: the unit in which the bench counts the quantity.
        factor: one of this unit in the base unit.
    """

    base: str
    factor: float = 1.0


UNITS: Mapping[str, Unit] = {
    "V": Unit("V"),
    "A": Unit("A"),
    "Hz": Unit("Hz"),
    "s": Unit("s"),
    "ms": Unit("s", 1e-3),
    "min": Unit("s", 60.0),
    "W": Unit("W"),
    "kW": Unit("W", 1e3),
    "var": Unit("var"),
    "VA": Unit("VA"),
    "%": Unit("%"),
    "1": Unit("1"),
    "%/min": Unit("%/min"),
    "%/s": Unit("%/min", 60.0),
    "%/Hz": Unit("%/Hz"),
    CODE: Unit(CODE),
    SWITCH: Unit(SWITCH),
    TEXT: Unit(TEXT),
}


class Base(StrEnum):
    """What a percentage is a share of."""

    VOLTAGE = "nominal voltage"
    RATED_POWER = "rated power"
    APPARENT_POWER = "rated apparent power"
    REACTIVE_POWER = "largest reactive power"
    CHARGING_POWER = "largest charging power"
    PRESENT_POWER = "power at the crossing"


class Kind(StrEnum):
    """What a point is to the bench."""

    SETTING = "setting"
    IDENTITY = "identity"
    STATUS = "status"
    MEASURED = "measured"
    CONTROL = "control"


@dataclass(frozen=True)
class Meaning:
    """What a point may be bound to.

    Attributes:
        pattern: regular expression of the names.
        units: base units it can have.
        stepwise: whether a time needs its semantics stated: delay or maximum.
    """

    pattern: str
    kind: Kind
    units: tuple[str, ...]
    is_trip_time: bool = False


VOLTAGES = ("V", NOMINAL_SHARE)
SHARES = ("%", "W", "var")
_CURVE = "(volt-var|volt-watt|charging volt-watt)"
_TRIP = "(over|under)(voltage|frequency)"
MEANINGS = (
    Meaning(r"(over|under)voltage [1-3] threshold", Kind.SETTING, VOLTAGES),
    Meaning(r"(over|under)frequency [1-3] threshold", Kind.SETTING, ("Hz",)),
    Meaning(rf"{_TRIP} [1-3] time", Kind.SETTING, ("s",), is_trip_time=True),
    Meaning(r"sustained voltage", Kind.SETTING, VOLTAGES),
    Meaning(r"sustained time", Kind.SETTING, ("s",), is_trip_time=True),
    Meaning(r"(first )?connection voltage (high|low)", Kind.SETTING, VOLTAGES),
    Meaning(r"(first )?connection frequency (high|low)", Kind.SETTING, ("Hz",)),
    Meaning(r"(first )?observation", Kind.SETTING, ("s",)),
    Meaning(rf"{_CURVE} [1-9][0-9]? voltage", Kind.SETTING, VOLTAGES),
    Meaning(rf"{_CURVE} [1-9][0-9]? power", Kind.SETTING, SHARES),
    Meaning(rf"({_TRIP}|{_CURVE}|frequency response) enabled", Kind.SETTING, (SWITCH,)),
    Meaning(r"(over|under)-frequency (start|stop|dead band)", Kind.SETTING, ("Hz",)),
    Meaning(r"(over|under)-frequency droop", Kind.SETTING, ("1", "%", "%/Hz")),
    Meaning(r"hysteresis", Kind.SETTING, ("Hz",)),
    Meaning(r"dwell", Kind.SETTING, ("s",)),
    Meaning(r"(first )?ramp", Kind.SETTING, ("%/min",)),
    Meaning(r"region", Kind.SETTING, (CODE,)),
    Meaning(r"(export|generation) limit", Kind.SETTING, ("W", "%")),
    Meaning(r"(export|generation) limit enabled", Kind.SETTING, (SWITCH,)),
    Meaning(r"maker|model|serial|firmware", Kind.IDENTITY, (TEXT, CODE)),
    Meaning(r"operating state|connection state|fault code", Kind.STATUS, (CODE,)),
    Meaning(r"alarms", Kind.STATUS, (CODE,)),
    Meaning(r"reconnect delay remaining", Kind.STATUS, ("s",)),
    Meaning(r"active power|rated power", Kind.STATUS, ("W",)),
    Meaning(r"reactive power", Kind.MEASURED, ("var",)),
    Meaning(r"voltage [1-3]", Kind.MEASURED, ("V",)),
    Meaning(r"current [1-3]", Kind.MEASURED, ("A",)),
    Meaning(r"frequency", Kind.MEASURED, ("Hz",)),
    Meaning(r"permit service", Kind.CONTROL, (CODE, SWITCH)),
)


def meaning_of(name: str) -> Meaning | None:
    """Return what a name means to the bench; None for a name it does not know."""
    return next((one for one in MEANINGS if re.fullmatch(one.pattern, name)), None)
