"""The files a run is started from, loaded and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.distributor import find_distributor, with_distributor
from bench.overlay import with_overlay
from bench.profile import GridCode, find_grid_code, load_grid_code
from bench.simulation import parameter_paths, set_up_for, with_seed, with_simulated
from bench.station_file import InverterFile, StationFile, load_inverter, load_station
from instruments.errors import ConfigurationError
from instruments.simulated.faults import inverter_with_faults


@dataclass(frozen=True)
class Inputs:
    """Everything a run is started from, loaded and checked; nothing is energised yet."""

    grid_code: GridCode
    station: StationFile
    inverter: InverterFile
    faults: tuple[str, ...]

    @classmethod
    def load(
        cls,
        grid_code: str,
        station: Path,
        inverter: Path,
        faults: Sequence[str],
        overlay: Path | None = None,
        distributor: str | None = None,
        seed: int | None = None,
        changes: Sequence[str] = (),
    ) -> Inputs:
        """Load all files.

        Args:
            seed: of the simulated laboratory, in place of the station file's.
            changes: of the simulated inverter, as `path=value` with a TOML value.

        Raises:
            ConfigurationError: names what is wrong.
        """
        code = load_layers(grid_code, overlay, distributor)
        under_test = with_simulated(load_inverter(inverter), changes)
        _check_simulated_changes(under_test)
        bench = with_seed(load_station(station), seed)
        if changes and bench.simulation is None:
            raise ConfigurationError(f"--change {changes[0]}: {station} is not simulated")
        loaded = cls(code, bench, set_up_for(under_test, code), tuple(faults))
        inverter_with_faults(loaded.faults, loaded.inverter.simulated_changes)
        return loaded


def load_layers(grid_code: str, overlay: Path | None, distributor: str | None) -> GridCode:
    """Load a grid code, then what a laboratory confirms, then what a distributor chooses.

    In this order, so that a distributor's set-points are checked against confirmed ranges.
    """
    code = load_grid_code(find_grid_code(grid_code))
    if overlay:
        code = with_overlay(code, overlay)
    return with_distributor(code, find_distributor(distributor)) if distributor else code


def _check_simulated_changes(inverter: InverterFile) -> None:
    try:
        inverter_with_faults((), parameter_paths(inverter.simulated_changes))
    except ConfigurationError as error:
        raise ConfigurationError(f"{inverter.file}: table [simulated]: {error}") from error
