"""Station and inverter files: what this laboratory has, and what is under test."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.budgets import InstrumentBudgets, QuantityBudget, load_budgets
from bench.grid_code.quantity import split_unit
from bench.paths import INSTRUMENTS
from bench.register_maps.inverter_table import (
    commandable_modes,
    find_named_map,
    load_named_map,
    with_map,
)
from bench.stations.calibration import Calibration, calibration_defects, read_calibration
from bench.stations.commandable import SUNSPEC, commandable_by
from bench.stations.inverter_state import user_state_folder
from bench.stations.tls_table import Stated, read_tls
from bench.toml_file import Table, read_toml
from instruments.errors import ConfigurationError
from instruments.interfaces import Envelope
from instruments.links.tls import TlsFiles

if TYPE_CHECKING:
    from instruments.register_maps.model import RegisterMap

SIMULATED = "simulated"
ROLES = ("ac_source", "power_analyser", "contactor", "inverter")
OPTIONAL_ROLES = (
    "demand_response",
    "islanding_load",
    "pv_source",
    "second_pv_source",
    "site_meter",
    "check_meter",
    "meter_line",
    "utility_server",
)
ANALYSER = "power_analyser"
"""Named as the driver of a site meter: further channels of the analyser."""
ISLANDING_PLANS = ("full", "short")
ENTRY_KEYS = (
    "driver",
    "resource",
    "back_end",
    "maker",
    "model",
    "serial",
    "unit",
    "baud_rate",
    "parity",
    "timeout_s",
    "clock_ppm",
    "uncertainty",
    "calibration",
    "options",
    "tls",
)


@dataclass(frozen=True)
class InstrumentEntry:
    """How one instrument is reached and who is expected to answer.

    Attributes:
        driver: `package.module:Class`; empty for the inverter, whose own file names it.
        resource: "simulated", a VISA resource, `tcp://host:port`, `tls://host:port`, `rtu+tcp://host:port` or
            `serial://port`.
        maker, model, serial: what the identity must be; empty means any.
        budgets: uncertainty of what it measures at the options of this station; None when the file names none.
        calibration: None when the file states none.
        options: keyword arguments of the driver.
        tls: what the two sides of a secured connection prove themselves with.
    """

    role: str
    driver: str
    resource: str
    back_end: str
    maker: str
    model: str
    serial: str
    unit: int
    baud_rate: int
    parity: str
    timeout_s: float
    clock_ppm: float
    budgets: InstrumentBudgets | None
    calibration: Calibration | None
    options: Mapping[str, Any]
    tls: TlsFiles

    def budget(self, quantity: str) -> QuantityBudget:
        """Return the uncertainty budget of a quantity it measures.

        Raises:
            ConfigurationError: none is stated, so nothing it measures of that kind can be judged.
        """
        if self.budgets is None:
            raise ConfigurationError(
                f"table [{self.role}] of the station file names no uncertainty, so no "
                f"{quantity.replace('_', ' ')} can be judged. Expected: uncertainty = a shipped file of "
                "profiles/instruments, or a file of your own"
            )
        return self.budgets.of(quantity)


@dataclass(frozen=True)
class SimulationSettings:
    """How the simulated laboratory is set up.

    Attributes:
        load_power_w, load_quality_factor: load between contactor and inverter at nominal voltage; it
            resonates at nominal frequency, 0 is a resistor.
        source_impedance_ohm: of each phase of the source.
        inverter_model: `package.module:Class` of a model in the place of the simulated inverter.
    """

    seed: int
    latency_scale: float
    load_power_w: float
    load_quality_factor: float
    source_impedance_ohm: complex
    inverter_model: str


@dataclass(frozen=True)
class StationFile:
    """A station as its file describes it.

    Attributes:
        entries: by role; those of `OPTIONAL_ROLES` only where the station has them.
        islanding_plan: how much of the matrix of an islanding test is run, "full" or "short".
        state_folder: where is kept what outlives a session; None for a simulated station without one.
    """

    file: Path
    sha256: str
    name: str
    envelope: Envelope
    entries: Mapping[str, InstrumentEntry]
    simulation: SimulationSettings | None
    islanding_plan: str = "full"
    state_folder: Path | None = None

    def calibration_defects(self, day: date) -> list[str]:
        """Return which instruments' calibration is not in force on a day."""
        entries = self.entries.values()
        stated = [(entry.role, entry.calibration) for entry in entries if entry.calibration]
        return calibration_defects(stated, day)


