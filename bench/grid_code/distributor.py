"""A distributor's profile: other set-points, inside the allowed ranges, resting on a network study.

A set-point takes the status of the range it was checked against: a range nobody confirmed carries no
confirmed limit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from bench.grid_code.allowed_range import AllowedRange
from bench.grid_code.layer import DISTRIBUTOR, Change, Layer, Study, file_sha256
from bench.grid_code.profile import GridCode, Requirement
from bench.grid_code.quantity import Quantity, decimals, find_stated, require_as_many
from bench.paths import DISTRIBUTORS
from bench.toml_file import Table, read_toml
from instruments.errors import ConfigurationError

RISING = ("voltages",)
"""Quantities whose numbers must rise: the points of a curve."""


def find_distributor(name: str) -> Path:
    """Return the file of a distributor's profile named by path or by the stem of a shipped file."""
    shipped = DISTRIBUTORS / f"{name}.toml"
    if shipped.is_file():
        return shipped
    if Path(name).is_file():
        return Path(name)
    known = ", ".join(sorted(path.stem for path in DISTRIBUTORS.glob("*.toml")))
    raise ConfigurationError(f"no distributor {name!r}: neither a file nor one of {known}")


def with_distributor(base: GridCode, file: Path) -> GridCode:
    """Return a grid code with a distributor's set-points in the place of the defaults.

    Raises:
        ConfigurationError: a set-point outside its allowed range or without one, a study that is not
            named, another region; names file, table and key.
    """
    top = read_toml(file)
    top.allow("distributor", "study", "set_points")
    distributor = top.table("distributor")
    distributor.allow("name", "region")
    name = distributor.require_text("name")
    if distributor.require("region", str) != base.region_code:
        raise distributor.error(
            f"region = {distributor.values['region']!r}: this run tests region {base.region_code!r} "
            f"({base.file.name}), from whose set-points this profile does not depart"
        )
    study = _study(top.table("study"))
    rows = {row.id: row for row in base.requirements}
    changes: list[Change] = []
    set_points = top.table("set_points")
    for row_id in set_points.values:
        if row_id not in rows:
            raise set_points.error(f"no requirement {row_id!r}. {_choices(base)}")
        row = rows[row_id]
        chosen = _set_points(
            row, set_points.table(row_id), f"distributor {name}, study {study}", base
        )
        changes += [Change(row_id, row.quantities[item.name], item) for item in chosen]
        new = {item.name: item for item in chosen}
        rows[row_id] = replace(row, quantities={**row.quantities, **new})
    layer = Layer(DISTRIBUTOR, name, file, file_sha256(file), tuple(changes), study)
    return replace(base, requirements=tuple(rows.values()), layers=(*base.layers, layer))


def _study(table: Table) -> Study:
    table.allow("title", "date", "publisher", "url", "methodology")
    return Study(
        title=table.require_text("title"),
        date=table.require("date", date).isoformat(),
        publisher=table.require_text("publisher"),
        url=table.optional("url", str, ""),
        methodology=table.optional("methodology", str, ""),
    )


def _set_points(row: Requirement, table: Table, source: str, base: GridCode) -> list[Quantity]:
    chosen = []
    for key in table.values:
        default = find_stated(table, key, row.quantities)
        if default.name not in row.allowed:
            raise table.error(f"{key} is not for a distributor to choose. {_choices(base)}")
        values = decimals(table, key)
        require_as_many(table, key, values, default)
        own = replace(default, values=values, source=source)
        chosen.append(_checked(row, table, own, row.allowed[default.name]))
    return chosen


def _checked(row: Requirement, table: Table, own: Quantity, allowed: AllowedRange) -> Quantity:
    """Return a set-point with the status of its range; refuse one that is not allowed."""
    where = allowed.first_outside(own.values)
    if where is not None:
        point = f", point {where + 1}" if len(own.values) > 1 else ""
        raise table.error(
            f"{own.key}{point} = {own.values[where]} {own.unit} is outside the allowed range "
            f"{allowed.low[where]} … {allowed.high[where]} {own.unit} ({row.id}, {row.clause}; "
            f"{allowed.status}, source: {allowed.source})"
        )
    if own.name in RISING and any(low >= high for low, high in pairwise(own.values)):
        raise table.error(f"{own.key} = {own}: the points must rise")
    return replace(own, status=allowed.status)


def _choices(base: GridCode) -> str:
    pairs = [
        f"{row.id} {row.quantities[name].key}" for row in base.requirements for name in row.allowed
    ]
    return f"A distributor may choose: {', '.join(pairs)}"
