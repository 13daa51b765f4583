"""The one electrical world: source, contactor, load and inverter on one time line.

Time moves only in `advance_to`. Between events everything is linear, so the world jumps from event to event
and looks more closely (1 ms) only while a protection relay may be crossing a threshold.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from itertools import count
from math import sqrt

from instruments.interfaces import PhaseValues, Samples
from instruments.simulated.grid import GridContactor, GridSource
from instruments.simulated.inverter import SimulatedInverter
from instruments.simulated.parameters import InverterParameters
from instruments.simulated.segments import ZERO, Averages, Segment, SegmentLog
from instruments.simulated.waveforms import synthesise

SCAN_STEP_S = 0.001
UNSETTLED_S = 0.03
RAMP_STEP_V = 0.2
LONGEST_RAMP_STEP_S = 0.1
MOST_STEPS = 5_000_000


class World:
    """Source, contactor, resistive load and one inverter; see the module.

    Args:
        parameters: the inverter.
        load_power_w: three-phase resistive load at nominal voltage, between contactor and inverter.
    """

    def __init__(self, parameters: InverterParameters, load_power_w: float = 0.0) -> None:
        self.now_s = 0.0
        self.log = SegmentLog()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._load_conductance_s = load_power_w / (3 * parameters.nominal_voltage_v**2)
        self._unsettled_until_s = 0.0
        self.source = GridSource(self._time, self._changed)
        self.contactor = GridContactor(self._time, self.schedule, self._changed)
        self.inverter = SimulatedInverter(parameters, self.log, self._time, self._changed)
        self._begin_segment()

    def schedule(self, time_s: float, action: Callable[[], None]) -> None:
        """Run `action` when the world reaches `time_s`, with `now_s` equal to it."""
        heapq.heappush(self._queue, (max(time_s, self.now_s), next(self._order), action))

    def advance_to(self, time_s: float) -> None:
        """Move the world to `time_s`. A time in the past moves nothing.

        Raises:
            RuntimeError: the world made no progress (a parameter set that switches without end).
        """
        for _ in range(MOST_STEPS):
            if self.now_s >= time_s:
                return
            self._step(time_s)
        raise RuntimeError(f"the simulated world is stuck at {self.now_s} s")

    def averages(self, start_s: float, end_s: float) -> Averages:
        """Return means over a window of the past (see `SegmentLog.averages`)."""
        return self.log.averages(start_s, end_s)

    def waveforms(
        self, start_s: float, sample_count: int, sample_rate_hz: float, channels: Sequence[str]
    ) -> dict[str, Samples]:
        """Return clean samples of a window of the past (see `waveforms.synthesise`)."""
        return synthesise(self.log, start_s, sample_count, sample_rate_hz, channels)

    @property
    def fed(self) -> bool:
        """Whether the source feeds the inverter's terminals."""
        return self.source.output_on and self.contactor.main_closed

    def _time(self) -> float:
        return self.now_s

    def _step(self, target_s: float) -> None:
        end_s = min(target_s, self._next_event_s(), self.now_s + self._scan_step_s())
        end_s = max(end_s, self.now_s)
        self.inverter.monitor.scan(self.now_s, end_s)
        self.now_s = end_s
        if self.source.ramp_end_s <= end_s:
            self.source.finish_ramp()
        while self._queue and self._queue[0][0] <= end_s:
            heapq.heappop(self._queue)[2]()
        if self.inverter.next_event_s() <= end_s:
            self.inverter.act()
        elif self._voltage_slope_v_per_s() > 0:
            self._begin_segment()

    def _next_event_s(self) -> float:
        queued_s = self._queue[0][0] if self._queue else float("inf")
        return min(queued_s, self.source.ramp_end_s, self.inverter.next_event_s())

    def _scan_step_s(self) -> float:
        if self.now_s < self._unsettled_until_s:
            return SCAN_STEP_S
        if self.log.last.frequency_slope_hz_per_s:
            return SCAN_STEP_S
        slope = self._voltage_slope_v_per_s()
        if slope > 0:
            return min(LONGEST_RAMP_STEP_S, max(SCAN_STEP_S, RAMP_STEP_V / slope))
        return float("inf")

    def _voltage_slope_v_per_s(self) -> float:
        return max(abs(slope) for slope in self.log.last.voltage_slope_v_per_s)

    def _changed(self) -> None:
        before = self.log.last
        self._begin_segment()
        after = self.log.last
        stepped = before.voltages_at(self.now_s) != after.voltage_v
        if stepped or before.fed != after.fed:
            self._unsettled_until_s = self.now_s + UNSETTLED_S

    def _begin_segment(self) -> None:
        self.log.begin(self._fed_segment() if self.fed else self._island_segment())

    def _fed_segment(self) -> Segment:
        source = self.source
        voltages = source.voltages_v
        active, slope = self._active_current(sum(voltages))
        return self._segment(
            theta_rad=source.theta_rad(),
            frequency_hz=source.frequency_hz,
            frequency_slope=source.frequency_slope_hz_per_s,
            voltages=voltages,
            voltage_slopes=source.voltage_slopes_v_per_s,
            active=active,
            active_slope=slope,
        )

    def _island_segment(self) -> Segment:
        """A running inverter holds its power into the load; a dead bus has no voltage."""
        parameters = self.inverter.parameters
        frequency_hz, theta_rad = self._carried_on()
        power_w = self.inverter.demanded_power_w()
        if power_w <= 0 or self._load_conductance_s <= 0:
            return self._segment(theta_rad, parameters.nominal_frequency_hz, 0.0, ZERO, ZERO, 0, 0)
        voltage_v = sqrt(power_w / 3 / self._load_conductance_s)
        voltages = (voltage_v, voltage_v, voltage_v)
        active = power_w / (3 * voltage_v)
        drift = parameters.island_drift_hz_per_s
        return self._segment(theta_rad, frequency_hz, drift, voltages, ZERO, active, 0.0)

    def _segment(
        self,
        theta_rad: float,
        frequency_hz: float,
        frequency_slope: float,
        voltages: PhaseValues,
        voltage_slopes: PhaseValues,
        active: float,
        active_slope: float,
    ) -> Segment:
        return Segment(
            start_s=self.now_s,
            theta_rad=theta_rad,
            frequency_hz=frequency_hz,
            frequency_slope_hz_per_s=frequency_slope,
            voltage_v=voltages,
            voltage_slope_v_per_s=voltage_slopes,
            active_a=(active, active, active),
            active_slope_a_per_s=(active_slope, active_slope, active_slope),
            reactive_a=self._filter_current(voltages),
            load_conductance_s=self._load_conductance_s,
            fed=self.fed,
        )

    def _carried_on(self) -> tuple[float, float]:
        """Return frequency and angle at which the bus arrives at the present instant."""
        last = self.log.last if self.log.started else None
        if last is None or max(last.voltages_at(self.now_s)) <= 0:
            return self.inverter.parameters.nominal_frequency_hz, self.source.theta_rad()
        return last.frequency_at(self.now_s), last.theta_at(self.now_s)

    def _active_current(self, voltage_sum_v: float) -> tuple[float, float]:
        """Return balanced active current per phase and its slope for the demanded power."""
        parameters = self.inverter.parameters
        power_w = self.inverter.demanded_power_w()
        limit_a = parameters.current_limit_pu * parameters.rated_current_a
        if voltage_sum_v * limit_a <= power_w:
            return (limit_a if power_w > 0 else 0.0), 0.0
        return power_w / voltage_sum_v, self.inverter.power_slope_w_per_s() / voltage_sum_v

    def _filter_current(self, voltages: PhaseValues) -> PhaseValues:
        if not self.inverter.connected:
            return ZERO
        parameters = self.inverter.parameters
        full_a = parameters.filter_pu * parameters.rated_current_a
        a, b, c = (full_a * voltage / parameters.nominal_voltage_v for voltage in voltages)
        return (a, b, c)
