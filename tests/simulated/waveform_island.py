"""The island again, sample by sample: a slow model in the time domain to judge the fast one by.

Nothing is shared with `instruments.simulated.physics.island` but the descriptions of load, control and start:
here are real voltages and currents, the loop is a sampled controller, the load a differential equation by
the trapezoidal rule at the control's `sample_rate_hz`.
"""

from __future__ import annotations

import random
from collections import deque
from math import atan2, cos, exp, floor, hypot, pi, sin, sqrt

from instruments.simulated.physics.island_control import IslandControl
from instruments.simulated.physics.island_state import IslandStart
from instruments.simulated.physics.parallel_load import ParallelLoad

NOMINAL_PLACES_RAD = (0.0, -2 * pi / 3, 2 * pi / 3)


class ResonantPhase:
    """C v' = i - G v - j and L j' = v for the inductor's current j, with i linear over a sample."""

    def __init__(
        self, load: ParallelLoad, phase: int, start: IslandStart, current_a: float, dt: float
    ) -> None:
        self._conductance_s = load.conductance_s[phase]
        self._dt_per_h = dt * load.inverse_inductance_per_h[phase]
        self._farad_per_dt = load.capacitance_f[phase] / dt
        self._dt = dt
        angle = start.theta_rad + NOMINAL_PLACES_RAD[phase] + start.voltage_angles_rad[phase]
        peak_v = sqrt(2) * start.voltages_v[phase]
        self.volts = peak_v * sin(angle)
        w = 2 * pi * start.frequency_hz
        self.inductor_a = -peak_v * load.inverse_inductance_per_h[phase] / w * cos(angle)
        self.current_a = current_a

    def move(self, current_a: float) -> None:
        """Go on by one sample; the source current arrives at `current_a`."""
        quarter = 0.25 * self._dt_per_h
        half_g = 0.5 * self._conductance_s
        volts = (
            (self._farad_per_dt - half_g - quarter) * self.volts
            - self.inductor_a
            + 0.5 * (self.current_a + current_a)
        ) / (self._farad_per_dt + half_g + quarter)
        self.inductor_a += 2 * quarter * (self.volts + volts)
        self.volts, self.current_a = volts, current_a


class QuadratureFilter:
    """Sampled second-order generalised integrator, trapezoidal rule."""

    def __init__(self, gain: float, dt: float, now: float, quarter_cycle_ago: float) -> None:
        self._gain, self._dt = gain, dt
        self.direct, self.quadrature = now, quarter_cycle_ago
        self._last = now

    def move(self, sample: float, w: float) -> None:
        a, b = 0.5 * self._dt * w * self._gain, 0.5 * self._dt * w
        driven = (1 - a) * self.direct - b * self.quadrature + a * (self._last + sample)
        turned = self.quadrature + b * self.direct
        self.direct = (driven - b * turned) / (1 + a + b * b)
        self.quadrature = turned + b * self.direct
        self._last = sample


