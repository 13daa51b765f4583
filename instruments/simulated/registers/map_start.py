"""What the registers of a simulated device with a register map hold before anybody wrote to them."""

from __future__ import annotations

from instruments.register_maps.codec import encode, joined
from instruments.register_maps.model import Point, RegisterMap, Table

SERIAL, FIRMWARE = "SIM0001", "1.00"
MARKER = (0x5375, 0x6E53)
Words = dict[tuple[Table, int], int]


def first_registers(register_map: RegisterMap) -> Words:
    """Return all registers of all points, and the headers of SunSpec models."""
    words: Words = {}
    for point in register_map.points.values():
        for at in range(point.address, point.end):
            words.setdefault((point.table, at), 0)
    for point in sorted(register_map.points.values(), key=lambda one: bool(one.scale_point)):
        value = _first_value(register_map, point)
        if value is not None:
            _put(words, point, value, register_map)
    _put_headers(words, register_map)
    return words


def _first_value(register_map: RegisterMap, point: Point) -> float | str | None:
    """Return what a point holds first: what the map says, what passes its checks, what is allowed."""
    if point.simulated is not None:
        return point.simulated
    for check in register_map.identity:
        if check.point == point.name:
            return (check.equals or check.starts_with or (check.highest,))[0]
    if point.means in ("maker", "model", "serial", "firmware") and point.type == "string":
        return _identity(register_map, point)[: 2 * point.words]
    if point.codes:
        return float(point.codes.get("off", next(iter(point.codes.values()))))
    return point.write.lowest if point.write else None


def _identity(register_map: RegisterMap, point: Point) -> str:
    firmware = (*register_map.firmware_tried, FIRMWARE)[0]
    known = {"maker": register_map.maker, "model": register_map.model, "firmware": firmware}
    return known.get(point.means, SERIAL)


def _put(words: Words, point: Point, value: float | str, register_map: RegisterMap) -> None:
    held = [words[point.table, at] for at in range(point.address, point.end)]
    scale = register_map.points.get(point.scale_point)
    exponent = scale.simulated if scale and isinstance(scale.simulated, int | float) else 0
    before = joined(held, low_word_first=point.low_word_first)
    for place, word in enumerate(encode(value, point, int(exponent), before)):
        words[point.table, point.address + place] = word


def _put_headers(words: Words, register_map: RegisterMap) -> None:
    if register_map.sunspec is None:
        return
    headers = {register_map.sunspec.base: MARKER}
    headers |= {
        model.address: (model.number, model.length) for model in register_map.sunspec.models
    }
    for address, pair in headers.items():
        for place, word in enumerate(pair):
            words[Table.HOLDING, address + place] = word
