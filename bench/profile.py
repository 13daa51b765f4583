"""A grid code as data: TOML rows become requirements with limits.

Every quantity carries its own source and status, because public sources confirm some numbers of a table
and not others. What a row may hold is listed in `KINDS`; anything else is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bench.paths import GRID_CODES
from bench.toml_file import Table, read_toml
from bench.verdict import DecisionRule, Limit, decision_rule
from instruments.errors import ConfigurationError

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
}

_TRIP = {"threshold": True, "delay": False, "disconnection_max": True, "uncertainty_max": True}
_RESPONSE = {
    "hold": True,
    "tolerance": True,
    "tolerance_uncertainty_max": True,
    "commence_share": True,
    "commence_max": True,
    "complete_max": True,
    "uncertainty_max": True,
}
_VOLT_RESPONSE = _RESPONSE | {"voltages": True, "powers": True, "voltage_tolerance": True}
KINDS: Mapping[str, Mapping[str, bool]] = {
    "voltage_trip": _TRIP,
    "frequency_trip": _TRIP,
    "anti_islanding": {"run_on_max": True, "uncertainty_max": True},
    "reconnection": {
        "observation_min": True,
        "uncertainty_max": True,
        "voltage_low": False,
        "voltage_high": False,
        "frequency_low": False,
        "frequency_high": False,
    },
    "sustained_operation": {"limit": True, "averaging": True, "action_max": True},
    "volt_watt": _VOLT_RESPONSE,
    "volt_watt_charging": {"voltages": True, "powers": True},
    "volt_var": _VOLT_RESPONSE | {"capability_powers": True, "capability_reactive": True},
    "frequency_watt": _RESPONSE
    | {
        "start": True,
        "stop": True,
        "hysteresis": True,
        "dwell": True,
        "frequency_tolerance": True,
        "return_rate_max": True,
    },
    "frequency_watt_storage": {"start": True, "transition": True, "stop": True},
    "power_rate_limit": {"rate": True},
    "disturbance_withstand": {"phase_jump": False, "rocof": False, "resume_max": False},
    "power_factor": {"tolerance": False},
    "power_quality": {"limit": False},
    "generation_limit": {"response_max": False, "tolerance": False},
    "demand_response": {"response_max": False},
    "settings": {},
}
"""Kind of requirement → quantity → whether a row must state it. The key adds the unit: threshold_v."""

TEXT_KEYS = ("id", "title", "clause", "direction", "note")


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

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.values))} {self.unit}"


@dataclass(frozen=True)
class Requirement:
    """One row of a grid code."""

    id: str
    kind: str
    title: str
    clause: str
    direction: str
    quantities: Mapping[str, Quantity]

    def __contains__(self, name: str) -> bool:
        return name in self.quantities

    def number(self, name: str) -> float:
        """Return a quantity as a float, for building a stimulus.

        Raises:
            ConfigurationError: the row does not state it.
        """
        return float(self.quantity(name).value)

    def quantity(self, name: str) -> Quantity:
        """Return a quantity. Raises ConfigurationError when the row does not state it."""
        if name not in self.quantities:
            raise ConfigurationError(
                f"requirement {self.id} states no {name}; it states {', '.join(self.quantities)}"
            )
        return self.quantities[name]

    def limit(self, quantity: str, *, lower: str | None = None, upper: str | None = None) -> Limit:
        """Return the limit made of one or two of this row's quantities.

        Args:
            quantity: what is limited, in words.
            lower, upper: names of this row's quantities.
        """
        stated = [self.quantity(name) for name in (lower, upper) if name]
        u_max = self.quantities.get("uncertainty_max")
        return Limit(
            requirement=self.id,
            quantity=quantity,
            unit=stated[0].unit,
            lower=self.quantity(lower).value if lower else None,
            upper=self.quantity(upper).value if upper else None,
            clause=self.clause,
            source="; ".join(sorted({item.source for item in stated})),
            status=max((item.status for item in stated), key=STATUSES.index),
            max_uncertainty=u_max.value if u_max else None,
        )


@dataclass(frozen=True)
class TestMethod:
    """How the bench tests: values no public source settles, so they are stated and printed."""

    __test__ = False

    nominal_voltage_v: float
    nominal_frequency_hz: float
    voltage_margin_v: float
    settle_power_pu: float
    settle_timeout_s: float
    hold_after_limit_s: float
    sample_rate_hz: float
    repetitions: int


@dataclass(frozen=True)
class GridCode:
    """A grid code as loaded from one file."""

    file: Path
    sha256: str
    id: str
    title: str
    edition: str
    region: str
    rule: DecisionRule
    method: TestMethod
    requirements: tuple[Requirement, ...]

    def of_kind(self, kind: str) -> list[Requirement]:
        """Return the requirements of one kind, in the order of the file."""
        return [row for row in self.requirements if row.kind == kind]

    def only(self, kind: str) -> Requirement:
        """Return the single requirement of a kind. Raises ConfigurationError otherwise."""
        rows = self.of_kind(kind)
        if len(rows) != 1:
            raise ConfigurationError(f"{self.file}: expected one [[{kind}]] row, found {len(rows)}")
        return rows[0]


def find_grid_code(name: str) -> Path:
    """Return the file of a grid code named by path or by the stem of a shipped file."""
    shipped = GRID_CODES / f"{name}.toml"
    if shipped.is_file():
        return shipped
    if Path(name).is_file():
        return Path(name)
    known = ", ".join(sorted(path.stem for path in GRID_CODES.glob("*.toml")))
    raise ConfigurationError(f"no grid code {name!r}: neither a file nor one of {known}")


def load_grid_code(file: Path) -> GridCode:
    """Load and check a grid code.

    Raises:
        ConfigurationError: names file, table and key of the first thing that is wrong.
    """
    top = read_toml(file)
    top.allow("document", "decision", "method", *KINDS)
    document = top.table("document")
    document.allow("id", "title", "edition", "region")
    decision = top.table("decision")
    decision.allow("rule")
    rows = [_requirement(kind, row) for kind in KINDS for row in top.tables(kind)]
    if not rows:
        raise top.error(f"no requirement. Expected tables such as [[{next(iter(KINDS))}]]")
    _refuse_twins(top, rows)
    return GridCode(
        file=file,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        id=document.require("id", str),
        title=document.require("title", str),
        edition=document.require("edition", str),
        region=document.require("region", str),
        rule=decision_rule(decision.require("rule", str, ("simple", "guarded", "four bands"))),
        method=_method(top.table("method")),
        requirements=tuple(rows),
    )


def _refuse_twins(top: Table, rows: list[Requirement]) -> None:
    ids = [row.id for row in rows]
    twins = sorted({item for item in ids if ids.count(item) > 1})
    if twins:
        raise top.error(f"the id {twins[0]!r} is used by more than one requirement")


def _method(table: Table) -> TestMethod:
    fields = TestMethod.__dataclass_fields__
    table.allow(*fields)
    numbers = {name: table.require(name, float) for name in fields if name != "repetitions"}
    return TestMethod(**numbers, repetitions=table.require("repetitions", int))


def _requirement(kind: str, row: Table) -> Requirement:
    stated = {key: _split_unit(key) for key in row.values if key not in TEXT_KEYS}
    allowed = KINDS[kind]
    for key, (name, unit) in stated.items():
        if name not in allowed or unit is None:
            expected = ", ".join((*TEXT_KEYS, *(f"{name}_<unit>" for name in allowed)))
            raise row.error(f"unknown key {key!r}. Allowed keys: {expected}")
    present = {name for name, _ in stated.values()}
    missing = [name for name, required in allowed.items() if required and name not in present]
    if missing:
        raise row.error(
            f"{row.values.get('id', 'this requirement')}: the limit {missing[0]!r} is missing "
            f"(a key such as {missing[0]}_s or {missing[0]}_v with value, status and source)"
        )
    directions = ("over", "under") if kind.endswith("_trip") else ("",)
    return Requirement(
        id=row.require("id", str),
        kind=kind,
        title=row.require("title", str),
        clause=row.require("clause", str),
        direction=row.require("direction", str, directions) if directions[0] else "",
        quantities={
            name: _quantity(row.table(key), name, UNITS[unit])
            for key, (name, unit) in stated.items()
            if unit
        },
    )


def _split_unit(key: str) -> tuple[str, str | None]:
    for suffix in sorted(UNITS, key=len, reverse=True):
        if key.endswith(f"_{suffix}"):
            return key.removesuffix(f"_{suffix}"), suffix
    return key, None


def _quantity(table: Table, name: str, unit: str) -> Quantity:
    table.allow("value", "status", "source")
    if "value" not in table.values:
        raise table.error("key 'value' is missing (expected a number or an array of numbers)")
    value = table.values["value"]
    numbers = value if isinstance(value, list) else [value]
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise table.error(f"value = {value!r}: expected a number or an array of numbers")
    return Quantity(
        name=name,
        values=tuple(Decimal(repr(number)) for number in numbers),
        unit=unit,
        source=table.require("source", str),
        status=table.require("status", str, STATUSES),
    )
