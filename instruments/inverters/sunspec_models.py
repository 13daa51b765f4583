"""The SunSpec points this bench reads, and how registers become values.

Offsets count from the model's ID register, as in the published SunSpec device information models 1, 701,
703, 707 and 708. "Not implemented" is None, never a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """One point: offset in registers, type, length in registers, name of its scale factor."""

    offset: int
    type: str
    length: int = 1
    scale: str | None = None


MODELS: Mapping[int, Mapping[str, Point]] = {
    1: {
        "Mn": Point(2, "string", 16),
        "Md": Point(18, "string", 16),
        "Vr": Point(42, "string", 8),
        "SN": Point(50, "string", 16),
    },
    701: {
        "InvSt": Point(4, "enum16"),
        "ConnSt": Point(5, "enum16"),
        "Alrm": Point(6, "bitfield32", 2),
        "W": Point(10, "int16", 1, "W_SF"),
        "Var": Point(12, "int16", 1, "Var_SF"),
        "Hz": Point(17, "uint32", 2, "Hz_SF"),
        "Hz_SF": Point(115, "sunssf"),
        "W_SF": Point(116, "sunssf"),
        "Var_SF": Point(119, "sunssf"),
    },
    703: {
        "ES": Point(2, "enum16"),
        "ESDlyTms": Point(9, "uint32", 2),
        "ESDlyRemTms": Point(15, "uint32", 2),
    },
    707: {
        "NPt": Point(5, "uint16"),
        "NCrvSet": Point(6, "uint16"),
        "V_SF": Point(7, "sunssf"),
        "Tms_SF": Point(8, "sunssf"),
        "MustTrip.ActPt": Point(10, "uint16"),
    },
}
MUST_TRIP_POINTS_OFFSET = 11
TRIP_POINT_LENGTH = 3

INVERTER_STATES = {
    0: "off",
    1: "sleeping",
    2: "starting",
    3: "running",
    4: "throttled",
    5: "shutting down",
    6: "fault",
    7: "standby",
}
ALARMS = {
    4: "grid disconnect",
    6: "manual shutdown",
    8: "over-frequency",
    9: "under-frequency",
    10: "AC over-voltage",
    11: "AC under-voltage",
}

_NOT_IMPLEMENTED = {
    "int16": 0x8000,
    "uint16": 0xFFFF,
    "enum16": 0xFFFF,
    "sunssf": 0x8000,
    "uint32": 0xFFFFFFFF,
    "bitfield32": 0xFFFFFFFF,
}
_SIGNED = ("int16", "sunssf")


def decode_integer(registers: Sequence[int], kind: str) -> int | None:
    """Return the integer in big-endian registers; None for the code "not implemented"."""
    raw = 0
    for register in registers:
        raw = raw << 16 | register
    if raw == _NOT_IMPLEMENTED[kind]:
        return None
    if kind in _SIGNED and raw >= 0x8000:
        raw -= 0x10000
    return raw


def decode_text(registers: Sequence[int]) -> str:
    """Return a string padded with zero bytes.

    Raises:
        UnicodeDecodeError: the bytes are not UTF-8.
    """
    data = b"".join(register.to_bytes(2, "big") for register in registers)
    return data.split(b"\0", 1)[0].decode("utf-8").strip()


def scaled(raw: int | None, exponent: int | None) -> float | None:
    """Apply a scale factor; a value without an implemented one is no value."""
    if raw is None or exponent is None:
        return None
    return raw * 10.0**exponent