@dataclass(frozen=True)
class InverterFile:
    """The inverter under test as its file describes it: nameplate, how to talk to it.

    Attributes:
        storage_power_w: rated charging power of its storage; 0 without storage.
        limits_each_phase: whether its export limit is kept on each phase, a third on each, not for their sum.
        options: keyword arguments of the driver.
        region_codes: short name of a region → what the inverter reports when it is set to it.
        at: where `bench audit` finds it (see `bench.audit.address`); a station file has its own address for it.
        tls: files of a connection to `at` over TLS, as far as it states any.
        register_map: its maker's own registers; None for a SunSpec inverter.
        register_map_sha256: of the file the register map was loaded from; empty without one.
    """

    file: Path
    sha256: str
    maker: str
    model: str
    rated_apparent_power_va: float
    phases: int
    nominal_voltage_v: float
    filter_current_pu: float
    storage_power_w: float
    driver: str
    unit: int
    options: Mapping[str, Any]
    region_codes: Mapping[str, int]
    simulated_changes: Mapping[str, Any]
    at: str = ""
    tls: Stated = field(default_factory=dict)
    register_map: RegisterMap | None = None
    register_map_sha256: str = ""
    limits_each_phase: bool = False

    @property
    def keeps_account(self) -> bool:
        """Whether its driver remembers by itself what the settings it changes held."""
        return self.register_map is not None or self.driver == SUNSPEC

    @property
    def commandable(self) -> frozenset[str] | None:
        """What its file lets the bench command, by `ControlMode`, and "reversion"; None if only it can tell."""
        if self.register_map is not None:
            return commandable_modes(self.register_map, writes=bool(self.options.get("writes")))
        return commandable_by(self.driver, self.options)

    @property
    def rated_current_a(self) -> float:
        """Rated current per phase."""
        return self.rated_apparent_power_va / (self.phases * self.nominal_voltage_v)


def load_station(file: Path) -> StationFile:
    """Load and check a station file.

    Raises:
        ConfigurationError: names file, table and key.
    """
    top = read_toml(file)
    top.allow("station", SIMULATED, "envelope", "islanding", *ROLES, *OPTIONAL_ROLES)
    station = top.table("station")
    station.allow("name", "state_folder")
    present = (*ROLES, *(role for role in OPTIONAL_ROLES if role in top.values))
    entries = {role: _entry(role, top.table(role)) for role in present}
    simulation = _simulation(top.table(SIMULATED)) if SIMULATED in top.values else None
    for entry in entries.values():
        if (entry.resource == SIMULATED) != (simulation is not None):
            raise top.error(
                f"[{entry.role}] resource = {entry.resource!r}: with a table [simulated] every "
                "resource is 'simulated', without it none is"
            )
    return StationFile(
        file=file,
        sha256=_sha256(file),
        name=station.require("name", str),
        envelope=_envelope(top.table("envelope")),
        entries=entries,
        simulation=simulation,
        islanding_plan=_islanding_plan(top.optional_table("islanding")),
        state_folder=_state_folder(station, simulation),
    )


def load_inverter(file: Path) -> InverterFile:
    """Load and check an inverter file.

    Raises:
        ConfigurationError: names file, table and key.
    """
    top = read_toml(file)
    top.allow("nameplate", "modbus", SIMULATED)
    nameplate, modbus = top.table("nameplate"), top.table("modbus")
    nameplate.allow(
        "maker",
        "model",
        "rated_apparent_power_va",
        "phases",
        "nominal_voltage_v",
        "filter_current_pu",
        "storage_power_w",
        "limits_each_phase",
    )
    modbus.allow("driver", "map", "unit", "options", "region_codes", "at", "tls")
    register_map = load_named_map(file, modbus)
    map_file = find_named_map(file, modbus)
    modbus = with_map(modbus, register_map)
    codes = modbus.optional_table("region_codes")
    return InverterFile(
        file=file,
        sha256=_sha256(file),
        maker=nameplate.require("maker", str),
        model=nameplate.require("model", str),
        rated_apparent_power_va=nameplate.require("rated_apparent_power_va", float),
        phases=nameplate.require("phases", int, (1, 3)),
        nominal_voltage_v=nameplate.require("nominal_voltage_v", float),
        filter_current_pu=nameplate.require("filter_current_pu", float),
        storage_power_w=nameplate.optional("storage_power_w", float, 0.0),
        driver=modbus.require("driver", str),
        unit=modbus.require("unit", int),
        options=dict(modbus.optional_table("options").values),
        region_codes={region: codes.require(region, int) for region in codes.values},
        simulated_changes=dict(top.optional_table(SIMULATED).values),
        at=modbus.optional("at", str, ""),
        tls=read_tls(modbus.optional_table("tls")),
        register_map=register_map,
        register_map_sha256=_sha256(map_file) if map_file else "",
        limits_each_phase=_limits_each_phase(nameplate),
    )


