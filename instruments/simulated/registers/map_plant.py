"""The simulated inverter as a register map sees it: a value for each meaning, and what a written one does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from instruments.interfaces import ControlMode
from instruments.register_maps.model import Point
from instruments.register_maps.vocabulary import NOMINAL_SHARE
from instruments.simulated.inverter.settings import REGIONS, GridSettings, PowerLimit
from instruments.simulated.physics.world import World
from instruments.simulated.registers.map_settings import changed, settings_by_name
from instruments.simulated.registers.sunspec_snapshots import Snapshots

STATES = {
    "running": ("running", "throttled"),
    "waiting": ("waiting", "standby", "starting", "sleeping", "off"),
    "stopped": ("off", "standby", "waiting", "sleeping"),
    "fault": ("fault",),
}
"""State of the plant → names a map may have for it, the closest first."""
ALARMS = {
    "OV": "overvoltage",
    "UV": "undervoltage",
    "OF": "overfrequency",
    "UF": "underfrequency",
    "ISLAND": "islanding",
}
"""Alarm of the plant → what a map says tripped."""
FIELDS = {
    ControlMode.POWER_LIMIT: "power_limit_pu",
    ControlMode.POWER_FACTOR: "power_factor",
    ControlMode.REACTIVE_POWER: "reactive_power_pu",
}
CEILINGS = {
    ControlMode.EXPORT_LIMIT: ("export_limit", False),
    ControlMode.HARD_EXPORT_LIMIT: ("export_limit", True),
    ControlMode.HARD_GENERATION_LIMIT: ("generation_limit", True),
}
"""Mode → field of the settings, and whether the limit is hard."""


class MapPlant:
    """Values of the simulated inverter in the units of a register map.

    Args:
        snapshots: what the communication board took last.
    """

    def __init__(self, world: World, snapshots: Snapshots) -> None:
        self._world = world
        self._snapshots = snapshots
        self._readers: Mapping[str, Callable[[Point], float | None]] = {
            "region": self._region,
            "operating state": self._state,
            "connection state": self._connection,
            "fault code": self._fault,
            "alarms": self._alarms,
            "permit service": self._permission,
        }

    @property
    def settings(self) -> GridSettings:
        """The settings in force."""
        return self._world.inverter.settings

    def value(self, point: Point) -> float | None:
        """Return what a point shows, in its unit; None when the plant has no such quantity."""
        if point.means in self._readers:
            return self._readers[point.means](point)
        value = self._named().get(point.means)
        if value is not None and not isfinite(value):
            return None
        if value is not None and point.unit == NOMINAL_SHARE:
            return 100 * value / self._world.inverter.parameters.nominal_voltage_v
        if point.unit == "on" and point.codes and value is not None:
            return float(point.codes["on" if value else "off"])
        return value

    def has(self, point: Point) -> bool:
        """Return whether the plant has the quantity a point means."""
        return point.means in self._readers or point.means in self._named()

    def takes(self, point: Point, value: float | str | None) -> bool:
        """Return whether a code is one the plant knows: of regions there are four."""
        return point.means != "region" or any(point.codes.get(name) == value for name in REGIONS)

    def write(self, point: Point, value: float) -> None:
        """Put a written value in force."""
        if point.means == "permit service":
            self._world.inverter.permit(value == point.codes["on"])
        elif point.means == "region":
            names = {code: name for name, code in point.codes.items()}
            self._world.inverter.change_settings(REGIONS[names[int(value)]])
        elif point.means in settings_by_name(self.settings, self._nominal_hz()):
            settings = changed(
                self.settings, point.means, self._based(point, value), self._nominal_hz()
            )
            self._world.inverter.change_settings(settings)

    def command(self, mode: ControlMode, point: Point, value: float | None) -> None:
        """Command a mode with the value of its set-point; None switches it off."""
        if mode is ControlMode.ACTIVE_POWER:
            self._world.inverter.command_storage(value or 0.0)
            return
        if mode in CEILINGS:
            self._put_ceiling(mode, point, value)
            return
        if value is not None and mode is not ControlMode.POWER_FACTOR:
            rated_va = self._world.inverter.parameters.rated_apparent_power_va
            value = value / 100 if point.unit == "%" else value / rated_va
        if value is None and mode is ControlMode.POWER_LIMIT:
            value = 1.0
        fields: Mapping[str, Any] = {FIELDS[mode]: value}
        self._world.inverter.change_settings(replace(self.settings, **fields))

    def _put_ceiling(self, mode: ControlMode, point: Point, value: float | None) -> None:
        """Put a limit in watts in force; None lifts it."""
        field, hard = CEILINGS[mode]
        rated_va = self._world.inverter.parameters.rated_apparent_power_va
        limit_w = value * rated_va / 100 if value is not None and point.unit == "%" else value
        items: Mapping[str, Any] = {field: PowerLimit(limit_w, hard=hard)}
        self._world.inverter.change_settings(replace(self.settings, **items))

    def _based(self, point: Point, value: float) -> float:
        """Return a value in V, Hz, s, % or as a switch."""
        if point.unit == NOMINAL_SHARE:
            return value * self._world.inverter.parameters.nominal_voltage_v / 100
        return float(value == point.codes["on"]) if point.unit == "on" and point.codes else value

    def _nominal_hz(self) -> float:
        return self._world.inverter.parameters.nominal_frequency_hz

    def _named(self) -> dict[str, float]:
        parameters = self._world.inverter.parameters
        named = settings_by_name(self.settings, self._nominal_hz())
        named["rated power"] = parameters.rated_apparent_power_va
        named["reconnect delay remaining"] = self._snapshots.latest.reconnect_remaining_s
        return named | self._measured()

    def _measured(self) -> dict[str, float]:
        """Return measured values; nothing has been measured before the first moment has passed."""
        means = self._snapshots.means()
        if means is None:
            names = ("active power", "reactive power", "frequency", "voltage 1", "current 1")
            return dict.fromkeys(names, 0.0)
        measured = {
            "active power": sum(means.active_powers_w),
            "reactive power": sum(means.reactive_powers_var),
            "frequency": means.frequency_hz,
        }
        for phase in range(self._world.inverter.parameters.phases):
            measured[f"voltage {phase + 1}"] = means.voltages_v[phase]
            measured[f"current {phase + 1}"] = means.currents_a[phase]
        return measured

    def _region(self, point: Point) -> float | None:
        return point.codes.get(self.settings.region)

    def _state(self, point: Point) -> float | None:
        names = STATES[self._snapshots.latest.state]
        return next((float(point.codes[name]) for name in names if name in point.codes), None)

    def _connection(self, point: Point) -> float | None:
        return point.codes.get("connected" if self._snapshots.latest.connected else "disconnected")

    def _permission(self, point: Point) -> float | None:
        return point.codes.get("on" if self._world.inverter.permitted else "off")

    def _fault(self, point: Point) -> float:
        names = self._tripped(point)
        return float(point.codes[names[0]]) if names else 0.0

    def _alarms(self, point: Point) -> float:
        return float(sum(1 << point.flags[name] for name in self._tripped(point)))

    def _tripped(self, point: Point) -> list[str]:
        """Return the names of a fault point for what tripped the plant."""
        kinds = {ALARMS[name] for name in self._snapshots.latest.alarms if name in ALARMS}
        return [name for name, causes in point.trips.items() if kinds & set(causes)]
