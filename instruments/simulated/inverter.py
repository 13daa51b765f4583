"""The inverter of the simulated world: observe, connect, ramp, generate, trip."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from instruments.simulated.parameters import InverterParameters
from instruments.simulated.relays import GridMonitor
from instruments.simulated.segments import SegmentLog
from instruments.simulated.settings import GridSettings

ALARM_OF_TRIP = {"UV2": "UV", "UV1": "UV", "OV1": "OV", "OV2": "OV", "UF1": "UF", "OF1": "OF"}


class SimulatedInverter:
    """A state machine that acts at exact instants.

    States: "stopped" (not permitted to connect), "waiting" (observing the grid), "running".
    `changed` is called whenever current or relay change.
    """

    def __init__(
        self,
        parameters: InverterParameters,
        log: SegmentLog,
        now: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self.parameters = parameters
        self.settings = parameters.settings
        self.monitor = GridMonitor(parameters, parameters.settings, log)
        self.alarms: set[str] = set()
        self.state = "waiting"
        self.connected = False
        self.permitted = True
        self._log = log
        self._now = now
        self._changed = changed
        self._waiting_since_s = 0.0
        self._ramp_start_s = 0.0
        self._ramp_from_w = 0.0
        self._ramp_end_s = inf
        self._relay_opens_s = inf

    @property
    def target_power_w(self) -> float:
        """Active power the inverter ramps to."""
        rated_w = self.parameters.rated_apparent_power_va
        return min(self.parameters.pv_power_w, self.settings.power_limit_pu * rated_w)

    def change_settings(self, settings: GridSettings) -> None:
        """Put other settings in force; a changed protection or window starts its timers anew."""
        present_w = self.demanded_power_w()
        before, self.settings = self.settings, settings
        if _watched(before) != _watched(settings):
            self.monitor = GridMonitor(self.parameters, settings, self._log)
            self._waiting_since_s = self._now()
        if self.state == "running":
            self._start_ramp(present_w)
        self._changed()

    @property
    def observation_remaining_s(self) -> float:
        """Time left before the inverter may connect; the full time while the grid is outside."""
        connect_s = self._connect_s()
        if connect_s == inf:
            return 0.0 if self.state == "running" else self.settings.observation_s
        return max(0.0, connect_s - self._now())

    def demanded_power_w(self) -> float:
        """Return the active power the inverter wants to deliver now, before the current limit."""
        if self.state != "running":
            return 0.0
        risen_w = self._ramp_rate_w_per_s() * (self._now() - self._ramp_start_s)
        return min(self.target_power_w, self._ramp_from_w + risen_w)

    def power_slope_w_per_s(self) -> float:
        """Return the slope of the demanded power."""
        return self._ramp_rate_w_per_s() if self._ramp_end_s < inf else 0.0

    def permit(self, permitted: bool) -> None:
        """Allow the inverter to connect, or make it disconnect."""
        if permitted == self.permitted:
            return
        self.permitted = permitted
        if not permitted:
            self._cease("stopped")
        else:
            self._wait()

    def next_event_s(self) -> float:
        """Return the next instant at which the inverter acts by itself."""
        trip_s = self.monitor.next_trip_s() if self.state == "running" else inf
        return min(trip_s, self._ramp_end_s, self._connect_s(), self._relay_opens_s)

    def act(self) -> None:
        """Do what is due now."""
        now_s = self._now()
        if self._relay_opens_s <= now_s:
            self._relay_opens_s, self.connected = inf, False
        if self._ramp_end_s <= now_s:
            self._ramp_end_s = inf
        if self.state == "running":
            self._trip_if_due()
        if self._connect_s() <= now_s:
            self._connect()
        self._changed()

    def _trip_if_due(self) -> None:
        expired = self.monitor.expired(self._now())
        if expired:
            self.alarms = {ALARM_OF_TRIP[name] for name in expired}
            self._cease("waiting")

    def _cease(self, state: str) -> None:
        if self.connected and self._relay_opens_s == inf:
            self._relay_opens_s = self._now() + self.parameters.relay_open_s
        self._ramp_end_s = inf
        self.state, self._waiting_since_s = state, self._now()
        self._changed()

    def _wait(self) -> None:
        self.state, self._waiting_since_s = "waiting", self._now()
        self._changed()

    def _connect(self) -> None:
        self.state, self.connected, self.alarms = "running", True, set()
        self._relay_opens_s = inf
        self._start_ramp(0.0)

    def _connect_s(self) -> float:
        if self.state != "waiting" or not self.permitted:
            return inf
        inside_s = self.monitor.inside_window_since_s()
        if inside_s is None:
            return inf
        return max(inside_s, self._waiting_since_s) + self.settings.observation_s

    def _ramp_rate_w_per_s(self) -> float:
        return self.settings.ramp_pu_per_s * self.parameters.rated_apparent_power_va

    def _start_ramp(self, from_w: float) -> None:
        self._ramp_start_s, self._ramp_from_w = self._now(), from_w
        rise_s = (self.target_power_w - from_w) / self._ramp_rate_w_per_s()
        self._ramp_end_s = self._now() + rise_s if rise_s > 0 else inf


def _watched(settings: GridSettings) -> tuple[object, ...]:
    """Return the settings that the protection and the connection window follow."""
    return settings.trips, settings.connect_voltage_v, settings.connect_frequency_hz
