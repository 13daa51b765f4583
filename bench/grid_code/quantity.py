"""One number of a requirement, with its unit, source and status: how files state and restate it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

from bench.toml_file import Table

STATUSES = ("confirmed", "published", "provisional")

UNITS = {
    "v": "V",
    "hz": "Hz",
    "s": "s",
    "pu": "1",
    "pct": "%",
    "pct_per_min": "%/min",
    "a": "A",
    "w": "W",
    "hz_per_s": "Hz/s",
    "deg": "deg",
    "order": "order",
    "drm": "DRM",
}
_SUFFIXES = {unit: suffix for suffix, unit in UNITS.items()}


@dataclass(frozen=True)
class Quantity:
    """One number (or list of numbers) of a requirement.

    Attributes:
        values: as decimals, exactly as the file states them.
        status: confirmed (by an owner of the standard), published (two independent public sources), or
            provisional.
    """

    name: str
    values: tuple[Decimal, ...]
    unit: str
    source: str
    status: str

    @property
    def value(self) -> Decimal:
        """The number; for a list, ask `values`."""
        if len(self.values) != 1:
            raise ValueError(f"{self.name} is a list of {len(self.values)} numbers")
        return self.values[0]

    @property
    def key(self) -> str:
        """How a file names it: threshold_v."""
        return f"{self.name}_{_SUFFIXES[self.unit]}"

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.values))} {self.unit}"


def split_unit(key: str) -> tuple[str, str | None]:
    """Return name and suffix of a key: threshold_v → threshold, v; None without a known suffix."""
    for suffix in sorted(UNITS, key=len, reverse=True):
        if key.endswith(f"_{suffix}"):
            return key.removesuffix(f"_{suffix}"), suffix
    return key, None


def read_quantity(table: Table, name: str, unit: str) -> Quantity:
    """Return the quantity of a table { value, status, source }.

    Raises:
        ConfigurationError: names file, table and key.
    """
    table.allow("value", "status", "source")
    if "value" not in table.values:
        raise table.error("key 'value' is missing (expected a number or an array of numbers)")
    return Quantity(
        name=name,
        values=decimals(table, "value"),
        unit=unit,
        source=table.require("source", str),
        status=table.require("status", str, STATUSES),
    )


def decimals(table: Table, key: str) -> tuple[Decimal, ...]:
    """Return the number or array of numbers at a key, exactly as written.

    Raises:
        ConfigurationError: the key is missing or holds something else.
    """
    value: Any = table.values.get(key)
    numbers = value if isinstance(value, list) else [value]
    for number in numbers:
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if not is_number or not isfinite(number):
            raise table.error(f"{key} = {value!r}: expected a number or an array of numbers")
    return tuple(Decimal(repr(number)) for number in numbers)


def find_stated(table: Table, key: str, stated: Mapping[str, Quantity]) -> Quantity:
    """Return the quantity that a key of an overriding table means.

    Raises:
        ConfigurationError: nothing of that name and unit is stated, so there is nothing to override.
    """
    found = next((item for item in stated.values() if item.key == key), None)
    if found is None:
        keys = ", ".join(item.key for item in stated.values()) or "none"
        raise table.error(f"{key!r} is not a quantity of this requirement. It states: {keys}")
    return found


def require_as_many(table: Table, key: str, values: tuple[Decimal, ...], like: Quantity) -> None:
    """Refuse another number of points than the overridden quantity has."""
    if len(values) != len(like.values):
        raise table.error(
            f"{key} has {len(values)} number(s), expected {len(like.values)} as in {like}"
        )
