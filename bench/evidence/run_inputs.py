"""Copies of the files a run was started from, kept with its evidence, and the way back from them.

A copy lies where the copy of the file that names it looks for it: an extended grid code beside the other, what
states the uncertainty of instruments beside the station file, a register map beside the inverter file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.evidence.journal import Journal, RunDirectory
from bench.grid_code.layer import (
    DISTRIBUTOR,
    EXPORT_CASES,
    EXPORT_LIMITS,
    GRID_CODE,
    OVERLAY,
    Layer,
)
from bench.inputs import Inputs
from bench.register_maps.inverter_table import find_named_map
from bench.stations.station_file import InverterFile, StationFile
from bench.toml_file import read_toml
from instruments.errors import ConfigurationError

EXTENDED = "extended grid code"
STATION, INVERTER, UNCERTAINTY = "station", "inverter", "uncertainty"
REGISTER_MAP = "register map"


@dataclass(frozen=True)
class InputFile:
    """One file a run was started from.

    Attributes:
        role: what it is to the run: "grid code", "extended grid code", "overlay", …
        name: under which the copy is kept.
        sha256: of the bytes that were loaded.
    """

    role: str
    file: Path
    name: str
    sha256: str


def input_files(inputs: Inputs) -> Iterator[InputFile]:
    """Yield every file a run is started from."""
    codes = [layer for layer in inputs.grid_code.layers if layer.kind == GRID_CODE]
    yield from _grid_codes(codes)
    for layer in inputs.grid_code.layers:
        if layer.kind in (OVERLAY, DISTRIBUTOR):
            name = f"{layer.kind}/{layer.file.name}"
            yield InputFile(layer.kind, layer.file, name, layer.sha256)
        if layer.kind in (EXPORT_LIMITS, EXPORT_CASES):
            name = f"export_limits/{layer.file.name}"
            yield InputFile(layer.kind, layer.file, name, layer.sha256)
    yield from _uncertainties(inputs.station)
    yield from _register_map(inputs.inverter)
    for role, file in ((STATION, inputs.station), (INVERTER, inputs.inverter)):
        yield InputFile(role, file.file, f"{role}/{file.file.name}", file.sha256)


def _uncertainties(station: StationFile) -> Iterator[InputFile]:
    """Yield what states the uncertainty of the instruments, where the copy of the station file finds it."""
    stated = [entry.budgets for entry in station.entries.values() if entry.budgets]
    for file, sha256 in dict.fromkeys((budgets.file, budgets.sha256) for budgets in stated):
        beside = Path(os.path.relpath(file, station.file.parent))
        name = file.name if ".." in beside.parts else beside.as_posix()
        yield InputFile(f"{UNCERTAINTY} {name}", file, f"{STATION}/{name}", sha256)


def _register_map(inverter: InverterFile) -> Iterator[InputFile]:
    """Yield the register map an inverter file names, under the name by which it does."""
    modbus = read_toml(inverter.file).table("modbus")
    found = find_named_map(inverter.file, modbus)
    if found:
        stated = Path(modbus.require_text("map"))
        inside = not stated.is_absolute() and ".." not in stated.parts
        name = stated.as_posix() if inside else found.name
        yield InputFile(REGISTER_MAP, found, f"{INVERTER}/{name}", inverter.register_map_sha256)


def keep_inputs(inputs: Inputs, directory: RunDirectory, journal: Journal) -> None:
    """Copy every file into the run and put its hash on record.

    Raises:
        ConfigurationError: one of them was changed since it was loaded.
        EvidenceError: a copy cannot be written.
    """
    for item in input_files(inputs):
        data = item.file.read_bytes()
        if hashlib.sha256(data).hexdigest() != item.sha256:
            raise ConfigurationError(
                f"{item.file}: changed since it was loaded; expected SHA-256 {item.sha256}. "
                "Start the run again"
            )
        record = directory.store_input(item.name, data)
        journal.append("input_kept", role=item.role, **vars(record))


def _grid_codes(layers: list[Layer]) -> Iterator[InputFile]:
    """Yield a grid code and those below it; one that is extended by name is found beside the other."""
    *below, top = layers
    yield _grid_code(GRID_CODE, top, top.file.name)
    above = top
    for layer in reversed(below):
        extended_as = Path(read_toml(above.file).require("extends", str))
        by_name = extended_as.name == str(extended_as)
        yield _grid_code(EXTENDED, layer, f"{extended_as}.toml" if by_name else layer.file.name)
        above = layer


def _grid_code(role: str, layer: Layer, name: str) -> InputFile:
    return InputFile(role, layer.file, f"grid_code/{name}", layer.sha256)
