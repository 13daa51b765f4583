"""The one electrical world: source, contactor, loads and inverter on one time line.

Time moves only in `advance_to`. Between events everything is linear, so the world jumps from event to event
and looks more closely (1 ms) only while a protection relay may be crossing a threshold.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import count
from math import inf

from instruments.interfaces import PhaseValues, Samples
from instruments.simulated.inverter.limits import SiteMeter
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.site import GridInverter, Site
from instruments.simulated.inverter.state_machine import SimulatedInverter
from instruments.simulated.physics.averages import Averages
from instruments.simulated.physics.energy import PvArray
from instruments.simulated.physics.grid import GridContactor, GridSource
from instruments.simulated.physics.islanding import SPAN_S, Islanding, filter_load
from instruments.simulated.physics.loads import Load
from instruments.simulated.physics.network import terminal_voltages
from instruments.simulated.physics.parallel_load import ParallelLoad, resistive_load
from instruments.simulated.physics.second_inverter import SecondInverter
from instruments.simulated.physics.segment_log import SegmentLog
from instruments.simulated.physics.segments import (
    LIVE_VOLTAGE_V,
    PHASE_ANGLES_RAD,
    ZERO,
    Harmonics,
    Segment,
    Spectrum,
)
from instruments.simulated.physics.waveforms import Signal, synthesise

SCAN_STEP_S = 0.001
UNSETTLED_S = 0.03
RAMP_STEP_V, RAMP_STEP_HZ = 0.2, 0.01
LONGEST_RAMP_STEP_S = 0.5
InverterFactory = Callable[[InverterParameters, Site], GridInverter]
SEEN_STEP_V, SEEN_JUMP_RAD = 0.01, 0.01
INSTANT_S = 1e-9
ISLAND_SEED = 1
ISLAND_REPLAN_S = 0.002
"""How often the set-points follow an island: slower than any of them needs."""
MOST_STEPS = 5_000_000


class World:
    """Everything electrical of the laboratory; see the module.

    Args:
        parameters: the inverter.
        load_power_w: resistive load at nominal voltage, between contactor and inverter.
        source_impedance_ohm: of each phase, between the source and the terminals.
        build_inverter: what makes the inverter from its parameters and this site.

    Attributes:
        now_s: the world's time.
        log: what has happened at the terminals.
        source, contactor, site_load, islanding_load, array, second_inverter, meter, inverter: what can be
            acted upon.
    """

    def __init__(
        self,
        parameters: InverterParameters,
        load_power_w: float = 0.0,
        source_impedance_ohm: complex = 0j,
        build_inverter: InverterFactory = SimulatedInverter,
    ) -> None:
        self.now_s = 0.0
        self.log = SegmentLog()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._nominal_hz = parameters.nominal_frequency_hz
        self._islanding: Islanding | None = None
        self._unsettled_until_s = 0.0
        self._quiet = False
        self._linear_until_s = inf
        self._idle_until_s = self._island_replanned_s = -inf
        self.source = GridSource(self._time, self._source_changed, source_impedance_ohm)
        self.contactor = GridContactor(self._time, self.schedule, self.changed)
        self.site_load, self.islanding_load = Load(self.changed), Load(self.changed)
        nothing = ParallelLoad()
        self._summed = (nothing, nothing), nothing
        self.site_load.connected = resistive_load(
            load_power_w / parameters.phases, parameters.nominal_voltage_v, parameters.phases
        )
        self.array = PvArray(parameters.pv_power_w, self._time, self.changed)
        self.second_inverter = SecondInverter(parameters, self._time, self._second_changed)
        self.meter = SiteMeter(self.log)
        self.inverter: GridInverter = build_inverter(parameters, self)
        self._begin_segment()

    def schedule(self, time_s: float, action: Callable[[], None]) -> None:
        """Run `action` when the world reaches `time_s`, with `now_s` equal to it."""
        heapq.heappush(self._queue, (max(time_s, self.now_s), next(self._order), action))
        self._idle_until_s = -inf

    def advance_to(self, time_s: float) -> None:
        """Move the world to `time_s`. A time in the past moves nothing.

        Raises:
            RuntimeError: the world made no progress (a parameter set that switches without end).
        """
        for _ in range(MOST_STEPS):
            if self.now_s >= time_s:
                return
            # The inverter may think again without anything to be seen from here.
            if time_s < self._idle_until_s and time_s < self.inverter.next_event_s():
                self.now_s = time_s
                return
            self._step(time_s)
        raise RuntimeError(f"the simulated world is stuck at {self.now_s} s")

    def averages(self, start_s: float, end_s: float) -> Averages:
        """Return means over a window of the past (see `SegmentLog.averages`)."""
        return self.log.averages(start_s, end_s)

    def waveforms(
        self, start_s: float, sample_count: int, sample_rate_hz: float, channels: Sequence[str]
    ) -> dict[str, Samples]:
        """Return clean samples of a window of the past by channel (see `waveforms.synthesise`)."""
        signals = [(name, 0.0) for name in channels]
        return dict(
            zip(channels, self.sampled(start_s, sample_count, sample_rate_hz, signals), strict=True)
        )

    def sampled(
        self, start_s: float, sample_count: int, sample_rate_hz: float, signals: Sequence[Signal]
    ) -> list[Samples]:
        """Return clean samples of channels that may be sampled late (see `waveforms.synthesise`)."""
        return synthesise(self.log, start_s, sample_count, sample_rate_hz, signals)

    def changed(self) -> None:
        """Let what has changed at this instant take effect."""
        before = self.log.last
        self._begin_segment()
        after = self.log.last
        jump_rad = _largest(before.angle_rad, after.angle_rad)
        if jump_rad > SEEN_JUMP_RAD and before.fed and after.fed:
            self.inverter.turned(jump_rad)
        step_v = _largest(before.voltages_at(self.now_s), after.voltage_v)
        if step_v > SEEN_STEP_V or before.fed != after.fed:
            self._unsettled_until_s = self.now_s + UNSETTLED_S

    def _source_changed(self) -> None:
        self._unsettled_until_s = self.now_s + UNSETTLED_S
        self.changed()

    def _second_changed(self) -> None:
        self.meter.second_w = self.second_inverter.powers_w
        self.changed()

    @property
    def fed(self) -> bool:
        """Whether the source feeds the inverter's terminals."""
        return self.source.output_on and self.contactor.main_closed

    def _time(self) -> float:
        return self.now_s

    def _step(self, target_s: float) -> None:
        due_s, event_s = self.inverter.next_event_s(), self._next_event_s()
        scan_step_s = self._scan_step_s()
        end_s = max(self.now_s, min(target_s, due_s, event_s, self.now_s + scan_step_s))
        # As long as nothing happens, the inverter's next act stays where it was.
        happened = due_s <= end_s or not self._quiet
        if not self._quiet:
            self.inverter.scan(self.now_s, end_s)
            self._quiet = end_s >= self._unsettled_until_s and self.log.last.steady
        ended = [ramp for ramp in (self.source, self.array) if ramp.ramp_end_s <= end_s]
        self.now_s = end_s
        for ramp in ended:
            ramp.finish_ramp()
        happened = happened or bool(ended)
        while self._queue and self._queue[0][0] <= end_s:
            heapq.heappop(self._queue)[2]()
            happened = True
        if happened and self.inverter.next_event_s() <= end_s:
            self.inverter.act()
        if self._linear_until_s <= end_s or self._must_follow_ramp(end_s):
            self._begin_segment()
        elif self._quiet and not happened and scan_step_s == inf:
            self._idle_until_s = event_s

    def _must_follow_ramp(self, end_s: float) -> bool:
        return self.source.ramp_end_s < inf and self.log.last.start_s < end_s

    def _next_event_s(self) -> float:
        queued_s = self._queue[0][0] if self._queue else inf
        return min(queued_s, self.source.ramp_end_s, self.array.ramp_end_s, self._linear_until_s)

    def _scan_step_s(self) -> float:
        if self.now_s < self._unsettled_until_s:
            return SCAN_STEP_S
        last = self.log.last
        if last.steady:
            return inf
        slope_v = max(map(abs, last.voltage_slope_v_per_s))
        slope_hz = abs(last.frequency_slope_hz_per_s)
        step_s = min(
            RAMP_STEP_V / slope_v if slope_v else inf, RAMP_STEP_HZ / slope_hz if slope_hz else inf
        )
        return min(LONGEST_RAMP_STEP_S, max(SCAN_STEP_S, step_s))

    def _begin_segment(self) -> None:
        self._idle_until_s = -inf
        segment = self._fed_segment() if self.fed else self._unfed_segment()
        # While nothing moves that protection looks at, it need not look again.
        self._quiet = self._quiet and segment.steady and self.log.last.looks_like(segment)
        self.log.begin(segment)

    def _fed_segment(self) -> Segment:
        """Solve the circuit now and where the plan of the inverter ends, and join the two."""
        self._islanding = None
        source = self.source
        voltages_v, angles_rad = self._solve(source.output_v(), self.inverter.powers_at(self.now_s))
        plan = self.inverter.replan(voltages_v, source.frequency_hz)
        active_a, reactive_a = self.inverter.currents(plan.at(self.now_s), voltages_v)
        span_s = min(plan.end_s - self.now_s, self._ramp_span_s())
        self._linear_until_s = self.now_s + span_s
        slopes = (ZERO, ZERO, ZERO)
        if span_s < inf:
            powers = plan.at(self.now_s + span_s)
            ahead_v = source.output_v(span_s)
            later_v, _ = self._solve(ahead_v, powers)
            later_a, later_r = self.inverter.currents(powers, later_v)
            slopes = (
                _slopes(voltages_v, later_v, span_s),
                _slopes(active_a, later_a, span_s),
                _slopes(reactive_a, later_r, span_s),
            )
        return self._segment(
            theta_rad=source.theta_rad(),
            frequency=(source.frequency_hz, source.frequency_slope_hz_per_s),
            voltages=(voltages_v, slopes[0]),
            angles_rad=angles_rad,
            active=(active_a, slopes[1]),
            reactive=(reactive_a, slopes[2]),
        )

    def _solve(
        self, source_v: PhaseValues, powers: tuple[float, float]
    ) -> tuple[PhaseValues, PhaseValues]:
        """Return magnitudes and angles of the terminal voltages."""
        if self.source.impedance_ohm == 0:
            return source_v, self.source.angles_rad
        load = self._load
        return terminal_voltages(
            source_v,
            self.source.angles_rad,
            self.source.impedance_ohm,
            self.second_inverter.beside(load.conductance_s),
            load.susceptance_s(self.source.frequency_hz),
            lambda voltages_v: self.inverter.currents(powers, voltages_v),
        )

    def _ramp_span_s(self) -> float:
        """Return how far ahead a ramping voltage is followed in one segment."""
        end_s = self.source.ramp_end_s
        return inf if end_s == inf else min(LONGEST_RAMP_STEP_S, end_s - self.now_s)

    @property
    def _load(self) -> ParallelLoad:
        """Site load and islanding load together, added anew only when one of them is another."""
        parts = self.site_load.connected, self.islanding_load.connected
        if self._summed[0][0] is not parts[0] or self._summed[0][1] is not parts[1]:
            self._summed = parts, parts[0].plus(parts[1])
        return self._summed[1]

    def _unfed_segment(self) -> Segment:
        """A running inverter makes an island with what is connected to it; else the bus is dead."""
        if self._islanding is None and self.log.started and self._may_island():
            load = self._load.plus(filter_load(self.inverter.parameters))
            self._islanding = Islanding(
                self.inverter.parameters, load, self.log.last, self.now_s, ISLAND_SEED
            )
        if self._islanding is not None and self._islanding.over(self.now_s):
            self._islanding = None
            self._unsettled_until_s = self.now_s + UNSETTLED_S
        return self._dead_segment() if self._islanding is None else self._island_segment()

    def _may_island(self) -> bool:
        last = self.log.last
        alive = (
            min(last.voltages_at(self.now_s)[: self.inverter.parameters.phases]) > LIVE_VOLTAGE_V
        )
        return last.fed and alive and self.inverter.powers_at(self.now_s)[0] != 0.0

    def _dead_segment(self) -> Segment:
        self._linear_until_s = inf
        self.inverter.replan(ZERO, self._nominal_hz)
        theta_rad = self.log.last.theta_at(self.now_s) if self.log.started else 0.0
        nothing = (ZERO, ZERO)
        frequency = (self._nominal_hz, 0.0)
        return self._segment(theta_rad, frequency, nothing, PHASE_ANGLES_RAD, nothing, nothing)

    def _island_segment(self) -> Segment:
        """Join the island's present state and the next one, not passing the inverter's next act."""
        island = self._islanding
        assert island is not None
        last = self.log.last
        if self.now_s >= island.reached_s - INSTANT_S:
            due_s = self.inverter.next_event_s() - self.now_s
            if due_s <= INSTANT_S or self.now_s >= self._island_replanned_s + ISLAND_REPLAN_S:
                self.inverter.replan(island.ahead.voltages_v, island.seen_frequency_hz)
                self._island_replanned_s = self.now_s
                due_s = self.inverter.next_event_s() - self.now_s
            span_s = min(SPAN_S, due_s) if due_s > INSTANT_S else SPAN_S
            island.advance(span_s, *self.inverter.powers_at(self.now_s))
            first = island.before
        else:
            span_s = island.reached_s - self.now_s
            first = replace(
                island.before,
                voltages_v=last.voltages_at(self.now_s),
                angles_rad=last.angle_rad,
            )
        self._linear_until_s = self.now_s + span_s
        ahead = island.ahead
        generates = self.inverter.powers_at(self.now_s) != (0.0, 0.0)
        active = (first.active_a, ahead.active_a) if generates else (ZERO, ZERO)
        reactive = tuple(
            self._with_filter(state.reactive_a if generates else ZERO, state.voltages_v)
            for state in (first, ahead)
        )
        return self._segment(
            last.theta_at(self.now_s),
            (island.frequency_hz, 0.0),
            (first.voltages_v, _slopes(first.voltages_v, ahead.voltages_v, span_s)),
            ahead.angles_rad,
            (active[0], _slopes(*active, span_s)),
            (reactive[0], _slopes(reactive[0], reactive[1], span_s)),
            island.seen_frequency_hz,
        )

    def _with_filter(self, reactive_a: PhaseValues, voltages_v: PhaseValues) -> PhaseValues:
        """Return the reactive currents with those of the filter, as the inverter adds them."""
        _, filter_a = self.inverter.currents((0.0, 0.0), voltages_v)
        return (
            reactive_a[0] + filter_a[0],
            reactive_a[1] + filter_a[1],
            reactive_a[2] + filter_a[2],
        )

    def _segment(
        self,
        theta_rad: float,
        frequency: tuple[float, float],
        voltages: tuple[PhaseValues, PhaseValues],
        angles_rad: PhaseValues,
        active: tuple[PhaseValues, PhaseValues],
        reactive: tuple[PhaseValues, PhaseValues],
        seen_frequency_hz: float | None = None,
    ) -> Segment:
        load, own, fed = self._load, self.inverter.spectrum, self.fed
        conductance_s = load.conductance_s
        return Segment(
            start_s=self.now_s,
            theta_rad=theta_rad,
            frequency_hz=frequency[0],
            frequency_slope_hz_per_s=frequency[1],
            voltage_v=voltages[0],
            voltage_slope_v_per_s=voltages[1],
            angle_rad=angles_rad,
            active_a=active[0],
            active_slope_a_per_s=active[1],
            reactive_a=reactive[0],
            reactive_slope_a_per_s=reactive[1],
            load_conductance_s=self.second_inverter.beside(conductance_s) if fed else conductance_s,
            load_susceptance_s=load.susceptance_s(frequency[0]),
            spectrum=_spectrum(self.source.harmonics, own),
            fed=fed,
            seen_frequency_hz=seen_frequency_hz,
        )


@lru_cache(maxsize=64)
def _spectrum(source: Harmonics, inverter: Spectrum) -> Spectrum:
    return Spectrum(source, inverter.current, inverter.direct_current_a)


def _slopes(first: PhaseValues, last: PhaseValues, span_s: float) -> PhaseValues:
    return (
        (last[0] - first[0]) / span_s,
        (last[1] - first[1]) / span_s,
        (last[2] - first[2]) / span_s,
    )


def _largest(first: PhaseValues, second: PhaseValues) -> float:
    return max(abs(b - a) for a, b in zip(first, second, strict=True))
