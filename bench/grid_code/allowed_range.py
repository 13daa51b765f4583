"""The ranges inside which a network may choose other set-points than the grid code's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bench.grid_code.quantity import STATUSES, Quantity, decimals, find_stated, require_as_many
from bench.toml_file import Table


@dataclass(frozen=True)
class AllowedRange:
    """Lowest and highest permitted value of each number of one quantity."""

    low: tuple[Decimal, ...]
    high: tuple[Decimal, ...]
    source: str
    status: str

    def first_outside(self, values: tuple[Decimal, ...]) -> int | None:
        """Return the index of the first number outside, None when all are inside."""
        edges = zip(self.low, values, self.high, strict=True)
        return next(
            (k for k, (low, value, high) in enumerate(edges) if not low <= value <= high), None
        )


def read_ranges(table: Table, stated: Mapping[str, Quantity]) -> dict[str, AllowedRange]:
    """Return quantity → range from a table of one requirement.

    Args:
        table: keys as the requirement's own, each { low, high, status, source }.
        stated: the requirement's quantities.

    Raises:
        ConfigurationError: names file, table and key.
    """
    found = {}
    for key in table.values:
        quantity = find_stated(table, key, stated)
        found[quantity.name] = _range(table.table(key), quantity)
    return found


def _range(table: Table, quantity: Quantity) -> AllowedRange:
    table.allow("low", "high", "status", "source")
    low, high = decimals(table, "low"), decimals(table, "high")
    for key, edge in (("low", low), ("high", high)):
        require_as_many(table, key, edge, quantity)
    for least, most in zip(low, high, strict=True):
        if least > most:
            raise table.error(
                f"low = {least} {quantity.unit} is above high = {most} {quantity.unit}"
            )
    return AllowedRange(
        low, high, table.require("source", str), table.require("status", str, STATUSES)
    )
