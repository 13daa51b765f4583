"""The inverter's side of an island: how it finds phase and frequency, and how it shifts its current.

A second-order generalised integrator (SOGI) turns the measured voltage into two components in quadrature, a
phase-locked loop follows their angle, and the Sandia frequency shift turns the current away from the voltage
in proportion to the frequency's deviation. Envelopes as in `parallel_load`.
"""

from __future__ import annotations

from cmath import exp, phase
from dataclasses import dataclass
from math import exp as real_exp
from math import floor, inf, pi, sqrt
from random import Random

from instruments.errors import ConfigurationError

LEAST_VOLTAGE_V = 1.0


@dataclass(frozen=True)
class IslandControl:
    """What of an inverter's behaviour decides how its island goes.

    Attributes:
        phases: 1 or 3. Three phases carry balanced currents in phase with the positive sequence.
        current_time_constant_s: lag of the current behind its reference, in the frame of the PLL.
        sogi_gain: damping of the generalised integrator.
        pll_gains: proportional (rad/s) and integral (rad/s²) for an angle error of 1 rad.
        pll_range_hz: frequencies the loop is held to.
        frequency_filter_s: lag of the measured frequency, which protection and shift look at.
        voltage_filter_s: lag of the measured voltage, by which the power demand is divided.
        shift_gain_per_hz: chopping fraction per Hz of deviation; 0 and no `shift_offset` is no method.
        shift_offset: chopping fraction at nominal frequency; positive pushes upwards.
        shift_limit: ceiling of the chopping fraction's size.
        phase_error_rad: by how much the current leads where the control means it to be in phase.
        constant_power: whether power is held; else the current that belongs to the demanded power at the
            voltage present when the island began.
        current_limit_a: ceiling of the reference, rms.
        voltage_ceiling_v: rms voltage at which the bridge saturates and its current gives way; a varistor
            keeps the bus below it when the current has ceased.
        voltage_noise_v: standard deviation of one sample of the measured voltage.
        sample_rate_hz: samples per second of that measurement.
    """

    phases: int = 3
    nominal_frequency_hz: float = 50.0
    current_time_constant_s: float = 0.5e-3
    sogi_gain: float = sqrt(2)
    pll_gains: tuple[float, float] = (92.0, 4232.0)
    pll_range_hz: tuple[float, float] = (40.0, 60.0)
    frequency_filter_s: float = 0.02
    voltage_filter_s: float = 0.01
    shift_gain_per_hz: float = 0.05
    shift_offset: float = 0.01
    shift_limit: float = 0.15
    phase_error_rad: float = 0.0
    constant_power: bool = True
    current_limit_a: float = inf
    voltage_ceiling_v: float = 310.0
    voltage_noise_v: float = 0.5
    sample_rate_hz: float = 20_000.0

    def __post_init__(self) -> None:
        if self.phases not in (1, 3):
            raise ConfigurationError(f"island control: {self.phases} phases; expected 1 or 3")

    def shift_rad(self, frequency_hz: float) -> float:
        """Return the angle by which the active method makes the current lead the voltage."""
        fraction = self.shift_offset + self.shift_gain_per_hz * (
            frequency_hz - self.nominal_frequency_hz
        )
        return 0.5 * pi * max(-self.shift_limit, min(self.shift_limit, fraction))


def threshold_gain_per_hz(quality_factor: float, frequency_hz: float) -> float:
    """Return the shift gain above which a matched island runs away: 4 Qf / (π f)."""
    return 4 * quality_factor / (pi * frequency_hz)


class Quadrature:
    """Generalised integrator: the input's envelope, and itself a quarter of a cycle later."""

    def __init__(self, gain: float, frame_rad_per_s: float, step_s: float, level: complex) -> None:
        self._gain, self._half_s = gain, 0.5 * step_s
        self._turn = 0.5j * step_s * frame_rad_per_s
        self.direct, self.later = level, -1j * level

    def move(self, level: complex, w: float) -> None:
        """Trapezoidal rule for A' = w(k(V - A) - B) - jw0 A and B' = wA - jw0 B."""
        b, turn = self._half_s * w, self._turn
        a, c = b * self._gain, 1 + turn
        direct = (1 - a - turn) * self.direct - b * self.later + 2 * a * level
        later = b * self.direct + (1 - turn) * self.later
        self.direct = (c * direct - b * later) / ((c + a) * c + b * b)
        self.later = (later + b * self.direct) / c