def _limits_each_phase(nameplate: Table) -> bool:
    each: bool = nameplate.optional("limits_each_phase", bool, False)
    if each and nameplate.require("phases", int) != 3:
        raise nameplate.error("limits_each_phase = true: expected phases = 3")
    return each


def _state_folder(station: Table, simulation: SimulationSettings | None) -> Path | None:
    """Return where state is kept; nowhere for a simulated inverter, which is new each time."""
    if "state_folder" in station.values:
        return station.file.parent / Path(station.require_text("state_folder")).expanduser()
    return None if simulation else user_state_folder()


def _entry(role: str, table: Table) -> InstrumentEntry:
    table.allow(*ENTRY_KEYS)
    driver = "" if role == "inverter" else table.require("driver", str)
    return InstrumentEntry(
        role=role,
        driver=driver,
        resource=table.require("resource", str),
        back_end=table.optional("back_end", str, "@py"),
        maker=table.optional("maker", str, ""),
        model=table.optional("model", str, ""),
        serial=table.optional("serial", str, ""),
        unit=table.optional("unit", int, 1),
        baud_rate=table.optional("baud_rate", int, 9600),
        parity=table.optional("parity", str, "N"),
        timeout_s=table.optional("timeout_s", float, 5.0),
        clock_ppm=table.optional("clock_ppm", float, 50.0),
        budgets=_budgets(table),
        calibration=(
            read_calibration(table.table("calibration")) if "calibration" in table.values else None
        ),
        options=dict(table.optional_table("options").values),
        tls=TlsFiles(**read_tls(table.optional_table("tls"))),
    )


def _budgets(entry: Table) -> InstrumentBudgets | None:
    """Return the budgets the entry names, evaluated with its numeric options."""
    if "uncertainty" not in entry.values:
        return None
    options = entry.optional_table("options").values
    settings = {
        name: float(value)
        for name, value in options.items()
        if isinstance(value, int | float) and split_unit(name)[1]
    }
    return load_budgets(_budget_file(entry), settings)


def _budget_file(entry: Table) -> Path:
    name = entry.require_text("uncertainty")
    beside = entry.file.parent
    candidates = (beside / f"{name}.toml", beside / name, INSTRUMENTS / f"{name}.toml")
    for file in candidates:
        if file.is_file():
            return file
    known = ", ".join(sorted(path.stem for path in INSTRUMENTS.glob("*.toml")))
    raise entry.error(
        f"uncertainty = {name!r}: neither a file beside the station file nor one of {known}"
    )


def _islanding_plan(table: Table) -> str:
    table.allow("plan")
    plan = table.optional("plan", str, ISLANDING_PLANS[0])
    if plan not in ISLANDING_PLANS:
        raise table.error(f"plan = {plan!r}: expected one of {', '.join(ISLANDING_PLANS)}")
    return plan


def _simulation(table: Table) -> SimulationSettings:
    table.allow(
        "seed",
        "latency_scale",
        "load_power_w",
        "load_quality_factor",
        "source_resistance_ohm",
        "source_reactance_ohm",
        "inverter_model",
    )
    return SimulationSettings(
        seed=table.require("seed", int),
        latency_scale=table.require("latency_scale", float),
        load_power_w=table.require("load_power_w", float),
        load_quality_factor=table.optional("load_quality_factor", float, 0.0),
        source_impedance_ohm=complex(
            table.optional("source_resistance_ohm", float, 0.0),
            table.optional("source_reactance_ohm", float, 0.0),
        ),
        inverter_model=table.optional("inverter_model", str, ""),
    )


def _envelope(table: Table) -> Envelope:
    names = tuple(Envelope.__dataclass_fields__)
    table.allow(*names)
    envelope = Envelope(**{name: table.require(name, float) for name in names})
    for quantity in ("voltage", "frequency"):
        unit = "v" if quantity == "voltage" else "hz"
        low = getattr(envelope, f"{quantity}_min_{unit}")
        high = getattr(envelope, f"{quantity}_max_{unit}")
        if not low < high:
            raise table.error(f"{quantity}: minimum {low:g} is not below maximum {high:g}")
    return envelope


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
