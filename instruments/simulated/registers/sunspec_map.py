"""Where blocks of registers lie, which points a write covers, and how a board publishes values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from instruments.errors import ConfigurationError
from instruments.simulated.registers.communication_board import CommunicationBoard
from instruments.simulated.registers.sunspec_block import Block
from instruments.simulated.transport.modbus_server import ILLEGAL_ADDRESS, RefusedRegister
from instruments.sunspec.layouts import (
    Point,
    Value,
    Values,
    decode,
    encode,
    encode_text,
    exponent_of,
)

BASE_ADDRESS = 40_000
VENDOR_ADDRESS = 45_000
MARKER = encode_text("SunS", 2)
END = [0xFFFF, 0]
Kept = TypeVar("Kept")


class RegisterMap:
    """The SunSpec models one behind the other, and the vendor's block apart from them.

    Args:
        models: in the order of their registers.
        vendor: the vendor's block.
    """

    def __init__(self, models: Sequence[Block], vendor: Block) -> None:
        self._models = models
        self._vendor = vendor
        self._first = dict(self._addresses())

    @property
    def blocks(self) -> list[Block]:
        """All blocks."""
        return [*self._models, self._vendor]

    def read(
        self, address: int, count: int, registers_of: Callable[[Block], list[int]]
    ) -> list[int]:
        """Return registers. Raises RefusedRegister when one of them does not exist."""
        found: list[int] = []
        for first, length, registers in self._areas(registers_of):
            if first <= address + len(found) < first + length:
                offset = address + len(found) - first
                found += registers()[offset : offset + count - len(found)]
                if len(found) == count:
                    return found
        raise RefusedRegister(ILLEGAL_ADDRESS)

    def points(self, address: int, count: int) -> list[tuple[Block, Point]]:
        """Return the points of a range of registers, each of them whole and writable.

        Raises:
            RefusedRegister: a register cannot be written, or a point or a group whose points belong
                together is covered in part.
        """
        found: list[tuple[Block, Point]] = []
        covered = 0
        while covered < count:
            block, point = self._point_at(address + covered)
            covered += point.words
            found.append((block, point))
        if covered != count or _divides_group(found):
            raise RefusedRegister(ILLEGAL_ADDRESS)
        return found

    def _point_at(self, address: int) -> tuple[Block, Point]:
        for block in self.blocks:
            point = block.layout.at.get(address - self._first[block.name])
            if point is not None and block.writable(point):
                return block, point
        raise RefusedRegister(ILLEGAL_ADDRESS)

    def _addresses(self) -> Iterator[tuple[str, int]]:
        address = BASE_ADDRESS + len(MARKER)
        for block in self._models:
            yield block.name, address
            address += block.layout.length
        yield self._vendor.name, VENDOR_ADDRESS

    def _areas(
        self, registers_of: Callable[[Block], list[int]]
    ) -> Iterator[tuple[int, int, Callable[[], list[int]]]]:
        """Yield first address and length of each area, and how to get its registers."""
        yield BASE_ADDRESS, len(MARKER), lambda: MARKER
        for block in self._models:
            first = self._first[block.name]
            yield first, block.layout.length, partial(registers_of, block)
        last = self._models[-1]
        yield self._first[last.name] + last.layout.length, len(END), lambda: END
        vendor = self._vendor
        yield VENDOR_ADDRESS, vendor.layout.length, partial(registers_of, vendor)


def _divides_group(points: Sequence[tuple[Block, Point]]) -> bool:
    """Return whether points that are written together are there in part."""
    for block, point in points:
        if point.together:
            group = {p for p in block.layout.points if p.together == point.together}
            if not group <= {found for _, found in points}:
                return True
    return False


def require_known(board: CommunicationBoard, blocks: Sequence[Block]) -> None:
    """Raise ConfigurationError when a board names a block or a point that it does not publish."""
    known = {f"{block.name}.{path}" for block in blocks for path in block.layout.by_path}
    misreport = board.misreport
    for where, names in {
        "scale_factors": board.scale_factors,
        "misreport.scale_factors": misreport.scale_factors,
        "misreport.values": misreport.values,
        "misreport.ignored": misreport.ignored,
    }.items():
        for name in names:
            if name not in known:
                raise ConfigurationError(
                    f"the communication board's {where} name {name!r}, which it does not publish; "
                    "expected block.path, as in 704.WMaxLimPct or vendor.Region"
                )
    for name in board.low_word_first:
        if name not in {block.name for block in blocks}:
            raise ConfigurationError(
                f"the communication board's low_word_first names {name!r}; it publishes "
                f"{', '.join(block.name for block in blocks)}"
            )


class Publication:
    """How a board turns values into registers and back: its scale factors, word order and lies."""

    def __init__(self, board: CommunicationBoard) -> None:
        self._low_word_first = board.low_word_first
        self._scales = _by_block(board.scale_factors)
        self._wrong_scales = _by_block(board.misreport.scale_factors)
        self._wrong_values = _by_block(board.misreport.values)

    def scaled(self, block: Block, values: Values) -> dict[str, Value]:
        """Return values with the scale factors this board uses."""
        return {**values, **self._scales.get(block.name, {})}

    def registers(self, block: Block, values: Values) -> list[int]:
        """Return a block's registers as the board publishes them."""
        shown = self.scaled(block, values) | self._wrong_values.get(block.name, {})
        registers = block.layout.encode(shown)
        for path, exponent in self._wrong_scales.get(block.name, {}).items():
            point = block.layout.by_path[path]
            registers[point.offset : point.offset + 1] = encode(exponent, point)
        if block.name in self._low_word_first:
            for point in block.layout.points:
                if _has_word_order(point):
                    place = slice(point.offset, point.offset + point.words)
                    registers[place] = registers[place][::-1]
        return registers

    def value(self, block: Block, point: Point, registers: list[int], values: Values) -> Value:
        """Return the value a client wrote."""
        if block.name in self._low_word_first and _has_word_order(point):
            registers = registers[::-1]
        exponent = exponent_of(point, self.scaled(block, values))
        return decode(registers, point, exponent)


def _has_word_order(point: Point) -> bool:
    return point.words > 1 and point.kind != "string"


def _by_block(named: Mapping[str, Kept]) -> dict[str, dict[str, Kept]]:
    """Return a table by `block.path` as tables by path for each block."""
    tables: dict[str, dict[str, Kept]] = {}
    for name, kept in named.items():
        block, _, path = name.partition(".")
        tables.setdefault(block, {})[path] = kept
    return tables
