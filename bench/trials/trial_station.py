"""What a trial gets of a station: instruments whose every call is kept, or kept calls in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, cast

from bench.evidence.call_log import CallLog
from bench.evidence.calls import SLEEP
from bench.stations.station import Station
from bench.stations.station_file import InverterFile, StationFile
from instruments.clock import Clock
from instruments.errors import ConfigurationError
from instruments.interfaces import (
    AcSource,
    Contactor,
    DemandResponseEnabler,
    Inverter,
    PowerAnalyser,
)
from instruments.load_and_sun import IslandingLoad, PvSource
from instruments.site import MeterLine, SiteMeter
from instruments.utility import UtilityServer

ROLES = ("source", "analyser", "contactor", "inverter", "commands")
ENTRIES = {
    "enabler": "demand_response",
    "islanding_load": "islanding_load",
    "pv_source": "pv_source",
    "site_meter": "site_meter",
    "check_meter": "check_meter",
    "meter_line": "meter_line",
    "utility_server": "utility_server",
}
"""Roles that not every station has, and their tables in the station file."""


class Commands(Protocol):
    """What the bench has written to the inverter."""

    def require_unchanged(self) -> None:
        """Raise InstrumentError when somebody else has changed it."""
        ...


@dataclass(frozen=True)
class TrialStation:
    """The instruments of one trial, and what their files say.

    Attributes:
        day: UTC, on which the trial began; calibrations must be in force on it.
        commands: whether the inverter still holds what the bench wrote to it.
        enabler, islanding_load, pv_source, site_meter, check_meter, meter_line, utility_server: None when
            the station has none.
    """

    file: StationFile
    inverter_file: InverterFile
    day: date
    clock: Clock
    source: AcSource
    analyser: PowerAnalyser
    contactor: Contactor
    inverter: Inverter
    commands: Commands
    enabler: DemandResponseEnabler | None
    islanding_load: IslandingLoad | None
    pv_source: PvSource | None
    site_meter: SiteMeter | None
    check_meter: SiteMeter | None
    meter_line: MeterLine | None
    utility_server: UtilityServer | None

    @property
    def demand_response(self) -> DemandResponseEnabler:
        """The demand response enabling device.

        Raises:
            ConfigurationError: the station has none.
        """
        if self.enabler is None:
            raise ConfigurationError(f"{self.file.file}: there is no table [demand_response]")
        return self.enabler


def logged(station: Station, log: CallLog, day: date) -> TrialStation:
    """Return a station whose calls are noted in a log."""
    clock = station.clock

    def instrument(role: str) -> Any:
        found = getattr(station, role)
        return None if found is None else _Logged(role, found, clock, log)

    return TrialStation(
        station.file,
        station.inverter_file,
        day,
        _LoggedClock(clock, log),
        **{role: instrument(role) for role in (*ROLES, *ENTRIES)},
    )


class _LoggedClock:
    """The clock of the bench, each look at it noted."""

    def __init__(self, clock: Clock, log: CallLog) -> None:
        self.name = clock.name
        self.prompt = clock.prompt
        self._clock = clock
        self._log = log

    def now_s(self) -> float:
        time_s = self._clock.now_s()
        self._log.looked(time_s)
        return time_s

    def sleep(self, duration_s: float) -> None:
        self._log.made(SLEEP, self._clock, self._clock.sleep, duration_s)


class _Logged:
    """Lends the methods of an instrument, each call noted; `controls` of an inverter likewise."""

    def __init__(self, role: str, instrument: object, clock: Clock, log: CallLog) -> None:
        self._role = role
        self._instrument = instrument
        self._clock = clock
        self._log = log

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._instrument, name)
        full_name = f"{self._role}.{name}"
        lent = (
            self._lent(full_name, cast(Callable[..., Any], found))
            if callable(found)
            else _Logged(full_name, found, self._clock, self._log)
        )
        setattr(self, name, lent)
        return lent

    def _lent(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments: self._log.made(name, self._clock, method, *arguments)
