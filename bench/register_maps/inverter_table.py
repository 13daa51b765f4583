"""An inverter file that names a register map, and what it need not say then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.paths import MAPS
from bench.toml_file import Table

if TYPE_CHECKING:
    from instruments.register_maps.model import RegisterMap

REGISTER_MAP_DRIVER = "instruments.inverters.register_map:RegisterMapInverter"


def load_named_map(file: Path, modbus: Table) -> RegisterMap | None:
    """Return the map an inverter file names: a file beside it, or a shipped one; None when it names none."""
    found = find_named_map(file, modbus)
    if found is None:
        return None
    # Most inverters answer by SunSpec.
    from bench.register_maps.load import load_map

    return load_map(found)


def find_named_map(file: Path, modbus: Table) -> Path | None:
    """Return where the map an inverter file names is; None when it names none."""
    if "map" not in modbus.values:
        return None
    name = modbus.require_text("map")
    beside = file.parent / name
    return beside if beside.is_file() else find_map(name)


def find_map(name: str | Path) -> Path:
    """Return the file of a map: a path, or the name of a shipped one."""
    file = Path(name)
    return file if file.suffix == ".toml" else MAPS / f"{name}.toml"


def with_map(modbus: Table, register_map: RegisterMap | None) -> Table:
    """Return the table with what the map says where the file says nothing: driver, unit, regions."""
    if register_map is None:
        return modbus
    region = register_map.meaning("region")
    known = {
        "driver": REGISTER_MAP_DRIVER,
        "unit": register_map.connection.unit,
        "region_codes": dict(region.codes) if region else {},
    }
    options = {**modbus.values.get("options", {}), "register_map": register_map}
    return Table(modbus.file, modbus.name, {**known, **modbus.values, "options": options})


def commandable_modes(register_map: RegisterMap, *, writes: bool) -> frozenset[str]:
    """Return the modes a map lets the bench command: verified points, where the operator allows writing."""
    if not writes:
        return frozenset()
    points = register_map.points
    return frozenset(
        mode.value
        for mode, control in register_map.controls.items()
        if all(points[name].verified for name in (control.setpoint, control.enable) if name)
    )
