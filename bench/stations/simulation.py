"""What station and inverter file say of the simulation, and what options and a grid code change of it. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.grid_code.profile import GridCode, Requirement
from bench.stations.station_file import InverterFile, StationFile
from instruments.errors import ConfigurationError

SETTINGS = {
    "SV1": "settings.sustained_voltage_v",
    "VW1": "settings.volt_watt.curve",
    "VW2": "settings.volt_watt_charging.curve",
    "VV1": "settings.volt_var.curve",
}
"""Requirement whose set-points a distributor may choose → where the simulated inverter keeps them."""


LOCKED: Mapping[str, Any] = {"communication.access.unlock_code": 4777}
"""An installer leaves the settings locked."""

WIDE_FREQUENCY: Mapping[str, Any] = {
    "island.shift_limit": 0.6,
    "island.shift_offset": 0.08,
    "island.shift_gain_per_hz": 0.1,
}
REGION_CHANGES = {"C": WIDE_FREQUENCY, "NZ": WIDE_FREQUENCY}
"""What the simulated inverter needs beside its settings.

Where frequency may go to 55 Hz, its frequency response lowers the power of an island before it trips; the
voltage sags, volt-var supplies reactive power, and that pulls the frequency back as far as the reference's
shift of the current can push it. Where it may stay at 45 Hz for longer than an island may last, the method has
to push upwards whatever the load: its offset outweighs an inductor that takes 10 % less.
"""


STORAGE_CHANGES: Mapping[str, Mapping[str, Any]] = {"NZ": {"settings.trips.UF1.delay_s": 1.2}}
"""What it needs with storage.

Its frequency response then ends generation before the frequency can trip above; the frequency of the sagging
island falls, F< ends it, and the delay of F< is part of the run-on time.
"""


def with_seed(station: StationFile, seed: int | None) -> StationFile:
    """Return a station whose simulated laboratory has another seed; None keeps its own.

    Raises:
        ConfigurationError: the station is not simulated.
    """
    if seed is None:
        return station
    if station.simulation is None:
        raise ConfigurationError(f"--seed {seed}: {station.file} is not simulated")
    return replace(station, simulation=replace(station.simulation, seed=seed))


def with_simulated(inverter: InverterFile, changes: Sequence[str]) -> InverterFile:
    """Return an inverter whose simulation is changed further.

    Args:
        changes: as `path=value` with a TOML value, such as `settings.trips.OV1.delay_s=1.9`.

    Raises:
        ConfigurationError: one of them is not of this form.
    """
    parsed = dict(map(_change, changes))
    return replace(inverter, simulated_changes={**inverter.simulated_changes, **parsed})


def _change(text: str) -> tuple[str, Any]:
    path, equals, value = text.partition("=")
    if not equals or not path:
        raise ConfigurationError(f"--change {text!r}: expected path=value")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"--change {text!r}: {value!r} is no TOML value: {error}"
        ) from error
    return path.strip(), parsed


def set_up_for(inverter: InverterFile, grid_code: GridCode) -> InverterFile:
    """Return an inverter whose simulation is set as an installer would set it for a grid code.

    Region first, then the set-points of a distributor's profile; what the inverter's file says wins.
    """
    code = grid_code.region_code
    region = {"settings.region": code, **LOCKED, **REGION_CHANGES.get(code, {})} if code else {}
    if inverter.storage_power_w:
        region |= STORAGE_CHANGES.get(code, {})
    chosen = _distributor_settings(grid_code)
    own = parameter_paths(inverter.simulated_changes)
    return replace(inverter, simulated_changes={**region, **chosen, **own})


def _distributor_settings(grid_code: GridCode) -> dict[str, Any]:
    chosen = {
        change.requirement for layer in grid_code.layers if layer.study for change in layer.changes
    }
    rows = [row for row in grid_code.requirements if row.id in chosen]
    return {SETTINGS[row.id]: _setting(row) for row in rows}


def _setting(row: Requirement) -> Any:
    if "limit" in row:
        return row.number("limit")
    volts, shares = row.quantity("voltages").values, row.quantity("powers").values
    return [[float(volt), float(share) / 100] for volt, share in zip(volts, shares, strict=True)]


def parameter_paths(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return dotted paths and values of nested tables."""
    return dict(_paths(table, prefix))


def _paths(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _paths(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
