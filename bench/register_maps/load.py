"""A register map from its file: syntax, then types, then whether its parts fit together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from bench.register_maps.checks import problems_of
from bench.register_maps.map_table import MapTable, read_map_table
from bench.register_maps.points import WORD_ORDERS, Layout, read_curve, read_point
from bench.register_maps.procedures import (
    read_commit,
    read_control,
    read_identity,
    read_keep_alive,
    read_unlock,
)
from instruments.errors import ConfigurationError
from instruments.register_maps.model import (
    Block,
    Connection,
    Pacing,
    Point,
    RegisterMap,
    SunSpec,
    SunSpecModel,
    Table,
    TableRules,
    WriteFunction,
)

SCHEMA = 1
TRANSPORTS = ("tcp", "rtu", "rtu-over-tcp", "tls")
SECTIONS = (
    *("schema", "device", "connection", "pacing", "table", "block", "not_implemented"),
    *(
        "sunspec",
        "point",
        "curve",
        "control",
        "identity",
        "unlock",
        "commit",
        "keep_alive",
        "restore",
    ),
)
Read = TypeVar("Read")


def load_map(file: Path) -> RegisterMap:
    """Load and check a register map.

    Raises:
        ConfigurationError: every mistake found, each with file, line, key, value and what was expected.
    """
    top = read_map_table(file)
    top.allow(*SECTIONS)
    if top.require("schema", int) != SCHEMA:
        raise top.error("schema", f"expected {SCHEMA}")
    problems: list[str] = []
    register_map = _assembled(top, problems)
    if not problems:
        problems = list(problems_of(register_map, top))
    if problems:
        raise ConfigurationError("\n".join(problems))
    return register_map


def _assembled(top: MapTable, problems: list[str]) -> RegisterMap:
    """Return the map; mistakes in points, curves and what is done with them are collected."""
    device, sunspec = _device(top), _sunspec(top)
    layout = _layout(top, sunspec)
    points = _collected(top.tables("point"), lambda table: read_point(table, layout), problems)
    curves = _collected(top.tables("curve"), lambda table: read_curve(table, layout), problems)
    points += [point for _, members in curves for point in members]
    controls = _collected(top.tables("control"), read_control, problems)
    commits = _collected(top.tables("commit"), read_commit, problems)
    return RegisterMap(
        name=top.file.stem,
        maker=device.require("maker", str),
        model=device.require("model", str),
        document=device.require("document", str),
        firmware_tried=tuple(device.texts("firmware_tried")),
        connection=_connection(top.table("connection")),
        pacing=_pacing(top.table("pacing")),
        tables=_tables(top, layout),
        points={point.name: point for point in points},
        blocks=_blocks(top, layout),
        curves=tuple(curve for curve, _ in curves),
        controls={control.mode: control for control in controls},
        identity=tuple(_collected(top.rows("identity"), read_identity, problems)),
        unlock=read_unlock(top.table("unlock")) if top.has("unlock") else None,
        commits={commit.name: commit for commit in commits},
        keep_alive=read_keep_alive(top.table("keep_alive")) if top.has("keep_alive") else None,
        sunspec=sunspec,
        restore=_restore(top),
        connected_states=tuple(device.texts("connected_states")),
    )


def _collected(
    tables: Iterable[MapTable], read: Callable[[MapTable], Read], problems: list[str]
) -> list[Read]:
    found = []
    for table in tables:
        try:
            found.append(read(table))
        except ConfigurationError as error:
            problems.append(str(error))
    return found


def _device(top: MapTable) -> MapTable:
    device = top.table("device")
    device.allow("maker", "model", "document", "firmware_tried", "connected_states", "note")
    return device


def _connection(table: MapTable) -> Connection:
    fields = Connection.__dataclass_fields__
    table.allow(*fields, "note")
    table.optional("transport", str, "tcp", TRANSPORTS)
    table.optional("parity", str, "N", ("N", "E", "O"))
    unit = table.require("unit", int)
    if not 0 <= unit <= 255:
        raise table.error("unit", "expected 0 to 255")
    return Connection(**_typed(table, fields, {"transport": str, "parity": str}, int))


def _pacing(table: MapTable) -> Pacing:
    fields = Pacing.__dataclass_fields__
    table.allow(*fields, "note")
    values = _typed(table, fields, {"most_attempts": int, "busy_codes": list}, float)
    for key, value in values.items():
        if key != "busy_codes" and value < 0:
            raise table.error(key, "expected 0 or more")
    codes = table.numbers("busy_codes")
    return Pacing(**{**values, **({"busy_codes": tuple(map(int, codes))} if codes else {})})


def _typed(
    table: MapTable, fields: Iterable[str], kinds: dict[str, type], otherwise: type
) -> dict[str, Any]:
    """Return the values of those fields that are there."""
    return {key: table.require(key, kinds.get(key, otherwise)) for key in fields if table.has(key)}


def _sunspec(top: MapTable) -> SunSpec | None:
    if not top.has("sunspec"):
        return None
    table = top.table("sunspec")
    table.allow("base", "models", "missing", "note")
    models = []
    for row in table.tables("models"):
        row.allow("address", "length")
        if not row.name.isdigit():
            raise row.error("", "expected the number of a SunSpec model")
        address, length = row.require("address", int), row.require("length", int)
        models.append(SunSpecModel(int(row.name), address, length))
    return SunSpec(table.require("base", int), tuple(models), tuple(table.texts("missing")))


def _layout(top: MapTable, sunspec: SunSpec | None) -> Layout:
    top.table("table").allow(*Table)
    top.table("not_implemented").allow("u16", "s16", "u32", "s32", "u64", "bits")
    starts, low_first = {}, {}
    for which in Table:
        table = top.table("table").table(which)
        table.allow(
            "starts_at", "word_order", "most_registers", "write_function", "unreadable", "note"
        )
        starts[which] = table.optional("starts_at", int, 0)
        low_first[which] = _is_low_first(table)
    codes = top.table("not_implemented")
    layout = Layout(
        starts,
        low_first,
        (),
        {kind: tuple(map(int, codes.numbers(kind))) for kind in codes.values},
        {model.number: model for model in sunspec.models} if sunspec else {},
    )
    ordered = [_block_order(block, layout) for block in top.tables("block")]
    return Layout(**{**layout.__dict__, "low_word_first_ranges": tuple(ordered)})


def _is_low_first(table: MapTable) -> bool:
    return table.optional("word_order", str, "high first", WORD_ORDERS) == "low first"


def _block_order(table: MapTable, layout: Layout) -> tuple[Table, int, int, bool]:
    block, last = _span(table, layout)
    low_first = layout.low_word_first[block.table]
    return (
        block.table,
        block.first,
        last,
        _is_low_first(table) if table.has("word_order") else low_first,
    )


def _span(table: MapTable, layout: Layout) -> tuple[Block, int]:
    table.allow("table", "addresses", "word_order", "together", "note")
    which = Table(table.optional("table", str, "holding", tuple(Table)))
    if not table.has("addresses"):
        raise table.error("addresses", "is missing; expected the first and the last address")
    found = [layout.wire(table, "addresses", int(a), which) for a in table.numbers("addresses", 2)]
    if found[0] > found[1]:
        raise table.error("addresses", "expected the first address before the last")
    return Block(table.name, which, found[0], found[1] - found[0] + 1), found[1]


def _blocks(top: MapTable, layout: Layout) -> tuple[Block, ...]:
    """Return what is read at once: blocks said to be, and SunSpec models."""
    tables = [table for table in top.tables("block") if table.optional("together", bool, False)]
    models = [
        Block(f"model {model.number}", Table.HOLDING, model.address, model.length + 2)
        for model in layout.models.values()
    ]
    return (*(_span(table, layout)[0] for table in tables), *models)


def _tables(top: MapTable, layout: Layout) -> dict[Table, TableRules]:
    return {which: _rules(top.table("table").table(which), layout, which) for which in Table}


def _rules(table: MapTable, layout: Layout, which: Table) -> TableRules:
    most = table.optional("most_registers", int, 125)
    if not 1 <= most <= 125:
        raise table.error("most_registers", "expected 1 to 125")
    ranges = table.optional("unreadable", list, [])
    if not all(isinstance(item, list) and len(item) == 2 for item in ranges):
        raise table.error("unreadable", "expected pairs of a first and a last address")
    wires = [
        tuple(layout.wire(table, "unreadable", int(end), which) for end in item) for item in ranges
    ]
    function = table.optional("write_function", str, "16", tuple(WriteFunction))
    return TableRules(most, WriteFunction(function), tuple((low, high) for low, high in wires))


def _restore(top: MapTable) -> tuple[str, ...]:
    table = top.table("restore")
    table.allow("points")
    return tuple(table.texts("points"))


def points_of(register_map: RegisterMap) -> tuple[Point, ...]:
    """Return all points in the order of their registers."""
    return tuple(sorted(register_map.points.values(), key=lambda p: (p.table, p.address)))