class WaveformIsland:
    """Inverter and load, moved sample by sample with a demand that stays.

    Attributes:
        frequency_hz: frequency the inverter measures, filtered.
        trace: when `traced`, one row (seconds, voltages, currents) per sample.
    """

    def __init__(
        self,
        load: ParallelLoad,
        control: IslandControl,
        start: IslandStart,
        seed: int,
        traced: bool = False,
    ) -> None:
        self.control = control
        self.dt = 1 / control.sample_rate_hz
        self.time_s = 0.0
        self.trace: list[tuple[float, list[float], list[float]]] | None = [] if traced else None
        self._random = random.Random(seed)
        n = control.phases
        self._places = NOMINAL_PLACES_RAD[:n]
        self._nominal = 2 * pi * control.nominal_frequency_hz
        self._w = self._integral = 2 * pi * start.frequency_hz
        self.frequency_hz = start.frequency_hz
        self._shift_rad = self._shift(start.frequency_hz)
        currents = [self._opening_current_a(start, k) for k in range(n)]
        self._phases = [ResonantPhase(load, k, start, currents[k], self.dt) for k in range(n)]
        before = zip(_axes(start, n, 0.0), _axes(start, n, -pi / 2), strict=True)
        self._filters = [QuadratureFilter(control.sogi_gain, self.dt, *pair) for pair in before]
        direct, quadrature = self._sequence_now()
        self._theta = atan2(direct, -quadrature)
        self._measured_v = self._opening_v = hypot(direct, quadrature) / sqrt(2)
        cycle = round(control.sample_rate_hz / control.nominal_frequency_hz)
        self._squares = [deque([v**2] * cycle, cycle) for v in start.voltages_v[:n]]
        self._square_sums = [v**2 * cycle for v in start.voltages_v[:n]]

    @property
    def voltages_v(self) -> tuple[float, ...]:
        """Rms over the last nominal cycle."""
        return tuple(
            sqrt(max(0.0, total) / len(squares))
            for total, squares in zip(self._square_sums, self._squares, strict=True)
        )

    def advance(self, duration_s: float, active_power_w: float, reactive_power_var: float) -> None:
        for _ in range(round(duration_s / self.dt)):
            self._sample(active_power_w, reactive_power_var)

    def _opening_current_a(self, start: IslandStart, k: int) -> float:
        angle = start.theta_rad + NOMINAL_PLACES_RAD[k] + start.voltage_angles_rad[k]
        active, reactive = start.currents_active_a[k], start.currents_reactive_a[k]
        return sqrt(2) * (active * sin(angle) - reactive * cos(angle))

    def _sample(self, active_power_w: float, reactive_power_var: float) -> None:
        control, dt = self.control, self.dt
        amplitude_a, lead_rad = self._reference(active_power_w, reactive_power_var)
        theta_next = self._theta + dt * self._w
        keep = exp(-dt / control.current_time_constant_s)
        for place, phase in zip(self._places, self._phases, strict=True):
            wanted = amplitude_a * sin(self._theta + place + lead_rad)
            wanted_next = amplitude_a * sin(theta_next + place + lead_rad)
            phase.move(wanted_next + (phase.current_a - wanted) * keep)
        if floor(theta_next / (2 * pi)) != floor(self._theta / (2 * pi)):
            self._shift_rad = self._shift(self.frequency_hz)
        self._theta = theta_next
        self.time_s += dt
        self._measure()

    def _shift(self, frequency_hz: float) -> float:
        control = self.control
        off_hz = frequency_hz - control.nominal_frequency_hz
        fraction = control.shift_offset + control.shift_gain_per_hz * off_hz
        return min(max(fraction, -control.shift_limit), control.shift_limit) * pi / 2

    def _reference(self, active_power_w: float, reactive_power_var: float) -> tuple[float, float]:
        """Return peak current per phase and the angle by which it leads the loop."""
        control = self.control
        volts = self._measured_v if control.constant_power else self._opening_v
        power = hypot(active_power_w, reactive_power_var)
        rms_a = min(control.current_limit_a, power / (control.phases * max(volts, 1.0)))
        lag_rad = atan2(reactive_power_var, active_power_w)
        return sqrt(2) * rms_a, self._shift_rad + control.phase_error_rad - lag_rad

    def _measure(self) -> None:
        volts = [phase.volts for phase in self._phases]
        for squares, k in zip(self._squares, range(len(volts)), strict=True):
            new = volts[k] ** 2
            self._square_sums[k] += new - squares[0]
            squares.append(new)
        if self.trace is not None:
            self.trace.append((self.time_s, volts, [p.current_a for p in self._phases]))
        noise_v = self.control.voltage_noise_v
        noisy = [v + self._random.gauss(0.0, noise_v) for v in volts] if noise_v else volts
        self._lock(*self._sequence(noisy))

    def _sequence(self, volts: list[float]) -> tuple[float, float]:
        """Return the fundamental (of the positive sequence) and itself 90 degrees later."""
        for filtered, sample in zip(self._filters, _clarke(volts), strict=True):
            filtered.move(sample, self._w)
        return self._sequence_now()

    def _sequence_now(self) -> tuple[float, float]:
        if len(self._filters) == 1:
            return self._filters[0].direct, self._filters[0].quadrature
        alpha, beta = self._filters
        return (
            0.5 * (alpha.direct - beta.quadrature),
            0.5 * (alpha.quadrature + beta.direct),
        )

    def _lock(self, direct: float, quadrature: float) -> None:
        control, dt = self.control, self.dt
        size = max(hypot(direct, quadrature), 1.0)
        error = (direct * cos(self._theta) + quadrature * sin(self._theta)) / size
        proportional, integral = control.pll_gains
        low, high = (2 * pi * f for f in control.pll_range_hz)
        self._integral = min(high, max(low, self._integral + integral * error * dt))
        self._w = min(high, max(low, self._integral + proportional * error))
        share = dt / control.frequency_filter_s
        self.frequency_hz += share * (self._w / (2 * pi) - self.frequency_hz)
        share = dt / control.voltage_filter_s
        self._measured_v += share * (size / sqrt(2) - self._measured_v)


def _clarke(volts: list[float]) -> list[float]:
    if len(volts) == 1:
        return volts
    a, b, c = volts
    return [(2 * a - b - c) / 3, (b - c) / sqrt(3)]


def _axes(start: IslandStart, phases: int, turned_rad: float) -> list[float]:
    """Return the components of the opening voltage, the angle turned by some amount."""
    return _clarke(
        [
            sqrt(2)
            * start.voltages_v[k]
            * sin(
                start.theta_rad + NOMINAL_PLACES_RAD[k] + start.voltage_angles_rad[k] + turned_rad
            )
            for k in range(phases)
        ]
    )
