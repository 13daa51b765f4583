"""A station as a laboratory has it, its instruments served by this process and reached by address in "
"real time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bench.register_maps.load import load_map
from instruments.clock import WallClock
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.passage import Pace

SPEED = 20.0
MESSAGE_ROLES = {
    "ac_source": "instruments.ac_sources.ametek_ci:AmetekCi",
    "power_analyser": "instruments.analysers.zes_lmg600:Lmg600",
}
NAMEPLATE = """
[nameplate]
maker = "{maker}"
model = "{model}"
rated_apparent_power_va = 10000.0
phases = 3
nominal_voltage_v = 230.0
filter_current_pu = 0.012
"""
SUNSPEC = (
    NAMEPLATE.format(maker="Inverter Compliance Bench", model="Simulated inverter")
    + """
[modbus]
driver = "instruments.inverters.sunspec:SunSpecInverter"
unit = 1
"""
)
MAPPED = (
    NAMEPLATE.format(maker="Acme", model="X5000")
    + """
[modbus]
map = "map.toml"
[modbus.options]
writes = true
"""
)


@dataclass(frozen=True)
class RealStation:
    """The files that describe it, and what stands behind the addresses."""

    station: Path
    inverter: Path
    world: World
    state_folder: Path


@contextmanager
def served(
    folder: Path, map_text: str = "", changes: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[RealStation]:
    """Serve a laboratory and write the files of a station whose instruments it has.

    Args:
        map_text: register map of the inverter; empty for SunSpec.
        changes: parameters of the simulated inverter.
    """
    (folder / "map.toml").write_text(map_text, encoding="utf-8")
    register_map = load_map(folder / "map.toml") if map_text else None
    world = World(with_changes(InverterParameters(), changes))
    pace = Pace(WallClock(), SPEED)
    with Laboratory(world, seed=1, pace=pace, register_map=register_map) as laboratory:
        station, inverter = folder / "station.toml", folder / "inverter.toml"
        station.write_text("\n".join(_station(laboratory)), encoding="utf-8")
        inverter.write_text(MAPPED if map_text else SUNSPEC, encoding="utf-8")
        yield RealStation(station, inverter, world, folder / "state")


def _station(laboratory: Laboratory) -> Iterator[str]:
    yield '[station]\nname = "Real"\nstate_folder = "state"'
    yield "[envelope]\nvoltage_min_v = 0.0\nvoltage_max_v = 300.0\nfrequency_min_hz = 44.0"
    yield "frequency_max_hz = 56.0\ncurrent_max_a = 25.0"
    for role, driver in MESSAGE_ROLES.items():
        yield f'[{role}]\ndriver = "{driver}"\nresource = "{laboratory.resources[role]}"'
    yield "options = { voltage_range_v = 400.0, current_range_a = 40.0 }"
    yield '[contactor]\ndriver = "instruments.contactors.modbus_contactor:ModbusContactor"'
    yield _modbus(laboratory, "contactor")
    yield "[inverter]"
    yield _modbus(laboratory, "inverter")


def _modbus(laboratory: Laboratory, role: str) -> str:
    return f'resource = "tcp://127.0.0.1:{laboratory.ports[role]}"'
