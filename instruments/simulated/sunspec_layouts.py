"""Layout of the SunSpec models the simulated inverter publishes, and how values become registers.

Facts from the SunSpec device information models; offsets count from a model's ID register. A layout
names the type of every point, so that a point without a value holds its type's code for "not
implemented".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

IDENTITY, MEASUREMENT, CAPACITY, ENTER_SERVICE, CONTROLS = 1, 701, 702, 703, 704
LOW_VOLTAGE, HIGH_VOLTAGE, LOW_FREQUENCY, HIGH_FREQUENCY = 707, 708, 709, 710
HEADER_REGISTERS = 2
TRIP_HEADER = "enum16 uint16 enum16 uint16*2 sunssf*2"
TRIP_POINTS = 2

LAYOUTS = {
    IDENTITY: "string16*2 string8*2 string16 uint16 pad",
    MEASUREMENT: (
        "enum16*4 bitfield32*2 int16*5 uint16*2 uint32 uint64*4 "
        "int16*11 uint16*2 uint64*4 int16*5 uint16*2 uint64*4 int16*5 uint16*2 uint64*4 "
        "uint16 bitfield32 sunssf*10 string32"
    ),
    CAPACITY: "uint16*19 enum16*2 bitfield32 bitfield16 uint16*18 bitfield16 sunssf*7",
    ENTER_SERVICE: "enum16 uint16*2 uint32*6 sunssf*2",
    CONTROLS: (
        "enum16*2 uint32*2 enum16*2 uint32*2 enum16 uint16*2 enum16 uint32*2 enum16*2 int32*2 "
        "int16*2 enum16 uint32*2 enum16*3 int32*2 int16*2 enum16 uint32*2 uint16 enum16 uint16 "
        "enum16 sunssf*6 " + "uint16 enum16 " * 4
    ),
}

_WORDS = {
    "int16": 1,
    "uint16": 1,
    "enum16": 1,
    "bitfield16": 1,
    "sunssf": 1,
    "pad": 1,
    "int32": 2,
    "uint32": 2,
    "bitfield32": 2,
    "uint64": 4,
}
_SIGNED = ("int16", "int32", "sunssf")
_NOT_IMPLEMENTED = {
    "int16": [0x8000],
    "sunssf": [0x8000],
    "pad": [0x8000],
    "int32": [0x8000, 0],
    "string": [0],
}


def layout(model: int) -> str:
    """Return the types of a model's points behind ID and length."""
    if model in LAYOUTS:
        return LAYOUTS[model]
    point = "uint16 uint32 " if model in (LOW_VOLTAGE, HIGH_VOLTAGE) else "uint32 uint32 "
    return f"{TRIP_HEADER} enum16 " + ("uint16 " + point * TRIP_POINTS) * 3


@cache
def blank(model: int) -> tuple[int, ...]:
    """Return a model's registers, ID and length included, with every point not implemented."""
    registers = [word for kind in _kinds(layout(model)) for word in not_implemented(kind)]
    return (model, len(registers), *registers)


def not_implemented(kind: str) -> list[int]:
    """Return the registers of a point that has no value."""
    if kind.startswith("string"):
        return _NOT_IMPLEMENTED["string"] * int(kind.removeprefix("string"))
    return _NOT_IMPLEMENTED.get(kind, [0xFFFF] * _WORDS[kind])


def encode(value: float, kind: str, exponent: int = 0) -> list[int]:
    """Return the registers of `value`, divided by ten to the `exponent` and rounded.

    Raises:
        OverflowError: it does not fit; the scale factor is badly chosen.
    """
    raw = round(value / 10.0**exponent)
    data = raw.to_bytes(2 * _WORDS[kind], "big", signed=kind in _SIGNED)
    return [int.from_bytes(data[k : k + 2], "big") for k in range(0, len(data), 2)]


def encode_text(text: str, words: int) -> list[int]:
    """Return a string padded with zeros."""
    data = text.encode("utf-8").ljust(2 * words, b"\0")
    return [int.from_bytes(data[k : k + 2], "big") for k in range(0, 2 * words, 2)]


def _kinds(text: str) -> Iterator[str]:
    for item in text.split():
        kind, _, repeat = item.partition("*")
        for _ in range(int(repeat or 1)):
            yield kind
