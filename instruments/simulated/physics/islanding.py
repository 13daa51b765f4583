"""An island as part of the world: begins when the contactor opens on a running inverter, ends with the bus.

The model moves ahead of the world by one short span; the segments join its states linearly. When something
happens inside a span, the next segment begins with what has been reached, and the span ends where it did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import pi

from instruments.interfaces import PhaseValues
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.island import STEP_S, Island
from instruments.simulated.physics.island_state import IslandStart
from instruments.simulated.physics.parallel_load import ParallelLoad
from instruments.simulated.physics.segments import PHASE_ANGLES_RAD, ZERO, Segment

DEAD_BUS_V = 1.0
LONGEST_RING_S = 1.0


@dataclass(frozen=True)
class IslandState:
    """The terminals at one instant; currents without the filter's."""

    voltages_v: PhaseValues
    angles_rad: PhaseValues
    active_a: PhaseValues
    reactive_a: PhaseValues


class Islanding:
    """One island in the world's time.

    Args:
        before: the segment that the opening of the contactor ends.
        load: what remains connected, the inverter's filter included.

    Attributes:
        reached_s: the world's time up to which the model has been moved.
        before, ahead: its states where the last span began and at `reached_s`.
        frequency_hz: rate of the common angle over the last span.
        seen_frequency_hz: what the inverter measures.
    """

    def __init__(
        self,
        parameters: InverterParameters,
        load: ParallelLoad,
        before: Segment,
        now_s: float,
        seed: int,
    ) -> None:
        self._parameters = parameters
        self._began_s = self.reached_s = now_s
        self._ceased_s: float | None = None
        self._control = replace(
            parameters.island,
            phases=parameters.phases,
            nominal_frequency_hz=parameters.nominal_frequency_hz,
            current_limit_a=parameters.current_limit_pu * parameters.rated_current_a,
        )
        idle = replace(self._control, shift_gain_per_hz=0.0, shift_offset=0.0)
        if _in_gap(parameters, before, now_s):
            self._control = idle
        waiting = parameters.active_method_delay_s > 0
        self._acts_s = now_s + parameters.active_method_delay_s if waiting else None
        self._island = Island(
            load, idle if waiting else self._control, _start(parameters, before, now_s), seed
        )
        self.before = self.ahead = self._state()
        self.frequency_hz = self.seen_frequency_hz = before.frequency_at(now_s)

    def over(self, now_s: float) -> bool:
        """Tell whether the bus has died."""
        if self._ceased_s is None:
            return False
        dead = max(self.ahead.voltages_v) < DEAD_BUS_V
        return dead or now_s - self._ceased_s > LONGEST_RING_S

    def advance(self, span_s: float, active_w: float, reactive_var: float) -> None:
        """Move the model on by `span_s` with the power that is demanded.

        The first demand of nothing ends the inverter's current for good.
        """
        if self._acts_s is not None and self.reached_s >= self._acts_s:
            self._island.use(self._control)
            self._acts_s = None
        if active_w == 0.0 and reactive_var == 0.0 and self._ceased_s is None:
            self._island.cease()
            self._ceased_s = self.reached_s
            self.ahead = self._state()
        theta_rad = self._island.theta_rad
        self.before = self.ahead
        self._island.advance(span_s, active_w, reactive_var)
        self.ahead = self._state()
        self.frequency_hz = (self._island.theta_rad - theta_rad) / (2 * pi * span_s)
        self.seen_frequency_hz = self._island.frequency_hz
        self.reached_s += span_s

    def _state(self) -> IslandState:
        island = self._island
        a, b, c = (
            nominal + angle
            for nominal, angle in zip(PHASE_ANGLES_RAD, island.voltage_angles_rad, strict=True)
        )
        ceased = self._ceased_s is not None
        return IslandState(
            island.voltages_v,
            (a, b, c),
            ZERO if ceased else island.currents_active_a,
            ZERO if ceased else island.currents_reactive_a,
        )


def filter_load(parameters: InverterParameters) -> ParallelLoad:
    """Return the capacitor of the inverter's output filter."""
    w = 2 * pi * parameters.nominal_frequency_hz
    siemens = parameters.filter_pu * parameters.rated_current_a / parameters.nominal_voltage_v
    farad = siemens / w
    return ParallelLoad(
        capacitance_f=(farad, farad, farad) if parameters.phases == 3 else (farad, 0.0, 0.0)
    )


def _in_gap(parameters: InverterParameters, before: Segment, now_s: float) -> bool:
    """Tell whether the power at the opening is one at which the active method does nothing."""
    low_pu, high_pu = parameters.active_method_gap_pu
    pairs = zip(before.voltages_at(now_s), before.actives_at(now_s), strict=True)
    power_w = sum(voltage_v * active_a for voltage_v, active_a in pairs)
    return low_pu < power_w / parameters.rated_apparent_power_va < high_pu


def _start(parameters: InverterParameters, before: Segment, now_s: float) -> IslandStart:
    """Return the terminals at the opening; the current of the filter belongs to the load."""
    voltages = before.voltages_at(now_s)
    share = parameters.filter_pu * parameters.rated_current_a / parameters.nominal_voltage_v
    active, reactive = before.actives_at(now_s), before.reactives_at(now_s)
    phases = parameters.phases
    a, b, c = (reactive[k] - share * voltages[k] if k < phases else reactive[k] for k in range(3))
    x, y, z = (
        angle - nominal for angle, nominal in zip(before.angle_rad, PHASE_ANGLES_RAD, strict=True)
    )
    return IslandStart(
        voltages_v=voltages,
        voltage_angles_rad=(x, y, z),
        frequency_hz=before.frequency_at(now_s),
        theta_rad=before.theta_at(now_s),
        currents_active_a=active,
        currents_reactive_a=(a, b, c),
    )


SPAN_S = STEP_S
"""Longest span between two states; the model's own grid."""
