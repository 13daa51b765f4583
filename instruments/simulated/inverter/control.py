"""How the power of a connected inverter follows what is demanded of it.

Active power is the least of a ramped demand, the volt-watt ceiling and the frequency ceiling; reactive power
follows its mode inside the circle of apparent power. Each response is a lag or ramp of its own, evaluated
exactly; between two plans the power is taken as linear.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, copysign, inf, sqrt, tan

from instruments.simulated.inverter.frequency_response import FrequencyDroop, Ratings
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.responses import Lag, Ramp
from instruments.simulated.inverter.settings import GridSettings

IRRADIANCE_STEP_S = 0.1
ABRUPT_PU_PER_S = 100.0


@dataclass(frozen=True)
class Surroundings:
    """What the control sees at an instant.

    Attributes:
        voltages_v: of the connected phases, as the inverter measures them.
        available_w, available_slope_w_per_s: power of the array.
        storage_w: commanded power of the store, positive discharges.
        ceiling_w, floor_w: bounds from limits and demand response; the floor bounds charging.
        reactive_pu: reactive power that demand response asks for; None leaves it to the mode.
    """

    voltages_v: tuple[float, ...]
    frequency_hz: float
    available_w: float
    available_slope_w_per_s: float
    storage_w: float
    ceiling_w: float
    floor_w: float
    reactive_pu: float | None = None


@dataclass(frozen=True)
class Plan:
    """Power that changes linearly from `start_s` to `end_s`; it stays when that is infinity."""

    start_s: float
    end_s: float
    active_w: tuple[float, float]
    reactive_var: tuple[float, float]

    def at(self, time_s: float) -> tuple[float, float]:
        """Return active and reactive power."""
        if self.end_s == inf:
            return self.active_w[0], self.reactive_var[0]
        share = min(1.0, (time_s - self.start_s) / (self.end_s - self.start_s))
        (p0, p1), (q0, q1) = self.active_w, self.reactive_var
        return p0 + share * (p1 - p0), q0 + share * (q1 - q0)


NOTHING = Plan(0.0, inf, (0.0, 0.0), (0.0, 0.0))


class PowerControl:
    """The set points of the power stage; see the module."""

    def __init__(self, parameters: InverterParameters, settings: GridSettings) -> None:
        response, self._rated_va = parameters.response, parameters.rated_apparent_power_va
        self._parameters = parameters
        self._stores = parameters.storage_power_w > 0
        self._volt_watt = Lag(response.volt_watt_s, 1.0, 1.0)
        self._charging = Lag(response.volt_watt_s, 1.0, 1.0)
        self._reactive = Lag(response.volt_var_s, 0.0, 0.0)
        self._frequency = Lag(response.frequency_s, inf, inf, self._rated_va)
        self._demand = Ramp(1.0, Lag(response.limit_s, 0.0, 0.0, self._rated_va))
        self._seen = Surroundings((), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        self._ceiling_w = self._sun_w = inf
        self._droop_active = False
        self._planned_s = 0.0
        self.plan = NOTHING
        self._settings = settings
        self.droop = self._new_droop(settings)

    def use(self, settings: GridSettings) -> None:
        """Put other settings in force; a frequency response whose settings changed starts anew."""
        if settings.frequency != self._settings.frequency:
            self.droop = self._new_droop(settings)
        self._settings = settings

    def start(self, now_s: float) -> None:
        """Begin to ramp after connection."""
        self.droop = self._new_droop(self._settings)
        self._droop_active = False
        from_w = self._parameters.response.ramp_from_pu * self._rated_va
        self._demand.start(from_w, from_w, now_s)
        self._reactive.start(0.0, 0.0, now_s)
        self._volt_watt.start(1.0, 1.0, now_s)
        self.plan = NOTHING

    def replan(self, now_s: float, seen: Surroundings) -> Plan:
        """Return how power goes on from now with what is seen now."""
        before_w = self._active_w(now_s)
        self._seen, self._planned_s = seen, now_s
        self._follow_frequency(now_s, seen.frequency_hz, before_w)
        self._aim(now_s, seen)
        end_s = now_s + self._step_s(now_s)
        first, last = self._powers(now_s), self._powers(end_s) if end_s < inf else (0.0, 0.0)
        self.plan = Plan(now_s, end_s, (first[0], last[0]), (first[1], last[1]))
        return self.plan

    def _new_droop(self, settings: GridSettings) -> FrequencyDroop:
        ratings = Ratings(self._rated_va, self._parameters.storage_power_w)
        latched = self._parameters.response.latched
        return FrequencyDroop(settings.frequency, ratings, latched=latched)

    def _follow_frequency(self, now_s: float, frequency_hz: float, power_w: float) -> None:
        """Let the droop's bound act with its lag; at its end the ramp goes on from there."""
        self.droop.update(now_s, frequency_hz, power_w)
        bound_w = self.droop.ceiling_w if self.droop.ceiling_w < inf else self.droop.floor_w
        if self.droop.active and not self._droop_active:
            self._frequency.start(power_w, bound_w, now_s)
        elif self.droop.active:
            self._frequency.aim(bound_w, now_s)
        elif self._droop_active and not self._parameters.response.returns_at_once:
            self._demand.start(power_w, self._demand.falling.target, now_s)
        self._droop_active = self.droop.active

    def _aim(self, now_s: float, seen: Surroundings) -> None:
        settings, rated_va = self._settings, self._rated_va
        highest_v, mean_v = max(seen.voltages_v), sum(seen.voltages_v) / len(seen.voltages_v)
        watt, charging = settings.volt_watt, settings.volt_watt_charging
        self._volt_watt.aim(watt.share(highest_v) if watt.enabled else 1.0, now_s)
        self._charging.aim(charging.share(mean_v) if charging.enabled else 1.0, now_s)
        self._reactive.aim(self._reactive_target_pu(mean_v, seen), now_s)
        soft = settings.ramp_pu_per_s if self._parameters.response.soft_ramp else ABRUPT_PU_PER_S
        present_w = self._demand.at(now_s)
        self._demand.rate_per_s = soft * rated_va
        wanted_w = seen.available_w + seen.storage_w
        ceiling_w = seen.ceiling_w + self._parameters.response.limit_error_pu * rated_va
        at_rate = self._stores and wanted_w <= ceiling_w
        self._demand.falling.time_constant_s = 0.0 if at_rate else self._parameters.response.limit_s
        target_w = max(seen.floor_w, min(wanted_w, ceiling_w))
        if ceiling_w > self._ceiling_w and not self._parameters.response.limit_ramps:
            present_w = target_w
        if seen.available_w > self._sun_w and not self._parameters.response.soft_after_cloud:
            present_w = target_w
        self._ceiling_w, self._sun_w = ceiling_w, seen.available_w
        self._demand.start(min(present_w, self._instant_w(now_s)), target_w, now_s)

    def _reactive_target_pu(self, mean_v: float, seen: Surroundings) -> float:
        settings = self._settings
        if seen.reactive_pu is not None:
            return seen.reactive_pu
        if settings.reactive_power_pu is not None:
            return settings.reactive_power_pu * self._parameters.response.fixed_reactive_gain
        if settings.power_factor is not None or not settings.volt_var.enabled:
            return 0.0
        return settings.volt_var.share(mean_v)

    def _instant_w(self, time_s: float) -> float:
        """Return what an array without a store can give at all: a cloud acts at once."""
        if self._stores:
            return inf
        passed_s = time_s - self._planned_s
        return self._seen.available_w + self._seen.available_slope_w_per_s * passed_s

    def _active_w(self, time_s: float) -> float:
        """Return active power before the circle of apparent power."""
        power_w = self._demand.at(time_s)
        if self._droop_active:
            bound_w = self._frequency.at(time_s)
            over = self.droop.ceiling_w < inf
            power_w = min(power_w, bound_w) if over else max(power_w, bound_w)
        power_w = min(power_w, self._instant_w(time_s), self._volt_watt.at(time_s) * self._rated_va)
        # Demand response takes effect at once; the ramp goes on below it.
        floor_w = self._seen.floor_w if self._stores else -inf
        charging_w = -self._charging.at(time_s) * self._parameters.storage_power_w
        return max(power_w, floor_w, charging_w)

    def _powers(self, time_s: float) -> tuple[float, float]:
        response, rated_va = self._parameters.response, self._rated_va
        active_w = self._active_w(time_s)
        reactive_var = self._reactive.at(time_s) * rated_va
        factor = self._settings.power_factor
        if factor is not None and self._settings.reactive_power_pu is None:
            active_w = copysign(min(abs(active_w), abs(factor) * rated_va), active_w)
            reactive_var = copysign(abs(active_w) * tan(acos(abs(factor))), factor)
            reactive_var *= response.power_factor_gain
        reactive_var = copysign(min(abs(reactive_var), rated_va), reactive_var)
        if response.reactive_priority:
            active_w = copysign(min(abs(active_w), _leg(rated_va, reactive_var)), active_w)
        else:
            left_var = _leg(rated_va, active_w)
            reactive_var = copysign(min(abs(reactive_var), left_var), reactive_var)
        return active_w * response.active_gain, reactive_var * response.reactive_gain

    def _step_s(self, now_s: float) -> float:
        ceiling_w = self._volt_watt.at(now_s) * self._rated_va
        circle_w = _leg(self._rated_va, self._reactive.at(now_s) * self._rated_va)
        steps_s = [
            self._volt_watt.step_s(),
            self._charging.step_s() if self._stores else inf,
            self._reactive.step_s(),
            self._frequency.step_s() if self._droop_active else inf,
            IRRADIANCE_STEP_S if self._seen.available_slope_w_per_s else inf,
            self._demand.step_s((ceiling_w, circle_w)),
        ]
        return min(steps_s)


def _leg(hypotenuse: float, other: float) -> float:
    """Return the other leg of a right triangle; 0 when there is none."""
    return sqrt(max(0.0, hypotenuse**2 - other**2))
