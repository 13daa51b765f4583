"""Waveforms whose truth is known: a voltage step, a current that ends, noise and harmonics."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi, sqrt

import numpy as np

from instruments.interfaces import Recording, Samples

PHASE_ANGLES_RAD = (0.0, -2 * pi / 3, 2 * pi / 3)
FALLEN_TO = 0.05


@dataclass(frozen=True)
class Scene:
    """What happens at an inverter's terminals, in SI units from the start of the record.

    Attributes:
        stepped: indices of the phases whose voltage steps.
        decay_s: time from the end of regulation until the current has fallen to 5 %.
        exponential: shape of the decay; otherwise a straight line to zero.
        filter_a: rms capacitive current from the end of generation until the relay opens.
        noise_a, noise_v: rms white noise of each channel.
        angle_rad: angle of phase 1 at the step.
    """

    phases: int = 3
    sample_rate_hz: float = 10_000.0
    duration_s: float = 0.5
    frequency_hz: float = 50.0
    angle_rad: float = 0.3
    step_s: float = 0.2
    voltage_v: float = 230.0
    stepped_to_v: float = 268.0
    stepped: tuple[int, ...] = (0, 1, 2)
    voltage_harmonics: float = 0.03
    noise_v: float = 0.5
    current_a: float = 14.5
    current_after_step: float = 1.0
    current_harmonics: float = 0.05
    noise_a: float = 0.0145
    end_s: float = 0.35
    decay_s: float = 0.0
    exponential: bool = False
    filter_a: float = 0.174
    relay_s: float = 0.02
    seed: int = 1

    @property
    def cease_s(self) -> float:
        """When the current has fallen to 5 %: the truth about cessation."""
        return self.end_s + self.decay_s

    @property
    def disconnect_s(self) -> float:
        """When nothing flows any more: the truth about disconnection."""
        return self.cease_s + self.relay_s

    @property
    def voltages(self) -> list[str]:
        """Names of the voltage channels."""
        return [f"u{k + 1}" for k in range(self.phases)]

    @property
    def currents(self) -> list[str]:
        """Names of the inverter's current channels."""
        return [f"i{k + 1}" for k in range(self.phases)]

    @property
    def grid_currents(self) -> list[str]:
        """Names of the grid's current channels."""
        return [f"ig{k + 1}" for k in range(self.phases)]

    def times_s(self) -> Samples:
        return np.arange(round(self.duration_s * self.sample_rate_hz)) / self.sample_rate_hz

    def recording(self) -> Recording:
        """Return what a recorder makes of the scene: u1…, i1… and the grid's current ig1…"""
        noise = np.random.default_rng(self.seed)
        channels: dict[str, Samples] = {}
        for k in range(self.phases):
            channels[f"u{k + 1}"] = self.voltage(k) + self._noise(noise, self.noise_v)
            channels[f"i{k + 1}"] = self.current(k) + self._noise(noise, self.noise_a)
            channels[f"ig{k + 1}"] = self.grid_current(k) + self._noise(noise, self.noise_a)
        units = {name: "V" if name.startswith("u") else "A" for name in channels}
        return Recording(self.sample_rate_hz, 0.0, channels, units, "synthetic record")

    def voltage(self, phase: int) -> Samples:
        after_v = self.stepped_to_v if phase in self.stepped else self.voltage_v
        level_v = np.where(self.times_s() < self.step_s, self.voltage_v, after_v)
        return sqrt(2) * level_v * self._shape(phase, self.voltage_harmonics)

    def current(self, phase: int) -> Samples:
        t = self.times_s()
        level_a = np.where(t < self.step_s, 1.0, self.current_after_step) * self.current_a
        generated = (
            sqrt(2) * level_a * self._envelope(t) * self._shape(phase, self.current_harmonics)
        )
        drawn = sqrt(2) * self.filter_a * np.cos(self._angle(phase))
        return generated + np.where((t >= self.cease_s) & (t < self.disconnect_s), drawn, 0.0)

    def grid_current(self, phase: int) -> Samples:
        """A contactor that opens at `step_s`: the current through it stops."""
        shape = self._shape(phase, self.current_harmonics)
        return np.where(self.times_s() < self.step_s, sqrt(2) * self.current_a * shape, 0.0)

    def _angle(self, phase: int) -> Samples:
        turned = 2 * pi * self.frequency_hz * (self.times_s() - self.step_s)
        return turned + self.angle_rad + PHASE_ANGLES_RAD[phase]

    def _shape(self, phase: int, harmonics: float) -> Samples:
        angle = self._angle(phase)
        return np.sin(angle) + harmonics * np.sin(5 * angle)

    def _envelope(self, t: Samples) -> Samples:
        x = np.maximum(t - self.end_s, 0.0)
        if self.decay_s == 0.0:
            return np.where(t < self.end_s, 1.0, 0.0)
        if self.exponential:
            return np.exp(x / self.decay_s * log(FALLEN_TO))
        return np.maximum(0.0, 1.0 - x / self.decay_s * (1 - FALLEN_TO))

    def _noise(self, generator: np.random.Generator, rms: float) -> Samples:
        return generator.normal(0.0, rms, len(self.times_s())) if rms else np.zeros(1)
