"""The inverter of the simulated world: observe, connect, ramp, generate, ride through, trip."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from instruments.interfaces import PhaseValues
from instruments.simulated.inverter.control import NOTHING, Plan, PowerControl, Surroundings
from instruments.simulated.inverter.limits import DEMAND_RESPONSE, DemandResponse, LimitKeeper
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.power_stage import balanced_currents, current_spectrum
from instruments.simulated.inverter.relays import GridMonitor
from instruments.simulated.inverter.settings import GridSettings, PowerLimit
from instruments.simulated.inverter.site import Site
from instruments.simulated.inverter.sustained import SustainedVoltage
from instruments.simulated.physics.segments import Spectrum

ALARM_OF_TRIP = {
    "UV2": "UV",
    "UV1": "UV",
    "OV1": "OV",
    "OV2": "OV",
    "UF1": "UF",
    "OF1": "OF",
    "sustained": "OV",
    "phase jump": "ISLAND",
    "rate of change": "ISLAND",
    "grid signal": "ISLAND",
    "pauses": "UV",
    "second stage": "OF",
}
PAUSES_COUNT_S = 60.0
CHATTER_S = 0.1


class SimulatedInverter:
    """A state machine that acts at exact instants.

    States: "stopped" (not permitted to connect), "waiting" (observing the grid), "running".

    Attributes:
        connected: whether the relay is closed.
        storage_command_w: what the store is asked for, positive discharges.
    """

    def __init__(self, parameters: InverterParameters, site: Site) -> None:
        self.parameters = parameters
        self.settings = parameters.settings
        self.alarms: set[str] = set()
        self.state = "waiting"
        self.connected = False
        self.permitted = True
        self.storage_command_w = 0.0
        self.demand_response: DemandResponse = DEMAND_RESPONSE[None]
        self._demanded: int | None = None
        self._demand_due_s = inf
        self._site = site
        self._control = PowerControl(parameters, self.settings)
        self._waiting_since_s = 0.0
        self._relay_opens_s = self._relay_closes_s = inf
        self._paused = False
        self._pauses_s: list[float] = []
        self._spectrum = current_spectrum(parameters)
        self._watch(self.settings)
        self._limits = LimitKeeper(parameters, self.settings, site.meter)

    @property
    def observation_remaining_s(self) -> float:
        """Time left before the inverter may connect; the full time while the grid is outside."""
        connect_s = self._connect_s()
        if connect_s == inf:
            return 0.0 if self.state == "running" else self.settings.observation_s
        return max(0.0, connect_s - self._site.now_s)

    @property
    def spectrum(self) -> Spectrum:
        """Harmonics and DC of the inverter's current."""
        return self._spectrum

    def change_settings(self, settings: GridSettings) -> None:
        """Put other settings in force; a changed protection or window starts its timers anew."""
        before, self.settings = self.settings, settings
        if _watched(before) != _watched(settings):
            self._watch(settings)
            self._waiting_since_s = self._site.now_s
        self._control.use(settings)
        self._limits = LimitKeeper(self.parameters, settings, self._site.meter)
        self._site.changed()

    def permit(self, permitted: bool) -> None:
        """Allow the inverter to connect, or make it disconnect."""
        if permitted == self.permitted:
            return
        self.permitted = permitted
        disconnects = self.demand_response.disconnects
        self._enter("waiting" if permitted and not disconnects else "stopped")

    def respond_to_demand(self, mode: int | None) -> None:
        """Follow a demand response mode (DRM 0 to 8), None for none."""
        self._demanded = mode
        self._demand_due_s = self._site.now_s + self.parameters.demand.delay_s
        self._site.changed()

    def _follow_demand(self) -> None:
        """Put the mode in force that was asked for."""
        self._demand_due_s = inf
        wanted = DEMAND_RESPONSE[self._demanded]
        own, mode = self.parameters.demand, f"DRM{self._demanded}"
        before, self.demand_response = (
            self.demand_response,
            replace(
                wanted,
                ceiling_pu=own.ceilings_pu.get(mode, wanted.ceiling_pu),
                charging_pu=own.charging_pu.get(mode, wanted.charging_pu),
            ),
        )
        if self.permitted and before.disconnects != self.demand_response.disconnects:
            self._enter("stopped" if self.demand_response.disconnects else "waiting")

    def command_storage(self, power_w: float) -> None:
        """Ask the store for power, positive discharges."""
        largest_w = self.parameters.storage_power_w
        self.storage_command_w = max(-largest_w, min(largest_w, power_w))
        self._site.changed()

    def turned(self, jump_rad: float) -> None:
        """Take note of a jump of the voltage's angle in any phase."""
        limit_rad = self.parameters.ride_through.phase_jump_trip_rad
        if self.state == "running" and limit_rad is not None and jump_rad > limit_rad:
            self._trip(["phase jump"])

    def scan(self, from_s: float, to_s: float) -> None:
        """Follow the grid over a short step in which it is monotonic."""
        self.monitor.scan(from_s, to_s)

    def next_event_s(self) -> float:
        """Return the next instant at which the inverter acts by itself."""
        if self.state != "running":
            relay_s = min(self._relay_opens_s, self._relay_closes_s)
            return min(self._connect_s(), relay_s, self._demand_due_s)
        return min(
            self._demand_due_s,
            self.monitor.next_trip_s,
            self._pause_changes_s(),
            self._sustained.next_look_s,
            self._sustained.trip_s,
            self._limits.next_look_s,
            self._limits.disconnect_s,
            self._control.plan.end_s,
            self._control.droop.release_s,
        )

    def act(self) -> None:
        """Do what is due now."""
        now_s = self._site.now_s
        if self._relay_opens_s <= now_s:
            self._relay_opens_s, self.connected = inf, False
        if self._relay_closes_s <= now_s:
            self._relay_closes_s, self.connected = inf, True
            self._relay_opens_s = now_s + CHATTER_S
        if self._demand_due_s <= now_s:
            self._follow_demand()
        if self.state == "running":
            self._act_running(now_s)
        elif self._connect_s() <= now_s:
            self._connect()
        self._site.changed()

    def replan(self, voltages_v: PhaseValues, frequency_hz: float) -> Plan:
        """Return how power goes on from now at these terminal voltages."""
        if self.state != "running":
            return NOTHING
        now_s = self._site.now_s
        self._sustained.see(now_s, max(voltages_v))
        plan = self._control.replan(now_s, self._surroundings(voltages_v, frequency_hz))
        if self._paused:
            return replace(plan, active_w=(0.0, 0.0), reactive_var=(0.0, 0.0))
        return plan

    def powers_at(self, time_s: float) -> tuple[float, float]:
        """Return active and reactive power of the present plan."""
        if self.state != "running" or self._paused:
            return 0.0, 0.0
        return self._control.plan.at(time_s)

    def currents(
        self, powers: tuple[float, float], voltages_v: PhaseValues
    ) -> tuple[PhaseValues, PhaseValues]:
        """Return active and reactive current of each phase."""
        return balanced_currents(self.parameters, powers, voltages_v, connected=self.connected)

    def _surroundings(self, voltages_v: PhaseValues, frequency_hz: float) -> Surroundings:
        parameters, array, demand = self.parameters, self._site.array, self.demand_response
        gain = parameters.sensing.voltage_gain
        rated_va = parameters.rated_apparent_power_va
        storage_w = self._storage_w(array.available_w)
        unbound_w = 0.0 if parameters.export.bounds_discharge else max(0.0, storage_w)
        return Surroundings(
            voltages_v=tuple(gain * voltage_v for voltage_v in voltages_v[: parameters.phases]),
            frequency_hz=frequency_hz + parameters.sensing.frequency_offset_hz,
            available_w=array.available_w,
            available_slope_w_per_s=array.slope_w_per_s,
            storage_w=storage_w,
            ceiling_w=min(self._limits.ceiling_w + unbound_w, demand.ceiling_pu * rated_va),
            floor_w=-demand.charging_pu * parameters.storage_power_w,
            reactive_pu=demand.reactive_pu,
        )

    def _storage_w(self, available_w: float) -> float:
        """Return what the store is asked for: a command, or what the sun lacks of a set-point."""
        set_point_pu, parameters = self.settings.set_point_pu, self.parameters
        if set_point_pu is None:
            return self.storage_command_w
        lacking_w = set_point_pu * parameters.rated_apparent_power_va - available_w
        return max(0.0, min(parameters.storage_power_w, lacking_w))

    def _watch(self, settings: GridSettings) -> None:
        parameters, log = self.parameters, self._site.log
        self.monitor = GridMonitor(parameters, settings, log)
        self._sustained = SustainedVoltage(
            parameters.sensing, parameters.phases, settings.sustained_voltage_v, log
        )

    def _act_running(self, now_s: float) -> None:
        expired = self.monitor.expired(now_s)
        if self._sustained.next_look_s <= now_s:
            self._sustained.look(now_s, max(self._site.log.last.voltages_at(now_s)))
        if self._limits.next_look_s <= now_s:
            self._limits.look(now_s, self.powers_at(now_s)[0])
        if self._sustained.trip_s <= now_s:
            expired.append("sustained")
        if expired:
            self._trip(expired)
        elif self._limits.disconnect_s <= now_s:
            self._enter("waiting")
        elif self._pause_changes_s() <= now_s:
            self._change_pause(now_s)

    def _change_pause(self, now_s: float) -> None:
        """Pause or resume; an inverter that counts its pauses has enough of them at last."""
        self._paused = not self._paused
        if not self._paused:
            return
        self._pauses_s = [time_s for time_s in self._pauses_s if time_s > now_s - PAUSES_COUNT_S]
        self._pauses_s.append(now_s)
        most = self.parameters.ride_through.most_pauses
        if most is not None and len(self._pauses_s) > most:
            self._trip(["pauses"])

    def _trip(self, names: list[str]) -> None:
        self.alarms = {ALARM_OF_TRIP[name] for name in names}
        self.monitor.forget({*names} & {*self.parameters.trips_once})
        self._enter("waiting")

    def _enter(self, state: str) -> None:
        """Stop generating, open the relay a little later."""
        now_s = self._site.now_s
        if self.connected and self._relay_opens_s == inf:
            self._relay_opens_s = now_s + self.parameters.relay_open_s
            if self.parameters.relay_chatter_s > 0:
                self._relay_closes_s = self._relay_opens_s + self.parameters.relay_chatter_s
        self.state, self._waiting_since_s, self._paused = state, now_s, False
        self._site.changed()

    def _connect(self) -> None:
        self.state, self.connected, self.alarms = "running", True, set()
        if self.parameters.export.forgotten:
            self.change_settings(
                replace(
                    self.settings,
                    power_limit_pu=1.0,
                    export_limit=PowerLimit(),
                    hard_export_limit=PowerLimit(),
                    static_export_limit=PowerLimit(),
                    generation_limit=PowerLimit(),
                )
            )
        self._relay_opens_s = self._relay_closes_s = inf
        self._control.start(self._site.now_s)
        self._sustained.next_look_s = self._site.now_s
        if self._limits.next_look_s < inf:
            self._limits.next_look_s = self._site.now_s

    def _connect_s(self) -> float:
        if self.state != "waiting" or not self.permitted:
            return inf
        inside_s = self.monitor.inside_window_since_s()
        if inside_s is None:
            return inf
        observation_s = self.settings.observation_s
        after_loss_s = self.parameters.observation_after_loss_s
        if after_loss_s is not None and self.monitor.back_from_loss_since(self._waiting_since_s):
            observation_s = after_loss_s
        if not self.parameters.restarts_observation:
            return max(inside_s, self._waiting_since_s + observation_s)
        return max(inside_s, self._waiting_since_s) + observation_s

    def _pause_changes_s(self) -> float:
        """Return when generation pauses in a disturbance, or resumes after it."""
        if not self._paused:
            return self.monitor.pause_due_s
        return self.monitor.pause_ended_s() + self.parameters.ride_through.resume_s


def _watched(settings: GridSettings) -> tuple[object, ...]:
    """Return the settings that protection and connection window follow."""
    return (
        settings.trips,
        settings.connect_voltage_v,
        settings.connect_frequency_hz,
        settings.sustained_voltage_v,
    )
