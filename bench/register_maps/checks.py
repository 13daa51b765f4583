"""Whether the parts of a register map fit together. Each check yields file, line and what is wrong. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from bench.register_maps.map_table import MapTable
from bench.register_maps.write_checks import WRITE_CHECKS
from instruments.register_maps.codec import raw_limits
from instruments.register_maps.model import Point, RegisterMap, Table
from instruments.register_maps.vocabulary import CODE, SWITCH, meaning_of

REGIONS = ("A", "B", "C", "NZ")
TRIPS = (
    *("overvoltage", "undervoltage", "overfrequency", "underfrequency"),
    *("sustained voltage", "islanding"),
)
STATES = (
    *("off", "sleeping", "starting", "running", "throttled"),
    *("shutting down", "fault", "standby", "waiting"),
)
Check = Callable[[RegisterMap, MapTable], Iterator[str]]


def problems_of(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    """Yield everything that does not fit together."""
    for check in CHECKS:
        yield from check(register_map, top)


def _at(top: MapTable, point: Point, message: str) -> str:
    return f"{top.file}:{point.source.line}: point.{point.name}: {message}"


def _overlaps(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    points = sorted(register_map.points.values(), key=lambda p: (p.table, p.address))
    for before, point in pairwise(points):
        if before.table == point.table and before.end > point.address and _clash(before, point):
            yield _at(
                top,
                point,
                f"wire address {point.address} belongs to point.{before.name} too (line "
                f"{before.source.line}); expected registers of its own, or `bits` that are apart",
            )


def _clash(one: Point, other: Point) -> bool:
    if one.bits is None or other.bits is None or one.address != other.address:
        return True
    return one.bits[0] <= other.bits[1] and other.bits[0] <= one.bits[1]


def _addresses(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for point in register_map.points.values():
        if point.end > 0x10000:
            yield _at(top, point, f"ends behind wire address 65535 ({point.words} registers)")
        for low, high in register_map.tables[point.table].unreadable:
            if point.readable and point.address <= high and low < point.end:
                yield _at(top, point, f"lies in the unreadable wire addresses {low} to {high}")


def _blocks(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for block in register_map.blocks:
        table = top.table("block").table(block.name)
        rules = register_map.tables[block.table]
        if block.words > rules.most_registers:
            yield str(
                table.error(
                    "addresses",
                    f"{block.words} registers in one request; the device gives {rules.most_registers}",
                )
            )
        for low, high in rules.unreadable:
            if block.first <= high and low < block.first + block.words:
                yield str(table.error("addresses", f"covers the unreadable {low} to {high}"))


def _meanings(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    taken: dict[str, Point] = {}
    for point in register_map.points.values():
        meaning = meaning_of(point.means)
        if not point.means or meaning is None:
            continue
        if point.means in taken:
            other = taken[point.means]
            yield _at(
                top,
                point,
                f"means {point.means!r}, as point.{other.name} does (line {other.source.line})",
            )
        taken[point.means] = point
        if point.unit not in meaning.units:
            yield _at(
                top,
                point,
                f"{point.means!r} in {point.unit!r}; expected {' or '.join(map(repr, meaning.units))}",
            )
        if meaning.units == (SWITCH,) and not set(point.codes) <= {"on", "off"}:
            yield _at(top, point, "values of a switch are named `on` and `off`")


def _scales(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for point in register_map.points.values():
        if not point.scale_point:
            continue
        scale = register_map.points.get(point.scale_point)
        if scale is None:
            yield _at(top, point, f"scale_point = {point.scale_point!r}: there is no such point")
        elif not _read_together(register_map, point, scale):
            yield _at(
                top,
                point,
                f"its scale point.{scale.name} (line {scale.source.line}) is not in the same block; expected "
                "a [block] with `together = true` around both, so that they come from one moment",
            )


def _read_together(register_map: RegisterMap, one: Point, other: Point) -> bool:
    return any(block.holds(one) and block.holds(other) for block in register_map.blocks)


def _codes(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for point in register_map.points.values():
        if point.type in ("f32", "f64", "string"):
            continue
        low, high = raw_limits(point)
        for name, code in point.codes.items():
            if not low <= code <= high:
                yield _at(top, point, f"values.{name} = {code}; the register holds {low} to {high}")
        for name, bit in point.flags.items():
            if not 0 <= bit < 16 * point.words:
                yield _at(
                    top, point, f"flags.{name} = {bit}; the last bit is {16 * point.words - 1}"
                )


def _regions(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    point = register_map.meaning("region")
    if point is None:
        return
    without = top.table("point").table(point.name).texts("without")
    for region in REGIONS:
        if region not in point.codes and region not in without:
            yield _at(
                top,
                point,
                f"values has no code for region {region}; expected one, or {region!r} in `without` when the "
                "document has none",
            )


def _states(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    device = top.table("device")
    point = register_map.meaning("operating state")
    known = point.codes if point else {}
    for name in register_map.connected_states:
        if name not in known:
            yield str(
                device.error("connected_states", f"{name!r} is no value of the operating state")
            )
    if point is None:
        return
    for name in point.codes:
        if name not in STATES:
            yield _at(top, point, f"values.{name}: no such state; expected {', '.join(STATES)}")
    if not register_map.connected_states and register_map.meaning("connection state") is None:
        yield str(
            device.error(
                "connected_states", "is missing: in which operating states is it connected?"
            )
        )


def _faults(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for point in register_map.points.values():
        for name, kinds in point.trips.items():
            if name not in point.codes and name not in point.flags:
                yield _at(top, point, f"trips.{name}: no such name in `values` or `flags`")
            for kind in kinds:
                if kind not in TRIPS:
                    yield _at(
                        top, point, f"trips.{name}: {kind!r}; expected some of {', '.join(TRIPS)}"
                    )


def _curves(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for curve in register_map.curves:
        table = top.table("curve").table(curve.name)
        if curve.count_point and curve.count_point not in register_map.points:
            yield str(table.error("count_point", "there is no such point"))
        writable = any(
            point.write
            for name, point in register_map.points.items()
            if name.startswith(f"{curve.name}_")
        )
        if writable and curve.adopt == "commit" and not table.has("commit"):
            yield str(table.error("adopt", "which commit adopts it? `commit` is missing"))


def _identity(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for row in top.rows("identity"):
        name = row.values["point"]
        if name not in register_map.points:
            yield str(row.error("point", "there is no such point"))
    written = [p for p in register_map.points.values() if p.write and p.verified]
    if written and not register_map.identity and register_map.sunspec is None:
        yield _at(
            top,
            written[0],
            "can be written, and there is no [[identity]] that tells whether this is the right device",
        )


def _verified(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    verified = [point for point in register_map.points.values() if point.verified]
    if verified and not register_map.firmware_tried:
        yield _at(
            top, verified[0], "verified = true: on which firmware? device.firmware_tried is empty"
        )
    for point in verified:
        if not point.page:
            yield _at(
                top, point, "verified = true: where does the document say so? `page` is missing"
            )


def _input_registers(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for point in register_map.points.values():
        if point.table is Table.INPUT and point.write:
            yield _at(top, point, 'input registers cannot be written; expected access = "read"')


def _code_units(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for point in register_map.points.values():
        if point.codes and (
            point.scale != 1.0 or point.offset or point.unit not in (CODE, SWITCH, "1")
        ):
            yield _at(
                top, point, "has names for its values; expected no scale, no zero_at and no unit"
            )


CHECKS: tuple[Check, ...] = (
    _overlaps,
    _addresses,
    _blocks,
    _meanings,
    _scales,
    _codes,
    _code_units,
    _regions,
    _states,
    _faults,
    _curves,
    _identity,
    _verified,
    _input_registers,
    *WRITE_CHECKS,
)
