"""Waveforms as a recorder delivers them: harmonics, noise, converter steps, skew. Their truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from benchmarks.metering_study.conditions import Conditions
from instruments.interfaces import Recording, Samples

RATED_V, RATED_A = 230.0, 14.5
RANGES = {"V": 600.0, "A": 1.5 * sqrt(2) * RATED_A}
RATED = {"V": RATED_V, "A": RATED_A}
ORDERS = (5, 7)
PHASES_RAD = (0.0, -2 * pi / 3, 2 * pi / 3)

Signal = Callable[[Samples], Samples]
"""Times in s → instantaneous values."""


@dataclass(frozen=True)
class Shape:
    """A periodic wave of rms 1 in its fundamental, with harmonics of random angle.

    Attributes:
        shares, angles_rad: of the orders in `ORDERS`, against the fundamental.
    """

    shares: tuple[float, ...]
    angles_rad: tuple[float, ...]

    @classmethod
    def drawn(cls, harmonics: float, random: np.random.Generator) -> Shape:
        """Return a shape whose distortion is `harmonics`, split at random between the orders."""
        turn = random.uniform(0.0, pi / 2)
        shares = (harmonics * float(np.cos(turn)), harmonics * float(np.sin(turn)))
        angles_rad = random.uniform(0.0, 2 * pi, len(ORDERS))
        return cls(shares, tuple(map(float, angles_rad)))

    def at(self, angle_rad: Samples) -> Samples:
        """Return the wave at angles of its fundamental."""
        wave = np.sin(angle_rad)
        for order, share, turned_rad in zip(ORDERS, self.shares, self.angles_rad, strict=True):
            wave = wave + share * np.sin(order * angle_rad + turned_rad)
        return np.asarray(sqrt(2) * wave, dtype=np.float64)

    def rms(self) -> float:
        """Return the true rms of the wave."""
        return sqrt(1.0 + sum(share**2 for share in self.shares))


def record(
    voltages: list[Signal],
    currents: list[Signal],
    duration_s: float,
    conditions: Conditions,
    random: np.random.Generator,
) -> Recording:
    """Return the record u1…, i1… of signals that are functions of time."""
    times_s = np.arange(round(duration_s * conditions.sample_rate_hz)) / conditions.sample_rate_hz
    channels: dict[str, Samples] = {}
    units: dict[str, str] = {}
    for unit, letter, late_s, signals in (
        ("V", "u", 0.0, voltages),
        ("A", "i", conditions.skew_s, currents),
    ):
        for number, signal in enumerate(signals, start=1):
            name = f"{letter}{number}"
            channels[name] = converted(signal(times_s + late_s), unit, conditions, random)
            units[name] = unit
    return Recording(conditions.sample_rate_hz, 0.0, channels, units, "synthesised record")


def converted(
    samples: Samples, unit: str, conditions: Conditions, random: np.random.Generator
) -> Samples:
    """Return what a converter of the channel's range makes of samples with their noise."""
    noisy = samples + random.normal(0.0, 1.0, len(samples)) * conditions.noise * RATED[unit]
    if not conditions.bits:
        return noisy
    step = 2 * RANGES[unit] / 2**conditions.bits
    rounded: Samples = step * np.round(noisy / step)
    return rounded


def turning(frequency_hz: float, angle_rad: float, at_s: float) -> Signal:
    """Return the angle of a wave that is at `angle_rad` at the time `at_s`."""
    return lambda times_s: angle_rad + 2 * pi * frequency_hz * (times_s - at_s)


def event_angle_rad(conditions: Conditions, random: np.random.Generator) -> float:
    """Return the angle at which the event falls; any when the conditions leave it open."""
    if conditions.angle_deg is None:
        return float(random.uniform(0.0, 2 * pi))
    return float(np.radians(conditions.angle_deg))
