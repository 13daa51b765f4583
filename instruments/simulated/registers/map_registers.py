"""The registers of the simulated inverter as a register map lays them out.

Only registers that the map describes exist. What the plant has is shown and changed there; the rest is kept as
written. Locks, commits, orders, ranges and write functions are as the map says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from instruments.register_maps.codec import decode, encode, exponent_in, joined
from instruments.register_maps.model import Outside, Point, RegisterMap, Table, WriteFunction
from instruments.simulated.physics.world import World
from instruments.simulated.registers.map_access import MapAccess
from instruments.simulated.registers.map_plant import MapPlant
from instruments.simulated.registers.map_start import first_registers
from instruments.simulated.registers.sunspec_snapshots import Snapshots
from instruments.simulated.transport.modbus_server import (
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    RefusedRegister,
)
from instruments.simulated.transport.passage import Passage

PERMISSION_DENIED = 0x80


class MapRegisters:
    """Register image of an inverter with a register map; implements `RegisterImage` and `TwoTables`."""

    def __init__(self, world: World, passage: Passage, register_map: RegisterMap) -> None:
        self._world = world
        self._map = register_map
        self._board = world.inverter.parameters.communication
        snapshots = Snapshots(world, passage, self._board, lambda: None)
        self._plant = MapPlant(world, snapshots)
        self._snapshots = snapshots
        self._words = first_registers(register_map)
        self._access = MapAccess(world, register_map, self._show)

    def read(self, address: int, count: int) -> list[int]:
        return self._read(Table.HOLDING, address, count)

    def read_input(self, address: int, count: int) -> list[int]:
        """Return input registers. Raises RefusedRegister."""
        return self._read(Table.INPUT, address, count)

    def write(self, address: int, values: list[int]) -> None:
        self._require_function(WriteFunction.MULTIPLE)
        self._write(address, values)

    def write_single(self, address: int, value: int) -> None:
        """Execute function 6. Raises RefusedRegister."""
        self._require_function(WriteFunction.SINGLE)
        self._write(address, [value])

    def _require_function(self, function: WriteFunction) -> None:
        known = self._map.tables[Table.HOLDING].write_function
        if known not in (function, WriteFunction.EITHER):
            raise RefusedRegister(ILLEGAL_FUNCTION)

    def _read(self, table: Table, address: int, count: int) -> list[int]:
        self._access.require_awake()
        self._snapshots.require_fresh()
        rules = self._map.tables[table]
        if count > rules.most_registers:
            raise RefusedRegister(ILLEGAL_VALUE)
        self._require_known(table, address, count)
        for point in self._touched(table, address, count):
            self._refresh(point)
        return [self._words.get((table, at), 0) for at in range(address, address + count)]

    def _require_known(self, table: Table, address: int, count: int) -> None:
        end = address + count
        for low, high in self._map.tables[table].unreadable:
            if address <= high and low < end:
                raise RefusedRegister(ILLEGAL_ADDRESS)
        known = {at for at in range(address, end) if (table, at) in self._words}
        for block in self._map.blocks:
            if block.table == table:
                known |= set(range(block.first, block.first + block.words))
        if not set(range(address, end)) <= known:
            raise RefusedRegister(ILLEGAL_ADDRESS)

    def _touched(self, table: Table, address: int, count: int) -> list[Point]:
        return [
            point
            for point in self._map.points.values()
            if point.table == table and point.address < address + count and address < point.end
        ]

    def _refresh(self, point: Point) -> None:
        """Bring the registers of a point up to what the plant shows."""
        if point.means and point.simulated is None and self._plant.has(point):
            value = self._plant.value(point)
            if value is not None:
                self._put(point, value)
            elif point.not_implemented:
                self._put_words(point, _absent(point))

    def _write(self, address: int, values: list[int]) -> None:
        self._access.require_awake()
        points = self._touched(Table.HOLDING, address, len(values))
        self._require_whole(points, address, len(values))
        new = {point.name: self._written(point, address, values) for point in points}
        locked = any(point.write is not None and point.write.unlocks for point in points)
        if locked and not self._access.is_open:
            raise RefusedRegister(PERMISSION_DENIED)
        for point in points:
            value = new[point.name]
            if value is not None and self._is_in_order(point):
                when_s = self._world.now_s + self._board.write_delay_s
                self._world.schedule(when_s, partial(self._execute, point, value))

    def _require_whole(self, points: Sequence[Point], address: int, count: int) -> None:
        """Refuse registers nobody may write, and points that are covered in part."""
        covered: set[int] = set()
        for point in points:
            inside = address <= point.address and point.end <= address + count
            if point.write is None or not inside:
                raise RefusedRegister(ILLEGAL_ADDRESS)
            covered |= set(range(point.address, point.end))
        if covered != set(range(address, address + count)):
            raise RefusedRegister(ILLEGAL_ADDRESS)

    def _written(self, point: Point, address: int, values: list[int]) -> float | str | None:
        """Return the value a write holds for a point; None when the device forgets it."""
        words = values[point.address - address : point.end - address]
        value = decode(words, point, self._exponent(point))
        write = point.write
        assert write is not None
        known = not point.codes or value in point.codes.values()
        if not known or not self._plant.takes(point, value):
            raise RefusedRegister(ILLEGAL_VALUE)
        if isinstance(value, str) or write.lowest is None or write.highest is None:
            return value
        if value is not None and write.lowest <= value <= write.highest:
            return value
        if value is None or write.outside in (Outside.REFUSED, Outside.UNKNOWN):
            raise RefusedRegister(ILLEGAL_VALUE)
        ignored = write.outside is Outside.IGNORED
        return None if ignored else max(write.lowest, min(write.highest, value))

    def _is_in_order(self, point: Point) -> bool:
        """Return whether what has to come before a write is there; other writes are forgotten."""
        assert point.write is not None
        for name, needed in point.write.after.items():
            other = self._map.points[name]
            wanted = other.codes[needed] if isinstance(needed, str) else needed
            if self._shown(other) != wanted:
                return False
        return True

    def _execute(self, point: Point, value: float | str) -> None:
        if self._access.hears(point, value):
            self._show(point, value)

    def _show(self, point: Point, value: float | str) -> None:
        """Keep a value in the registers and let it act."""
        self._put(point, value)
        self._take_effect([point])

    def _take_effect(self, points: Iterable[Point]) -> None:
        """Let what the registers of points hold act on the plant."""
        for point in points:
            value = self._held(point)
            if point.means and isinstance(value, int | float) and self._plant.has(point):
                self._plant.write(point, value)
        for control in self._map.controls.values():
            setpoint, enable = (self._map.points.get(n) for n in (control.setpoint, control.enable))
            if setpoint is None or not {control.setpoint, control.enable} & {
                p.name for p in points
            }:
                continue
            on = enable is None or self._held(enable) == control.on
            rises = enable is not None and enable in points
            if on and control.toggles and not rises:
                continue
            value = self._held(setpoint)
            self._plant.command(control.mode, setpoint, float(value or 0) if on else None)

    def _shown(self, point: Point) -> float | str | None:
        self._refresh(point)
        return self._held(point)

    def _held(self, point: Point) -> float | str | None:
        words = [self._words[point.table, at] for at in range(point.address, point.end)]
        return decode(words, point, self._exponent(point))

    def _exponent(self, point: Point) -> int | None:
        if not point.scale_point:
            return 0
        return exponent_in(self._held(self._map.points[point.scale_point]))

    def _put(self, point: Point, value: float | str) -> None:
        held = [self._words[point.table, at] for at in range(point.address, point.end)]
        before = joined(held, low_word_first=point.low_word_first)
        self._put_words(point, encode(value, point, self._exponent(point) or 0, before))

    def _put_words(self, point: Point, words: Sequence[int]) -> None:
        for place, word in enumerate(words):
            self._words[point.table, point.address + place] = word


def _absent(point: Point) -> list[int]:
    places = range(point.words)
    words = [point.not_implemented[0] >> 16 * place & 0xFFFF for place in places]
    return words if point.low_word_first else words[::-1]
