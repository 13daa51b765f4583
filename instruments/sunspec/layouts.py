"""Where the points of a block of registers lie, and how values become registers and come back.

A block is a SunSpec model or the vendor's own registers. Values are in the unit of the point (scale
factors applied); None is "not implemented", which every type has its own code for.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, isnan

Value = float | str | None
Values = Mapping[str, Value]
Scale = str | int | None

HEADER = "ID:uint16 L:uint16 "
WORDS = {
    "int16": 1,
    "uint16": 1,
    "enum16": 1,
    "bitfield16": 1,
    "sunssf": 1,
    "pad": 1,
    "count": 1,
    "float32": 2,
    "int32": 2,
    "uint32": 2,
    "bitfield32": 2,
    "acc32": 2,
    "uint64": 4,
    "acc64": 4,
}
_SIGNED = ("int16", "int32", "sunssf")
FLOAT = "float32"
LARGEST_FLOAT = 3.4028234e38
_NOT_IMPLEMENTED = {
    FLOAT: 0x7FC0_0000,
    "int16": 0x8000,
    "sunssf": 0x8000,
    "pad": 0x8000,
    "int32": 0x8000_0000,
    "acc32": 0,
    "acc64": 0,
}
_ITEM = re.compile(r"(\w+):([a-z]+)(\d*)(?:/(-?\w+))?(\*?)")
_GROUP = re.compile(r"\{(=?)(\w+)(?:\[(\w+)\])?")


@dataclass(frozen=True)
class Point:
    """One point of a block.

    Attributes:
        path: name, behind those of its groups, as `Crv1.Pt2.V`.
        offset: registers from the start of the block.
        scale: path of the point with the power of ten, the power itself, or None.
        together: group whose points must be written together; empty for none.
    """

    path: str
    offset: int
    kind: str
    words: int
    scale: Scale
    writable: bool
    together: str = ""

    @property
    def pattern(self) -> str:
        """The path without the numbers of its groups."""
        return re.sub(r"\d+\.", ".", self.path)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The least and the largest raw value that is not the code "not implemented"."""
        largest = (1 << 16 * self.words) - 1
        if self.kind in _SIGNED:
            return -(largest // 2), largest // 2
        return 0, largest if self.kind.startswith("acc") else largest - 1


class Layout:
    """The points of one block in order of their registers.

    Args:
        definition: items in the notation of `instruments.sunspec.definitions`.
        counts: how often groups repeat.
    """

    def __init__(self, definition: str, counts: Mapping[str, int] | None = None) -> None:
        self.points = tuple(_placed(definition, counts or {}))
        self.by_path = {point.path: point for point in self.points}
        self.length = sum(point.words for point in self.points)
        self._newest: dict[str, tuple[Value, int, list[int]]] = {}

    @cached_property
    def blank(self) -> tuple[int, ...]:
        """The registers with no point implemented."""
        return tuple(word for point in self.points for word in not_implemented(point))

    @cached_property
    def at(self) -> Mapping[int, Point]:
        """Points by the offset they begin at."""
        return {point.offset: point for point in self.points}

    def encode(self, values: Values) -> list[int]:
        """Return the block's registers; points without a value are not implemented."""
        registers = list(self.blank)
        for path, value in values.items():
            point = self.by_path[path]
            exponent = exponent_of(point, values) if isinstance(value, int | float) else 0
            words = self._encoded(point, value, exponent)
            registers[point.offset : point.offset + point.words] = words
        return registers

    def _encoded(self, point: Point, value: Value, exponent: int) -> list[int]:
        """Return the registers of a value; most are the same as in the block before."""
        known = self._newest.get(point.path)
        if known is not None and known[0] == value and known[1] == exponent:
            return known[2]
        words = encode(value, point, exponent)
        self._newest[point.path] = value, exponent, words
        return words


def exponent_of(point: Point, values: Values) -> int:
    """Return the power of ten that scales a point."""
    if not isinstance(point.scale, str):
        return point.scale or 0
    exponent = values.get(point.scale)
    if not isinstance(exponent, int):
        raise ValueError(f"{point.path} has a value, but {point.scale} has none")
    return exponent


def not_implemented(point: Point) -> list[int]:
    """Return the registers of a point that has no value."""
    if point.kind == "string":
        return [0] * point.words
    return _split(_absent(point), point.words)


def encode(value: Value, point: Point, exponent: int = 0) -> list[int]:
    """Return the registers of a value, rounded; one that does not fit becomes the nearest that does."""
    if isinstance(value, str):
        return encode_text(value, point.words)
    if value is None or isnan(value):
        return not_implemented(point)
    if point.kind == FLOAT:
        return _split(int.from_bytes(struct.pack(">f", value), "big"), point.words)
    lowest, highest = point.span
    raw = min(highest, max(lowest, round(value * 10.0**-exponent)))
    if point.words == 1:
        return [raw & 0xFFFF]
    return _split(raw % (1 << 16 * point.words), point.words)


def fits(value: float, point: Point, exponent: int = 0) -> bool:
    """Return whether a number can be written into a point without becoming another one, rounding aside."""
    if point.kind == FLOAT:
        return isfinite(value) and abs(value) <= LARGEST_FLOAT
    lowest, highest = point.span
    return isfinite(value) and lowest <= round(value * 10.0**-exponent) <= highest


def decode(registers: Sequence[int], point: Point, exponent: int = 0) -> Value:
    """Return the value in a point's registers.

    Raises:
        UnicodeDecodeError: a text is not UTF-8.
    """
    data = b"".join(word.to_bytes(2, "big") for word in registers)
    if point.kind == "string":
        return data.split(b"\0", 1)[0].decode("utf-8") or None
    if point.kind == FLOAT:
        number: float = struct.unpack(">f", data)[0]
        return None if isnan(number) else number
    raw = int.from_bytes(data, "big")
    if raw == _absent(point):
        return None
    if point.kind in _SIGNED:
        raw = int.from_bytes(data, "big", signed=True)
    if exponent == 0:
        return raw
    return raw * 10.0**exponent if exponent > 0 else raw / 10.0**-exponent


def encode_text(text: str, words: int) -> list[int]:
    """Return a string padded with zeros."""
    data = text.encode("utf-8").ljust(2 * words, b"\0")
    return [int.from_bytes(data[k : k + 2], "big") for k in range(0, 2 * words, 2)]


def _absent(point: Point) -> int:
    return _NOT_IMPLEMENTED.get(point.kind, (1 << 16 * point.words) - 1)


def _split(raw: int, words: int) -> list[int]:
    return [raw >> 16 * k & 0xFFFF for k in reversed(range(words))]


def _placed(definition: str, counts: Mapping[str, int]) -> Iterator[Point]:
    offset = 0
    for path, together, item in _items(iter(definition.split()), counts):
        kind, digits, scale, writable = item
        name = kind + digits if kind != "string" else kind
        words = int(digits) if kind == "string" else WORDS[name]
        yield Point(path, offset, name, words, _scale(scale), bool(writable), together)
        offset += words


def _items(
    tokens: Iterator[str], counts: Mapping[str, int], prefix: str = "", together: str = ""
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield path, group written together, and type of each point, groups repeated."""
    for token in tokens:
        if token == "}":
            return
        if token.startswith("{"):
            yield from _group(token, tokens, counts, prefix)
        else:
            name, *item = _matched(_ITEM, token)
            yield prefix + name, together, tuple(item)


def _group(
    token: str, tokens: Iterator[str], counts: Mapping[str, int], prefix: str
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    together, name, count = _matched(_GROUP, token)
    inner = list(_until_closed(tokens))
    numbers: Iterable[str] = map(str, range(1, counts[count] + 1)) if count else [""]
    for number in numbers:
        path = f"{prefix}{name}{number}."
        yield from _items(iter(inner), counts, path, path if together else "")


def _until_closed(tokens: Iterator[str]) -> Iterator[str]:
    depth = 1
    for token in tokens:
        depth += token.startswith("{") - (token == "}")
        if depth == 0:
            return
        yield token


def _matched(pattern: re.Pattern[str], token: str) -> list[str]:
    match = pattern.fullmatch(token)
    if match is None:
        raise ValueError(f"{token!r} is not an item of a register definition")
    return [text or "" for text in match.groups()]


def _scale(text: str) -> Scale:
    if not text:
        return None
    return int(text) if text.lstrip("-").isdigit() else text