class Lock:
    """Generalised integrators, phase-locked loop, frequency filter and once-a-cycle shift.

    The loop sees the positive sequence, and the negative one only while the integrators have not yet
    settled on it; then it appears as ripple at twice the frequency. A single phase is the same with its
    voltage as both sequences.

    Attributes:
        control: gains, and the active method.
        angle_rad: angle of the loop in the frame that turns at nominal frequency.
        slip_rad_per_s: what its angular frequency exceeds nominal by.
        frequency_hz: measured frequency, filtered.
        voltage_v: measured rms voltage of the positive sequence, filtered.
        shift_rad: present angle of the active method.

    Args:
        positive, negative: sequences of the voltage; the negative is None where there is none.
    """

    def __init__(
        self,
        control: IslandControl,
        positive: complex,
        negative: complex | None,
        frequency_hz: float,
        step_s: float,
        seed: int,
    ) -> None:
        self.control, self._step_s = control, step_s
        self._nominal = 2 * pi * control.nominal_frequency_hz
        self._positive = Quadrature(control.sogi_gain, self._nominal, step_s, positive)
        self._negative: Quadrature | None = None
        if control.phases == 1:
            self._negative = self._positive
        elif negative is not None:
            self._negative = Quadrature(control.sogi_gain, self._nominal, step_s, negative)
        self._random = Random(seed)
        self._noise_v = noise_per_step_v(control, step_s)
        self.angle_rad = phase(positive)
        self._integral = self.slip_rad_per_s = 2 * pi * frequency_hz - self._nominal
        low_hz, high_hz = control.pll_range_hz
        self._slip_range = (2 * pi * low_hz - self._nominal, 2 * pi * high_hz - self._nominal)
        self._error = 0.0
        self.frequency_hz = frequency_hz
        self.voltage_v = abs(positive)
        self.shift_rad = control.shift_rad(frequency_hz)
        self._frequency_share = 1 - real_exp(-step_s / control.frequency_filter_s)
        self._voltage_share = 1 - real_exp(-step_s / control.voltage_filter_s)

    def advance(self, positive: complex, negative: complex | None, frame_rad: float) -> None:
        """Move on by one step.

        Args:
            positive, negative: means of the sequences during the step; the negative is without effect
                on a lock that began without one.
            frame_rad: angle of the frame when the step begins.
        """
        if self._noise_v:
            gauss = self._random.gauss
            positive += complex(gauss(0.0, self._noise_v), gauss(0.0, self._noise_v))
        w = self._nominal + self.slip_rad_per_s
        self._positive.move(positive, w)
        if negative is not None and self._negative is not None:
            self._negative.move(negative, w)
        before_rad = frame_rad + self.angle_rad
        frame_rad += self._step_s * self._nominal
        self._follow(self._seen(frame_rad))
        self._shift_once_a_cycle(before_rad, frame_rad + self.angle_rad)

    def _seen(self, frame_rad: float) -> complex:
        """Return the envelope that the components taken at this instant pretend to be."""
        settled = 0.5 * (self._positive.direct + 1j * self._positive.later)
        if self._negative is None:
            return settled
        unsettled = 0.5 * (self._negative.direct - 1j * self._negative.later)
        return settled - unsettled.conjugate() * exp(-2j * frame_rad)

    def _follow(self, sequence: complex) -> None:
        """Heun's rule for the PI loop, then the filters."""
        h, control = self._step_s, self.control
        proportional, integral = control.pll_gains
        low, high = self._slip_range
        size = max(abs(sequence), LEAST_VOLTAGE_V)
        foreseen_rad = self.angle_rad + h * self.slip_rad_per_s
        error = (sequence * exp(-1j * foreseen_rad)).imag / size
        summed = self._integral + 0.5 * h * integral * (self._error + error)
        self._integral = max(low, min(high, summed))
        slip = max(low, min(high, self._integral + proportional * error))
        self.angle_rad += 0.5 * h * (self.slip_rad_per_s + slip)
        self._error, self.slip_rad_per_s = error, slip
        raw_hz = (self._nominal + slip) / (2 * pi)
        self.frequency_hz += self._frequency_share * (raw_hz - self.frequency_hz)
        self.voltage_v += self._voltage_share * (abs(sequence) - self.voltage_v)

    def _shift_once_a_cycle(self, before_rad: float, after_rad: float) -> None:
        if floor(before_rad / (2 * pi)) != floor(after_rad / (2 * pi)):
            self.shift_rad = self.control.shift_rad(self.frequency_hz)


def noise_per_step_v(control: IslandControl, step_s: float) -> float:
    """Return the standard deviation of each component of the envelope's noise, as mean over a step.

    White samples of deviation s at rate r have the two-sided density s²/r; the envelope of peak values has four
    times that, the rms envelope twice, half of it in each component. The positive sequence of three
    independent phases has a third.
    """
    variance = control.voltage_noise_v**2 / (control.sample_rate_hz * step_s)
    return sqrt(variance / control.phases)
