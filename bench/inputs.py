"""The files a run is started from, loaded and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.export_limits.regime import with_regime
from bench.grid_code.distributor import find_distributor, with_distributor
from bench.grid_code.overlay import with_overlay
from bench.grid_code.profile import GridCode, find_grid_code, load_grid_code
from bench.stations.simulation import parameter_paths, set_up_for, with_seed, with_simulated
from bench.stations.station_file import InverterFile, StationFile, load_inverter, load_station
from bench.stations.troubles import parse_trouble
from bench.verdicts.decision_rule import decision_rule
from bench.verdicts.foresight import Foresight, foresee
from instruments.clock import utc_now
from instruments.errors import ConfigurationError
from instruments.simulated.faults import inverter_with_faults

if TYPE_CHECKING:
    from instruments.simulated.transport.link_faults import Trouble


@dataclass(frozen=True)
class Inputs:
    """Everything a run is started from, loaded and checked; nothing is energised yet."""

    grid_code: GridCode
    station: StationFile
    inverter: InverterFile
    faults: tuple[str, ...]
    troubles: tuple[str, ...] = ()

    @classmethod
    def load(
        cls,
        grid_code: str,
        station: Path,
        inverter: Path,
        faults: Sequence[str],
        overlay: Path | None = None,
        distributor: str | None = None,
        rule: str | None = None,
        seed: int | None = None,
        changes: Sequence[str] = (),
        troubles: Sequence[str] = (),
        export_limits: str | None = None,
    ) -> Inputs:
        """Load all files.

        Args:
            rule: decision rule agreed for this run, in the place of the grid code's.
            seed: of the simulated laboratory, in place of the station file's.
            changes: of the simulated inverter, as `path=value` with a TOML value.
            troubles: of the simulated laboratory (see `bench.troubles`).
            export_limits: regime in place of the one the grid code names; "none" for none.
            troubles: of the simulated laboratory (see `bench.stations.troubles`).

        Raises:
            ConfigurationError: names what is wrong.
        """
        code = load_layers(grid_code, overlay, distributor, export_limits)
        if rule is not None:
            code = replace(code, rule=decision_rule(rule))
        under_test = with_simulated(load_inverter(inverter), changes)
        _check_simulated_changes(under_test)
        bench = with_seed(load_station(station), seed)
        _check_simulated(bench, change=changes, trouble=troubles)
        under_test = set_up_for(under_test, code)
        loaded = cls(code, bench, under_test, tuple(faults), tuple(troubles))
        inverter_with_faults(loaded.faults, loaded.inverter.simulated_changes)
        loaded.parsed_troubles()
        return loaded

    def parsed_troubles(self) -> list[Trouble]:
        """Return what is to go wrong on links and with instruments. Raises ConfigurationError."""
        return [parse_trouble(text) for text in self.troubles]

    def foresee(self, planned: Mapping[str, int]) -> Foresight:
        """Return what the station will be able to judge of the requirements with planned trials."""
        rows = [row for row in self.grid_code.requirements if planned.get(row.id, 0)]
        return foresee(rows, self.grid_code, self.station, self.inverter, utc_now().date())


def load_layers(
    grid_code: str,
    overlay: Path | None,
    distributor: str | None,
    export_limits: str | None = None,
) -> GridCode:
    """Load a grid code, then what a laboratory confirms, then what a distributor chooses, then a regime.

    In this order, so that a distributor's set-points are checked against confirmed ranges. Without a regime the
    one is taken that the grid code names.
    """
    code = load_grid_code(find_grid_code(grid_code))
    if overlay:
        code = with_overlay(code, overlay)
    if distributor:
        code = with_distributor(code, find_distributor(distributor))
    return with_regime(code, export_limits or code.export_limits)


def _check_simulated(station: StationFile, **options: Sequence[str]) -> None:
    """Refuse options that only a simulated station knows what to do with."""
    for name, values in options.items():
        if values and station.simulation is None:
            raise ConfigurationError(f"--{name} {values[0]}: {station.file} is not simulated")


def _check_simulated_changes(inverter: InverterFile) -> None:
    try:
        inverter_with_faults((), parameter_paths(inverter.simulated_changes))
    except ConfigurationError as error:
        raise ConfigurationError(f"{inverter.file}: table [simulated]: {error}") from error
