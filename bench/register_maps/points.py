"""Points and curves of a register map: one table of the file to one value of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.register_maps.map_table import MapTable
from instruments.register_maps.codec import TYPES
from instruments.register_maps.model import (
    Curve,
    Outside,
    Point,
    Storage,
    SunSpecModel,
    Table,
    TimeIs,
    Write,
)
from instruments.register_maps.vocabulary import (
    CODE,
    NOMINAL_SHARE,
    SWITCH,
    TEXT,
    UNITS,
    Base,
    Meaning,
    meaning_of,
)

WORD_ORDERS = ("high first", "low first")
ACCESS = ("read", "read and write", "write")
ADOPTIONS = ("immediately", "commit", "request")
WRITE_KEYS = (
    "range",
    "step",
    "outside",
    "storage",
    "most_writes",
    "most_writes_in_all",
    "after",
    "commit",
    "toggles",
    "needs_unlock",
)
POINT_KEYS = (
    *("table", "address", "model", "at", "type", "length", "word_order", "bits"),
    *("scale", "scale_point", "zero_at", "negated", "unit", "percent_of", "base_value"),
    *("not_implemented", "values", "without", "flags", "trips", "access", *WRITE_KEYS),
    *("means", "time_is", "resets", "restart_s", "secret", "page", "note", "verified", "simulated"),
)
CURVE_KEYS = ("means", "points", "count_point", "adopt", "x", "y")
AXIS_KEYS = ("stride", "addresses")
AXES = {"x": "voltage", "y": "power"}


@dataclass(frozen=True)
class Layout:
    """What a point needs to know of the rest of its file.

    Attributes:
        starts_at: for each table, the address the document prints for wire address 0.
        low_word_first: tables whose numbers come with the low word first.
        low_word_first_ranges: table, first and last wire address of blocks that differ, and how.
        not_implemented: codes by type.
        models: SunSpec models by number.
    """

    starts_at: Mapping[Table, int]
    low_word_first: Mapping[Table, bool]
    low_word_first_ranges: tuple[tuple[Table, int, int, bool], ...]
    not_implemented: Mapping[str, tuple[int, ...]]
    models: Mapping[int, SunSpecModel]

    def wire(self, table: MapTable, key: str, address: int, which: Table) -> int:
        """Return the wire address of an address as the document prints it."""
        wire = address - self.starts_at[which]
        if not 0 <= wire <= 0xFFFF:
            raise table.error(
                key,
                f"address {address} is {wire} on the wire, as {which} registers start at "
                f"{self.starts_at[which]}; expected 0 to 65535",
            )
        return wire


def read_point(table: MapTable, layout: Layout) -> Point:
    """Return a point. Raises ConfigurationError with the line of the mistake."""
    table.allow(*POINT_KEYS)
    which = Table(table.optional("table", str, "holding", tuple(Table)))
    kind = table.require("type", str, tuple(TYPES))
    words = table.require("length", int) if kind == "string" else _words(table, kind)
    address = _address(table, layout, which)
    meaning = _meaning(table)
    unit, factor, share_of = _unit(table, kind)
    access = table.optional("access", str, "read", ACCESS)
    return Point(
        name=table.name,
        table=which,
        address=address,
        type=kind,
        words=words,
        low_word_first=_low_word_first(table, layout, which, address),
        bits=_bits(table, words, kind),
        scale=_scale(table) * factor,
        offset=table.optional("zero_at", float, 0.0),
        scale_point=table.optional("scale_point", str, ""),
        negated=table.optional("negated", bool, False),
        unit=unit,
        share_of=share_of,
        not_implemented=_not_implemented(table, layout, kind),
        codes=table.codes("values"),
        flags=table.codes("flags"),
        write=None if access == "read" else _write(table, factor),
        readable=access != "write",
        means=table.optional("means", str, ""),
        time_is=_time_is(table, meaning),
        trips=_trips(table),
        resets=table.optional("resets", bool, False),
        restart_s=table.optional("restart_s", float, 0.0),
        secret=table.optional("secret", bool, False),
        page=table.optional("page", str, ""),
        verified=table.require("verified", bool),
        simulated=_simulated(table, kind),
        source=table.source,
    )


def read_curve(table: MapTable, layout: Layout) -> tuple[Curve, list[Point]]:
    """Return a curve and its points."""
    table.allow(*CURVE_KEYS, *POINT_KEYS)
    count = table.require("points", int)
    if not 2 <= count <= 20:
        raise table.error("points", "expected 2 to 20")
    curve = Curve(
        name=table.name,
        means=table.require("means", str),
        count=count,
        count_point=table.optional("count_point", str, ""),
        adopt=table.require("adopt", str, ADOPTIONS),
    )
    return curve, [point for axis in AXES for point in _axis(table, axis, count, layout)]


def _axis(curve: MapTable, axis: str, count: int, layout: Layout) -> Iterator[Point]:
    if not curve.has(axis):
        raise curve.error(
            axis, f"is missing; expected a table with the registers of the {axis} values"
        )
    table = curve.table(axis)
    table.allow(*AXIS_KEYS, *POINT_KEYS)
    shared = {key: value for key, value in curve.values.items() if key not in CURVE_KEYS}
    own = {key: value for key, value in table.values.items() if key not in AXIS_KEYS}
    starts = table.table("simulated").values if isinstance(own.get("simulated"), dict) else {}
    for number, address in enumerate(_axis_addresses(table, count), 1):
        means = f"{curve.values['means']} {number} {AXES[axis]}"
        values: dict[str, Any] = {**shared, **own, "address": address, "means": means}
        if "simulated" in own:
            values["simulated"] = starts.get(str(number), own["simulated"])
        named = MapTable(table.file, table.place, values, table.lines)
        point = read_point(named, layout)
        yield _renamed(point, f"{curve.name}_{axis}{number}")


def _renamed(point: Point, name: str) -> Point:
    return Point(**{**point.__dict__, "name": name})


def _axis_addresses(table: MapTable, count: int) -> list[int]:
    if table.has("addresses"):
        return [int(address) for address in table.numbers("addresses", count)]
    first, stride = table.require("address", int), table.require("stride", int)
    return [first + number * stride for number in range(count)]


def _address(table: MapTable, layout: Layout, which: Table) -> int:
    if not table.has("model"):
        return layout.wire(table, "address", table.require("address", int), which)
    number, at = table.require("model", int), table.require("at", int)
    if number not in layout.models:
        raise table.error("model", "is not listed in [sunspec.models]")
    if table.has("address"):
        raise table.error("address", "a point of a SunSpec model is found by `model` and `at`")
    if not 0 <= at < layout.models[number].length + 2:
        raise table.error(
            "at", f"lies outside model {number}, which is {layout.models[number].length} long"
        )
    return layout.models[number].address + at


def _words(table: MapTable, kind: str) -> int:
    words = table.optional("length", int, TYPES[kind])
    if kind != "bits" and words != TYPES[kind]:
        raise table.error("length", f"a {kind} takes {TYPES[kind]}; `length` is for texts and bits")
    return words


def _low_word_first(table: MapTable, layout: Layout, which: Table, address: int) -> bool:
    if table.has("word_order"):
        return table.require("word_order", str, WORD_ORDERS) == "low first"
    for block_table, first, last, low_first in layout.low_word_first_ranges:
        if block_table == which and first <= address <= last:
            return low_first
    return layout.low_word_first[which]


def _bits(table: MapTable, words: int, kind: str) -> tuple[int, int] | None:
    if not table.has("bits"):
        return None
    found = table.numbers("bits", 2)
    first, last = int(found[0]), int(found[1])
    if kind in ("f32", "f64", "string") or not 0 <= first <= last < 16 * words:
        raise table.error(
            "bits", f"expected first and last bit, 0 to {16 * words - 1}, of a whole number"
        )
    return first, last


def _scale(table: MapTable) -> float:
    scale = table.optional("scale", float, 1.0)
    if scale <= 0:
        raise table.error("scale", "expected more than 0; the other direction is `negated = true`")
    return scale


def _meaning(table: MapTable) -> Meaning | None:
    if not table.has("means"):
        return None
    name = table.require("means", str)
    meaning = meaning_of(name)
    if meaning is None:
        raise table.error(
            "means", "the bench has no such quantity; `bench inverter words` lists those it has"
        )
    return meaning


def _unit(table: MapTable, kind: str) -> tuple[str, float, str]:
    """Return base unit, factor to it, and what a percentage is a share of."""
    unit = UNITS[table.optional("unit", str, _usual_unit(table, kind), tuple(UNITS))]
    if "%" not in unit.base:
        for key in ("percent_of", "base_value"):
            if table.has(key):
                raise table.error(key, "belongs to a unit with %")
        return unit.base, unit.factor, ""
    if not table.has("percent_of"):
        raise table.error(
            "unit", f"a percentage of what? `percent_of` is missing: {', '.join(Base)}"
        )
    base = Base(table.require("percent_of", str, tuple(Base)))
    if base is not Base.VOLTAGE:
        return unit.base, unit.factor, base
    value = table.number("base_value")
    return (NOMINAL_SHARE, 1.0, base) if value is None else ("V", value / 100, base)


def _usual_unit(table: MapTable, kind: str) -> str:
    """Return the unit of a point that states none."""
    if kind == "string":
        return TEXT
    if table.has("values") or table.has("flags"):
        return SWITCH if set(table.codes("values")) == {"on", "off"} else CODE
    return "1"


def _not_implemented(table: MapTable, layout: Layout, kind: str) -> tuple[int, ...]:
    if table.has("not_implemented"):
        return tuple(int(code) for code in table.numbers("not_implemented"))
    return layout.not_implemented.get(kind, ())


def _time_is(table: MapTable, meaning: Meaning | None) -> TimeIs | None:
    if meaning is None or not meaning.is_trip_time:
        return None
    return TimeIs(table.require("time_is", str, tuple(TimeIs)))


def _trips(table: MapTable) -> dict[str, tuple[str, ...]]:
    trips = table.table("trips")
    return {name: tuple(trips.texts(name)) for name in trips.values}


def _write(table: MapTable, factor: float) -> Write:
    limits = [value * factor for value in table.numbers("range", 2)]
    if limits and limits[0] >= limits[1]:
        raise table.error("range", "expected the lower end first")
    step = table.number("step")
    return Write(
        lowest=limits[0] if limits else None,
        highest=limits[1] if limits else None,
        step=None if step is None else step * factor,
        outside=Outside(table.optional("outside", str, "unknown", tuple(Outside))),
        storage=Storage(table.optional("storage", str, "volatile", tuple(Storage))),
        most_writes=_count(table, "most_writes"),
        most_writes_in_all=_count(table, "most_writes_in_all"),
        after=dict(table.table("after").values),
        commit=table.optional("commit", str, ""),
        toggles=table.optional("toggles", str, ""),
        unlocks=table.optional("needs_unlock", bool, False),
    )


def _count(table: MapTable, key: str) -> int | None:
    if not table.has(key):
        return None
    count = table.require(key, int)
    if count < 1:
        raise table.error(key, "expected at least 1")
    return count


def _simulated(table: MapTable, kind: str) -> float | str | None:
    if not table.has("simulated"):
        return None
    if kind == "string":
        return table.require("simulated", str)
    return table.require("simulated", float)
