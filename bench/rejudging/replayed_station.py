"""A station of kept calls: the same roles, and no instrument behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from bench.evidence.calls import NOW, SLEEP
from bench.rejudging.player import Player
from bench.stations.station_file import InverterFile, StationFile
from bench.trials.trial_station import ENTRIES, ROLES, TrialStation


def replayed(
    station: StationFile, inverter: InverterFile, day: date, clock_name: str, player: Player
) -> TrialStation:
    """Return what a trial gets of a station, answered by a player."""
    optional = {
        role: _Replayed(role, player) if entry in station.entries else None
        for role, entry in ENTRIES.items()
    }
    always = {role: _Replayed(role, player) for role in ROLES}
    instruments: dict[str, Any] = {**always, **optional}
    return TrialStation(station, inverter, day, ReplayedClock(clock_name, player), **instruments)


class ReplayedClock:
    """The bench's clock as the procedure saw it."""

    def __init__(self, name: str, player: Player) -> None:
        self.name = name
        self._player = player

    def now_s(self) -> float:
        """Return what the clock showed at this point of the run."""
        time_s: float = self._player.call(NOW)
        return time_s

    def sleep(self, duration_s: float) -> None:
        """Let no time pass."""
        self._player.call(SLEEP, duration_s)

    def prompt(self) -> None:
        """Nobody is there to be prompted."""


class _Replayed:
    """Has every method an instrument has, and `controls` of an inverter."""

    def __init__(self, role: str, player: Player) -> None:
        self._role = role
        self._player = player

    def __getattr__(self, name: str) -> Any:
        full_name = f"{self._role}.{name}"
        if name == "controls":
            return _Replayed(full_name, self._player)
        call: Callable[..., Any] = partial(self._player.call, full_name)
        return call
