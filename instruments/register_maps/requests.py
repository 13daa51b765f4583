"""Which requests read a set of points: never a register that nobody described, never too many at once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from instruments.register_maps.model import Block, Point, RegisterMap, Table


@dataclass(frozen=True)
class Request:
    """Registers read at once, and the points in them."""

    table: Table
    first: int
    words: int
    points: tuple[Point, ...]


def requests_for(register_map: RegisterMap, points: Iterable[Point]) -> list[Request]:
    """Return the requests that read `points` and the scale registers they need.

    Points inside a block are read with the whole block; others are joined where one begins where
    another ends.
    """
    wanted = sorted(
        {point.name: point for point in _with_scales(register_map, points)}.values(),
        key=lambda point: (point.table, point.address, point.end),
    )
    blocks = [block for block in register_map.blocks if any(map(block.holds, wanted))]
    loose = [point for point in wanted if not any(block.holds(point) for block in blocks)]
    return [*(_of_block(block, wanted) for block in blocks), *_joined(register_map, loose)]


def _with_scales(register_map: RegisterMap, points: Iterable[Point]) -> Iterable[Point]:
    for point in points:
        yield point
        if point.scale_point:
            yield register_map.points[point.scale_point]


def _of_block(block: Block, wanted: Sequence[Point]) -> Request:
    inside = tuple(point for point in wanted if block.holds(point))
    return Request(block.table, block.first, block.words, inside)


def _joined(register_map: RegisterMap, points: Sequence[Point]) -> list[Request]:
    groups: list[list[Point]] = []
    for point in points:
        if groups and _continues(register_map, groups[-1], point):
            groups[-1].append(point)
        else:
            groups.append([point])
    return [_request(group) for group in groups]


def _continues(register_map: RegisterMap, group: Sequence[Point], point: Point) -> bool:
    end = max(one.end for one in group)
    most = register_map.tables[point.table].most_registers
    adjacent = point.table == group[0].table and point.address <= end
    return adjacent and max(end, point.end) - group[0].address <= most


def _request(group: Sequence[Point]) -> Request:
    first, end = group[0].address, max(point.end for point in group)
    return Request(group[0].table, first, end - first, tuple(group))
