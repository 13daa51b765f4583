"""A grid code as data: TOML rows become requirements with limits.

Every quantity carries its own source and status, because public sources confirm some numbers of a table
and not others. What a row may hold is listed in `KINDS`; anything else is refused. A file may extend another
and restate only what differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bench.export_limits.kinds import EXPORT_KINDS
from bench.export_limits.standard_cases import STANDARD_CASES
from bench.grid_code.applicability import APPLIES_TO
from bench.grid_code.layer import GRID_CODE, Layer, file_sha256
from bench.grid_code.overrides import overridden, with_ranges
from bench.grid_code.quantity import STATUSES, UNITS, Quantity, read_quantity, split_unit
from bench.grid_code.requirement import Requirement
from bench.paths import GRID_CODES
from bench.toml_file import Table, read_toml
from bench.verdicts.decision_rule import RULE_NAMES, DecisionRule, decision_rule
from instruments.errors import ConfigurationError

__all__ = [
    "KINDS",
    "STATUSES",
    "UNITS",
    "GridCode",
    "Quantity",
    "Requirement",
    "TestMethod",
    "find_grid_code",
    "load_grid_code",
]

_TRIP = {
    "threshold": True,
    "delay": False,
    "disconnection_max": True,
    "uncertainty_max": True,
    "tolerance": False,
    "tolerance_uncertainty_max": False,
    "resolution": False,
}
_RESPONSE = {
    "hold": True,
    "tolerance": True,
    "tolerance_uncertainty_max": True,
    "commence_share": True,
    "commence_max": True,
    "complete_max": True,
    "uncertainty_max": True,
}
_FREQUENCY_RESPONSE = _RESPONSE | {"start": True, "stop": True, "frequency_tolerance": True}
_RATE = {
    "rate": True,
    "rate_tolerance": False,
    "nonlinearity_max": False,
    "jump_max": False,
    "uncertainty_max": False,
}
_SET_POINT = {
    "tolerance": True,
    "tolerance_uncertainty_max": True,
    "uncertainty_max": True,
    "hold": True,
}
_VOLT_RESPONSE = _RESPONSE | {"voltages": True, "powers": True, "voltage_tolerance": True}
_VOLTAGE_WITHSTAND = {
    "voltages": True,
    "durations": True,
    "spacing": True,
    "tolerance": True,
    "resume_max": True,
    "uncertainty_max": True,
}
KINDS: Mapping[str, Mapping[str, bool]] = {
    "voltage_trip": _TRIP,
    "frequency_trip": _TRIP,
    "anti_islanding": {"run_on_max": True, "uncertainty_max": True},
    "islanding": {
        "run_on_max": True,
        "uncertainty_max": True,
        "power_min": True,
        "power_max": True,
        "residual_max": True,
        "quality_factor": True,
        "quality_factor_tolerance": True,
        "active_offsets": True,
        "reactive_offsets": True,
        "outer_offsets": False,
        "extension_step": False,
        "extension_end": False,
    },
    "reconnection": {
        "observation_min": True,
        "uncertainty_max": True,
        "voltage_low": False,
        "voltage_high": False,
        "frequency_low": False,
        "frequency_high": False,
    },
    "reconnection_window": {"observation_min": True, "uncertainty_max": True},
    "reconnection_restart": {"observation_min": True, "uncertainty_max": True},
    "sustained_operation": {
        "limit": True,
        "averaging": True,
        "action_max": True,
        "tolerance": False,
        "uncertainty_max": False,
    },
    "volt_watt": _VOLT_RESPONSE,
    "volt_watt_charging": _VOLT_RESPONSE,
    "volt_var": _VOLT_RESPONSE | {"capability_powers": True, "capability_reactive": True},
    "frequency_watt": _FREQUENCY_RESPONSE
    | {"transition": False, "hysteresis": True, "dwell": True, "return_rate_max": True},
    "frequency_watt_storage": _FREQUENCY_RESPONSE | {"transition": True},
    "frequency_operation": {"hold": True, "uncertainty_max": True},
    "power_rate_limit": _RATE,
    "power_rate_change": _RATE,
    "voltage_withstand": _VOLTAGE_WITHSTAND,
    "multiple_withstand": _VOLTAGE_WITHSTAND,
    "phase_jump_withstand": {
        "phase_jump": True,
        "sequence_jump": True,
        "tolerance": True,
        "resume_max": True,
        "uncertainty_max": True,
    },
    "frequency_ramp_withstand": {"rocof": True, "duration": True},
    "power_factor": _SET_POINT | {"factors": True, "powers": True, "complete_max": True},
    "reactive_power": _SET_POINT | {"reactive": True, "powers": True, "complete_max": True},
    "harmonic_current": {
        "limit": True,
        "odd_up_to": True,
        "odd_max": True,
        "even_up_to": True,
        "even_max": True,
        "levels": True,
        "record": True,
        "uncertainty_max": True,
    },
    "irradiance_ramp": {
        "rate_max": True,
        "rate_tolerance": True,
        "irradiance_low": True,
        "uncertainty_max": True,
    },
    "direct_current": {"limit": True, "floor": True, "uncertainty_max": True},
    "current_balance": {
        "limit": True,
        "deviation_max": True,
        "record": True,
        "uncertainty_max": True,
    },
    "generation_limit": _SET_POINT | {"limits": True, "response_max": True},
    **EXPORT_KINDS,
    "demand_response": {
        "response_max": True,
        "reconnection_min": True,
        "uncertainty_max": True,
        "reconnection_uncertainty_max": True,
    },
    "demand_response_level": {
        "mode": True,
        "generation_max": True,
        "tolerance": True,
        "response_max": True,
        "uncertainty_max": True,
    },
    "demand_response_charging": {
        "mode": True,
        "consumption_max": True,
        "tolerance": True,
        "response_max": True,
        "uncertainty_max": True,
    },
    "region_setting": {},
    "settings": {
        "voltage_step_max": True,
        "frequency_step_max": True,
        "time_step_max": True,
        "power_step_max": True,
        "rate_step_max": True,
    },
    "settings_lock": {"change_max": True},
}
"""Kind of requirement → quantity → whether a row must state it. The key adds the unit: threshold_v."""

TEXT_KEYS = ("id", "title", "clause", "direction", "applies_to", "note")


@dataclass(frozen=True)
class TestMethod:
    """How the bench tests: values no public source settles, so they are stated and printed."""

    __test__ = False

    nominal_voltage_v: float
    nominal_frequency_hz: float
    voltage_margin_v: float
    frequency_margin_hz: float
    settle_power_pu: float
    settle_timeout_s: float
    hold_after_limit_s: float
    sample_rate_hz: float
    repetitions: int


@dataclass(frozen=True)
class GridCode:
    """A grid code as loaded from its file and those it extends.

    Attributes:
        region_code: short name of the region ("A"): accepted on the command line, and the region the
            simulated inverter is set to; empty for none.
        layers: every file it was put together from, the lowest first.
        export_limits: regime of export limits that goes with it unless another is chosen; "none" for none.
    """

    file: Path
    sha256: str
    id: str
    title: str
    edition: str
    region: str
    region_code: str
    rule: DecisionRule
    method: TestMethod
    requirements: tuple[Requirement, ...]
    layers: tuple[Layer, ...]
    export_limits: str = "none"

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
    """Return the file of a grid code named by the stem or region code of a shipped file, or by path.

    Raises:
        ConfigurationError: it is none of these; the message lists the shipped ones.
    """
    shipped = {path.stem: path for path in sorted(GRID_CODES.glob("*.toml"))}
    if name in shipped:
        return shipped[name]
    codes = {_region_code(path).casefold(): path for path in shipped.values()}
    if name.casefold() in codes:
        return codes[name.casefold()]
    if Path(name).is_file():
        return Path(name)
    known = ", ".join(f"{_region_code(path)} ({stem})" for stem, path in shipped.items())
    raise ConfigurationError(f"no grid code {name!r}: neither a file nor one of {known}")


def _region_code(file: Path) -> str:
    return read_toml(file).table("document").optional("region_code", str, "")


def load_grid_code(file: Path) -> GridCode:
    """Load and check a grid code.

    Raises:
        ConfigurationError: names file, table and key of the first thing that is wrong.
    """
    return _load(file, ())


def _load(file: Path, extended_by: tuple[Path, ...]) -> GridCode:
    top = read_toml(file)
    if "extends" in top.values:
        return _extension(top, (*extended_by, file.resolve()))
    return _root(top)


def _root(top: Table) -> GridCode:
    top.allow("document", "decision", "method", "allowed", *KINDS)
    document = top.table("document")
    document.allow("id", "title", "edition", "region", "region_code")
    decision = top.table("decision")
    decision.allow("rule")
    rows = [_requirement(kind, row) for kind in KINDS for row in top.tables(kind)]
    if not rows:
        raise top.error(f"no requirement. Expected tables such as [[{next(iter(KINDS))}]]")
    _refuse_twins(top, rows)
    sha256, region = file_sha256(top.file), document.require("region", str)
    return GridCode(
        file=top.file,
        sha256=sha256,
        id=document.require("id", str),
        title=document.require("title", str),
        edition=document.require("edition", str),
        region=region,
        region_code=document.optional("region_code", str, ""),
        rule=decision_rule(decision.require("rule", str, RULE_NAMES)),
        method=_method(top.table("method")),
        requirements=tuple(with_ranges(rows, top.optional_table("allowed"))),
        layers=(Layer(GRID_CODE, region, top.file, sha256),),
    )


def _extension(top: Table, chain: tuple[Path, ...]) -> GridCode:
    """Return the grid code that a file extends, with what the file restates."""
    top.allow("extends", "document", "override", "allowed")
    name = top.require("extends", str)
    beside = top.file.parent / f"{name}.toml"
    base_file = beside if beside.is_file() else find_grid_code(name)
    if base_file.resolve() in chain:
        raise top.error(f"extends = {name!r}: a circle; it extends {top.file.name} in turn")
    base = _load(base_file, chain)
    document = top.table("document")
    document.allow("id", "title", "edition", "region", "region_code", "export_limits")
    region = document.require("region", str)
    sha256 = file_sha256(top.file)
    rows, changes = overridden(base.requirements, top)
    return replace(
        base,
        file=top.file,
        sha256=sha256,
        id=document.require("id", str),
        title=document.optional("title", str, base.title),
        edition=document.optional("edition", str, base.edition),
        region=region,
        region_code=document.optional("region_code", str, ""),
        requirements=rows,
        layers=(*base.layers, Layer(GRID_CODE, region, top.file, sha256, changes)),
        export_limits=document.optional("export_limits", str, base.export_limits),
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
    stated = {key: split_unit(key) for key in row.values if key not in TEXT_KEYS}
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
            name: read_quantity(row.table(key), name, UNITS[unit])
            for key, (name, unit) in stated.items()
            if unit
        },
        applies_to=(
            row.require("applies_to", str, APPLIES_TO) if "applies_to" in row.values else ""
        ),
        case=STANDARD_CASES.get(kind),
    )
