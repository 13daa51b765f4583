"""What the world and an inverter know of each other."""

from __future__ import annotations

from typing import Protocol

from instruments.interfaces import PhaseValues
from instruments.simulated.inverter.control import Plan
from instruments.simulated.inverter.limits import SiteMeter
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import GridSettings
from instruments.simulated.physics.energy import PvArray
from instruments.simulated.physics.segment_log import SegmentLog
from instruments.simulated.physics.segments import Spectrum


class Site(Protocol):
    """What an inverter is connected to. All times are the world's."""

    log: SegmentLog
    array: PvArray
    meter: SiteMeter
    now_s: float

    def changed(self) -> None:
        """Take note that current or relay have changed at this instant."""


class GridInverter(Protocol):
    """An inverter as the world and its communication board see it.

    Attributes:
        settings: in force now.
        state: "stopped" (not permitted to connect), "waiting" (observing the grid) or "running".
        connected: whether the relay is closed.
        alarms: why it disconnected last: OV, UV, OF, UF, ISLAND.
        observation_remaining_s: time left before it may connect.
    """

    parameters: InverterParameters
    settings: GridSettings
    connected: bool
    permitted: bool
    alarms: set[str]

    @property
    def state(self) -> str: ...

    @property
    def observation_remaining_s(self) -> float: ...

    @property
    def spectrum(self) -> Spectrum: ...

    def change_settings(self, settings: GridSettings) -> None:
        """Put other settings in force."""

    def permit(self, permitted: bool) -> None:
        """Allow the inverter to connect, or make it disconnect."""

    def respond_to_demand(self, mode: int | None) -> None:
        """Follow a demand response mode (DRM 0 to 8), None for none."""

    def command_storage(self, power_w: float) -> None:
        """Ask the store for power, positive discharges."""

    def turned(self, jump_rad: float) -> None:
        """Take note of a jump of the voltage's angle in any phase."""

    def scan(self, from_s: float, to_s: float) -> None:
        """Follow the grid over a short step in which it is monotonic."""

    def next_event_s(self) -> float:
        """Return the next instant at which the inverter acts by itself."""

    def act(self) -> None:
        """Do what is due now."""

    def replan(self, voltages_v: PhaseValues, frequency_hz: float) -> Plan:
        """Return how power goes on from now at these terminal voltages."""

    def powers_at(self, time_s: float) -> tuple[float, float]:
        """Return active and reactive power of the present plan."""

    def currents(
        self, powers: tuple[float, float], voltages_v: PhaseValues
    ) -> tuple[PhaseValues, PhaseValues]:
        """Return active and reactive current of each phase."""
