"""What happened at the inverter's terminals, as a log of segments.

A segment is a stretch of time in which amplitudes and frequency change linearly. Averages, mean
squares and waveforms are all computed from the same log, so they cannot disagree.
Times are world seconds; voltages and currents are rms; currents are positive out of the inverter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, inf, pi, sin, sqrt

from instruments.interfaces import PhaseValues

ZERO: PhaseValues = (0.0, 0.0, 0.0)
PHASE_ANGLES_RAD: PhaseValues = (0.0, -2 * pi / 3, 2 * pi / 3)
LIVE_VOLTAGE_V = 5.0


@dataclass(slots=True)
class Segment:
    """Linear behaviour of the inverter's terminals from `start_s` to `end_s`.

    Attributes:
        theta_rad: angle of phase 1 at the start; `frequency_hz` and its slope carry it on.
        active_a, reactive_a: components of the inverter's current in phase with the voltage and
            lagging it by 90 degrees (positive supplies reactive power).
        load_conductance_s: resistive load per phase between inverter and contactor.
        fed: whether the grid source is connected, so that grid current can flow.
    """

    start_s: float
    theta_rad: float
    frequency_hz: float
    frequency_slope_hz_per_s: float
    voltage_v: PhaseValues
    voltage_slope_v_per_s: PhaseValues
    active_a: PhaseValues
    active_slope_a_per_s: PhaseValues
    reactive_a: PhaseValues
    load_conductance_s: float
    fed: bool
    end_s: float = inf

    def theta_at(self, time_s: float) -> float:
        """Return the angle of phase 1 in radians."""
        x = time_s - self.start_s
        return self.theta_rad + 2 * pi * x * (
            self.frequency_hz + 0.5 * self.frequency_slope_hz_per_s * x
        )

    def frequency_at(self, time_s: float) -> float:
        """Return the frequency in Hz."""
        return self.frequency_hz + self.frequency_slope_hz_per_s * (time_s - self.start_s)

    def voltages_at(self, time_s: float) -> PhaseValues:
        """Return the rms voltages."""
        return _linear(self.voltage_v, self.voltage_slope_v_per_s, time_s - self.start_s)

    def actives_at(self, time_s: float) -> PhaseValues:
        """Return the active components of the current."""
        return _linear(self.active_a, self.active_slope_a_per_s, time_s - self.start_s)

    def square_integral(self, phase: int, start_s: float, end_s: float) -> float:
        """Return the integral of u² over [start_s, end_s] in V²s, ripple included.

        The amplitude is taken at the middle of the interval: exact for a constant amplitude, and the
        callers ask for at most one cycle.
        """
        middle = 0.5 * (start_s + end_s)
        x = middle - self.start_s
        amplitude = self.voltage_v[phase] + self.voltage_slope_v_per_s[phase] * x
        if amplitude == 0.0:
            return 0.0
        offset = PHASE_ANGLES_RAD[phase]
        first = 2 * (self.theta_at(start_s) + offset)
        last = 2 * (self.theta_at(end_s) + offset)
        omega = 2 * pi * self.frequency_at(middle)
        ripple = cos(0.5 * (first + last)) * sin(0.5 * (last - first)) / omega
        return amplitude * amplitude * ((end_s - start_s) - ripple)


@dataclass(frozen=True)
class Averages:
    """Means over a window: rms values, powers per phase (positive out of the inverter)."""

    voltages_v: PhaseValues
    currents_a: PhaseValues
    active_powers_w: PhaseValues
    reactive_powers_var: PhaseValues
    frequency_hz: float
    grid_currents_a: PhaseValues


class SegmentLog:
    """Segments in order of time, pruned by age."""

    def __init__(self, kept_s: float = 1200.0) -> None:
        self._kept_s = kept_s
        self._segments: list[Segment] = []
        self._starts: list[float] = []

    @property
    def started(self) -> bool:
        """Whether there is an open segment."""
        return bool(self._segments)

    @property
    def last(self) -> Segment:
        """The open segment."""
        return self._segments[-1]

    def begin(self, segment: Segment) -> None:
        """Close the open segment and begin `segment`; one of no length is replaced."""
        if self._segments:
            if segment.start_s <= self.last.start_s:
                self._segments.pop()
                self._starts.pop()
            if self._segments:
                self.last.end_s = segment.start_s
        self._segments.append(segment)
        self._starts.append(segment.start_s)
        self._prune(segment.start_s - self._kept_s)

    def between(self, start_s: float, end_s: float) -> Iterator[tuple[Segment, float, float]]:
        """Yield each segment that overlaps the window, with the overlap's start and end.

        Raises:
            LookupError: the window begins before what is kept.
        """
        if start_s < self._starts[0] - 1e-9:
            raise LookupError(
                f"window from {start_s:.3f} s: the log begins at {self._starts[0]:.3f} s"
            )
        index = max(0, bisect_right(self._starts, start_s) - 1)
        while index < len(self._segments) and self._starts[index] < end_s:
            segment = self._segments[index]
            first, last = max(start_s, segment.start_s), min(end_s, segment.end_s)
            if last > first:
                yield segment, first, last
            index += 1

    def mean_square(self, phase: int, end_s: float, window_s: float) -> float:
        """Return the mean of u² in V² over the window that ends at `end_s`.

        Before the log begins the voltage counts as zero: the laboratory was off.
        """
        start_s = max(end_s - window_s, self._starts[0])
        total = sum(
            segment.square_integral(phase, first, last)
            for segment, first, last in self.between(start_s, end_s)
        )
        return total / window_s

    def averages(self, start_s: float, end_s: float) -> Averages:
        """Return means over [start_s, end_s]. Simpson's rule is exact for linear amplitudes."""
        sums = _Sums()
        for segment, first, last in self.between(start_s, end_s):
            middle = 0.5 * (first + last)
            for time_s, share in ((first, 1 / 6), (middle, 4 / 6), (last, 1 / 6)):
                sums.add(segment, time_s, share * (last - first))
        return sums.averages(end_s - start_s)

    def _prune(self, before_s: float) -> None:
        if len(self._segments) < 2 or self._segments[0].end_s > before_s - 60.0:
            return
        keep_from = max(0, bisect_right(self._starts, before_s) - 1)
        del self._segments[:keep_from]
        del self._starts[:keep_from]


