"""Registers to values and back, as a point describes them. "Not implemented" is None, never a number."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from math import isfinite, nan

from instruments.register_maps.model import Point

WORD_BITS = 16
TYPES = {
    "u16": 1,
    "s16": 1,
    "u32": 2,
    "s32": 2,
    "u64": 4,
    "f32": 2,
    "f64": 4,
    "bits": 1,
    "string": 0,
}
"""Type → registers; a string has a length of its own."""
FLOATS = {"f32": (">f", ">I"), "f64": (">d", ">Q")}
LEAST_EXPONENT, GREATEST_EXPONENT = -10, 10

Value = float | str | None


class Unencodable(ValueError):
    """A value that the registers of a point cannot hold."""


def decode(registers: Sequence[int], point: Point, exponent: int | None = 0) -> Value:
    """Return the value in `point.unit`, a text, or None for a code that means there is none.

    Args:
        exponent: what the scale register holds; None when that is not implemented.

    Raises:
        UnicodeDecodeError: a string is not UTF-8.
    """
    if point.type == "string":
        return _text(registers)
    raw = raw_of(registers, point)
    whole = joined(registers, low_word_first=point.low_word_first)
    if exponent is None or whole in point.not_implemented or _is_nan(raw):
        return None
    value = _product(raw - point.offset, point.scale * 10.0**exponent)
    return -value if point.negated and value else value


def encode(value: float | str, point: Point, exponent: int = 0, before: int = 0) -> list[int]:
    """Return the registers that hold a value.

    Args:
        before: what the registers hold as one number; bits beside the point's stay.

    Raises:
        Unencodable: the value does not fit.
    """
    if isinstance(value, str):
        return _encoded_text(value, point)
    signed = -value if point.negated else value
    number = _product(signed, 1 / (point.scale * 10.0**exponent)) + point.offset
    if point.type in FLOATS:
        return _encoded_float(number, point)
    raw = round(number)
    low, high = raw_limits(point)
    if not low <= raw <= high:
        raise Unencodable(
            f"{point.name}: {value:g} {point.unit} is {raw} in its register, which holds {low} to {high}"
        )
    return split(with_field(raw, point, before), point)


def raw_of(registers: Sequence[int], point: Point) -> float:
    """Return the number in the registers before scale and offset."""
    whole = joined(registers, low_word_first=point.low_word_first)
    if point.type in FLOATS:
        form, integer = FLOATS[point.type]
        number: float = struct.unpack(form, struct.pack(integer, whole))[0]
        return number
    first, bits = _field(point)
    raw = whole >> first & (1 << bits) - 1
    return raw - (1 << bits) if point.type.startswith("s") and raw >> bits - 1 else raw


def raw_limits(point: Point) -> tuple[int, int]:
    """Return least and greatest raw number an integer point holds."""
    _, bits = _field(point)
    if point.type.startswith("s"):
        return -(1 << bits - 1), (1 << bits - 1) - 1
    return 0, (1 << bits) - 1


def joined(registers: Sequence[int], *, low_word_first: bool) -> int:
    """Return registers as one unsigned number."""
    number = 0
    for register in reversed(registers) if low_word_first else registers:
        number = number << WORD_BITS | register
    return number


def split(number: int, point: Point) -> list[int]:
    """Return an unsigned number as the registers of a point."""
    places = reversed(range(point.words))
    registers = [number >> WORD_BITS * place & 0xFFFF for place in places]
    return registers[::-1] if point.low_word_first else registers


def with_field(raw: int, point: Point, before: int) -> int:
    """Return all registers of a point as one number, with `raw` in its field."""
    first, bits = _field(point)
    mask = (1 << bits) - 1 << first
    return before & ~mask | raw << first & mask


def exponent_in(raw: float | str | None) -> int | None:
    """Return a power of ten from a scale register; None when it cannot be one."""
    if not isinstance(raw, float | int) or not LEAST_EXPONENT <= raw <= GREATEST_EXPONENT:
        return None
    return int(raw)


def _field(point: Point) -> tuple[int, int]:
    if point.bits is None:
        return 0, WORD_BITS * point.words
    first, last = point.bits
    return first, last - first + 1


def _product(number: float, scale: float) -> float:
    """Return number · scale; a scale below 1 divides, which keeps its decimal places: 2.3, not 2.300…3."""
    inverse = 1 / scale if scale else nan
    whole = round(inverse)
    if abs(scale) < 1 and abs(inverse - whole) < 1e-9 * abs(inverse):
        return number / whole
    return number * scale


def _is_nan(raw: float) -> bool:
    return isinstance(raw, float) and not isfinite(raw)


def _text(registers: Sequence[int]) -> str:
    data = b"".join(register.to_bytes(2, "big") for register in registers)
    return data.split(b"\0", 1)[0].decode("utf-8").strip()


def _encoded_text(text: str, point: Point) -> list[int]:
    data = text.encode("utf-8")
    if point.type != "string" or len(data) > 2 * point.words:
        raise Unencodable(f"{point.name}: {text!r} does not fit into {point.words} registers")
    data = data.ljust(2 * point.words, b"\0")
    return [int.from_bytes(data[k : k + 2], "big") for k in range(0, len(data), 2)]


def _encoded_float(number: float, point: Point) -> list[int]:
    form, integer = FLOATS[point.type]
    try:
        [whole] = struct.unpack(integer, struct.pack(form, number))
    except OverflowError as error:
        raise Unencodable(f"{point.name}: {number:g} is too large for {point.type}") from error
    return split(whole, point)
