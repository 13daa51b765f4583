"""Whether a register map says everything that must be known before a register is written. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.register_maps.map_table import MapTable
from instruments.register_maps.codec import Unencodable, encode
from instruments.register_maps.model import Point, RegisterMap, Storage, Write


def _at(top: MapTable, point: Point, message: str) -> str:
    return f"{top.file}:{point.source.line}: point.{point.name}: {message}"


def _written(register_map: RegisterMap) -> Iterator[tuple[Point, Write]]:
    for point in register_map.points.values():
        if point.write is not None:
            yield point, point.write


def _ranges(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for point, write in _written(register_map):
        if write.lowest is None or write.highest is None:
            if not point.codes and point.type != "string" and not point.secret:
                yield _at(top, point, "can be written; expected `range`, or names in `values`")
            continue
        if point.scale_point:
            continue
        for end in (write.lowest, write.highest):
            try:
                encode(end, point)
            except Unencodable as error:
                yield _at(top, point, f"range: {error}")


def _flash(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for point, write in _written(register_map):
        if write.storage is Storage.FLASH and write.most_writes is None:
            yield _at(
                top, point, "is kept in flash; expected `most_writes`, its budget for one day"
            )
        if write.most_writes_in_all is None:
            continue
        if write.storage is not Storage.FLASH:
            yield _at(top, point, 'most_writes_in_all belongs to storage = "flash"')
        elif write.most_writes_in_all < (write.most_writes or 0):
            yield _at(
                top,
                point,
                f"most_writes_in_all = {write.most_writes_in_all} is less than most_writes = "
                f"{write.most_writes}, the budget of one day",
            )


def _references(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    points, commits = register_map.points, register_map.commits
    for point, write in _written(register_map):
        if write.commit and write.commit not in commits:
            yield _at(top, point, f"commit = {write.commit!r}: there is no [commit.{write.commit}]")
        for name in (*([write.toggles] if write.toggles else []), *write.after):
            if name not in points:
                yield _at(top, point, f"names {name!r}, and there is no such point")
        for name, needed in write.after.items():
            if name in points and isinstance(needed, str) and needed not in points[name].codes:
                yield _at(top, point, f"after.{name} = {needed!r}: no such value of point.{name}")
        switch = points.get(write.toggles)
        if switch is not None and not {"on", "off"} <= set(switch.codes):
            yield _at(
                top, point, f"toggles point.{switch.name}, which has no values `on` and `off`"
            )
        if write.unlocks and register_map.unlock is None:
            yield _at(top, point, "needs_unlock = true, and there is no table [unlock]")


def _procedures(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    for table, keys in (
        *((row, ("point", "result_point")) for row in top.tables("commit")),
        *((row, ("setpoint", "enable")) for row in top.tables("control")),
        (top.table("unlock"), ("point", "state_point")),
        (top.table("keep_alive"), ("point",)),
    ):
        for key in keys:
            yield from _reference(register_map, table, key)


def _reference(register_map: RegisterMap, table: MapTable, key: str) -> Iterator[str]:
    if not table.has(key):
        return
    point = register_map.points.get(table.values[key])
    if point is None:
        yield str(table.error(key, "there is no such point"))
    elif point.write is None and key not in ("result_point", "state_point"):
        yield str(
            table.error(key, f"point.{point.name} cannot be written (line {point.source.line})")
        )


def _restored(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    table = top.table("restore")
    for name in register_map.restore:
        point = register_map.points.get(name)
        if point is None or point.write is None or not point.readable:
            yield str(table.error("points", f"{name!r} is no point that can be read and written"))
    for control in register_map.controls.values():
        for name in (control.setpoint, control.enable):
            point = register_map.points.get(name)
            if point is not None and point.readable and name not in register_map.restore:
                yield str(
                    table.error("points", f"{name!r} serves a control; expected it to be put back")
                )


def _secrets(register_map: RegisterMap, top: MapTable) -> Iterator[str]:
    unlock = register_map.unlock
    if unlock is None or not unlock.point or unlock.point not in register_map.points:
        return
    if not register_map.points[unlock.point].secret:
        point = register_map.points[unlock.point]
        yield _at(top, point, "takes the unlock code; expected `secret = true`")


Check = Callable[[RegisterMap, MapTable], Iterator[str]]
WRITE_CHECKS: tuple[Check, ...] = (_ranges, _flash, _references, _procedures, _restored, _secrets)