class _Sums:
    """Running integrals for `SegmentLog.averages`."""

    def __init__(self) -> None:
        self.square_v = [0.0] * 3
        self.square_i = [0.0] * 3
        self.square_grid = [0.0] * 3
        self.active_w = [0.0] * 3
        self.reactive_var = [0.0] * 3
        self.cycles = 0.0
        self.live_s = 0.0

    def add(self, segment: Segment, time_s: float, weight_s: float) -> None:
        voltages, actives = segment.voltages_at(time_s), segment.actives_at(time_s)
        for k in range(3):
            v, active, reactive = voltages[k], actives[k], segment.reactive_a[k]
            self.square_v[k] += weight_s * v * v
            self.square_i[k] += weight_s * (active * active + reactive * reactive)
            self.active_w[k] += weight_s * v * active
            self.reactive_var[k] += weight_s * v * reactive
            if segment.fed:
                into_grid = active - v * segment.load_conductance_s
                self.square_grid[k] += weight_s * (into_grid * into_grid + reactive * reactive)
        if max(voltages) > LIVE_VOLTAGE_V:
            self.cycles += weight_s * segment.frequency_at(time_s)
            self.live_s += weight_s

    def averages(self, window_s: float) -> Averages:
        def mean(values: list[float]) -> PhaseValues:
            return (values[0] / window_s, values[1] / window_s, values[2] / window_s)

        def rms(values: list[float]) -> PhaseValues:
            a, b, c = mean(values)
            return (sqrt(a), sqrt(b), sqrt(c))

        live = self.live_s > 0.5 * window_s
        return Averages(
            voltages_v=rms(self.square_v),
            currents_a=rms(self.square_i),
            active_powers_w=mean(self.active_w),
            reactive_powers_var=mean(self.reactive_var),
            frequency_hz=self.cycles / self.live_s if live else float("nan"),
            grid_currents_a=rms(self.square_grid),
        )


def _linear(values: PhaseValues, slopes: PhaseValues, x: float) -> PhaseValues:
    return (
        values[0] + slopes[0] * x,
        values[1] + slopes[1] * x,
        values[2] + slopes[2] * x,
    )
