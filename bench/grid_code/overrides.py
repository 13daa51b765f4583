"""What a file restates of the requirements below it: numbers, clauses, allowed ranges.

Only what exists below can be restated, so a mistyped name is an error and never a second limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.grid_code.allowed_range import read_ranges
from bench.grid_code.layer import Change
from bench.grid_code.quantity import Quantity, find_stated, read_quantity, require_as_many
from bench.grid_code.requirement import Requirement
from bench.toml_file import Table


def overridden(
    base: Sequence[Requirement], top: Table
) -> tuple[tuple[Requirement, ...], tuple[Change, ...]]:
    """Return the requirements with the tables [override.<id>] and [allowed.<id>] of a file applied.

    Raises:
        ConfigurationError: a requirement or quantity that `base` does not state; names file, table, key.
    """
    tables = top.optional_table("override")
    rows = {row.id: row for row in base}
    changes: list[Change] = []
    for row_id in tables.values:
        table = tables.table(row_id)
        row = _known_row(rows, row_id, tables)
        restated = _restated(row, table)
        changes += [Change(row_id, row.quantities[name], new) for name, new in restated.items()]
        rows[row_id] = replace(
            row,
            clause=table.optional("clause", str, row.clause),
            quantities={**row.quantities, **restated},
        )
    return tuple(with_ranges(list(rows.values()), top.optional_table("allowed"))), tuple(changes)


def _restated(row: Requirement, table: Table) -> dict[str, Quantity]:
    found = {}
    for key in table.values:
        if key == "clause":
            continue
        old = find_stated(table, key, row.quantities)
        new = read_quantity(table.table(key), old.name, old.unit)
        require_as_many(table, key, new.values, old)
        found[old.name] = new
    return found


def with_ranges(rows: list[Requirement], tables: Table) -> list[Requirement]:
    """Return the rows with the allowed ranges of [allowed.<id>] tables."""
    by_id = {row.id: row for row in rows}
    for row_id in tables.values:
        row = _known_row(by_id, row_id, tables)
        ranges = read_ranges(tables.table(row_id), row.quantities)
        by_id[row_id] = replace(row, allowed={**row.allowed, **ranges})
    return list(by_id.values())


def _known_row(rows: Mapping[str, Requirement], row_id: str, tables: Table) -> Requirement:
    if row_id not in rows:
        raise tables.error(f"no requirement {row_id!r}. There are: {', '.join(rows)}")
    return rows[row_id]
