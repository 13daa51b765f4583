"""What is varied: one factor at a time around a base, and all together at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

Level = float


@dataclass(frozen=True)
class Conditions:
    """Under what a case is recorded.

    Attributes:
        noise: rms of white noise as a share of the channel's rated rms.
        harmonics: distortion of voltages and currents as a share of the fundamental, orders 5 and 7.
        decay_s: time in which the current falls to 5 %; 0 is an abrupt stop.
        bits: of the converter over the channel's range; 0 is a converter without steps.
        skew_s: by how much the current channels are sampled later than the voltage channels.
        angle_deg: of the first phase at the event; None is any.
        window_s: averaging window of readings.
    """

    noise: float = 0.001
    harmonics: float = 0.03
    decay_s: float = 0.0
    sample_rate_hz: float = 10_000.0
    bits: float = 16.0
    skew_s: float = 0.0
    angle_deg: float | None = None
    frequency_hz: float = 50.0
    window_s: float = 0.2


@dataclass(frozen=True)
class Factor:
    """One quantity that is varied.

    Attributes:
        key: attribute of `Conditions`.
        levels: what it is set to, one after the other.
        mixed: between which values it lies when everything is varied at once.
        scale, unit: how a level is printed.
    """

    name: str
    key: str
    levels: tuple[Level, ...]
    mixed: tuple[Level, Level]
    scale: float = 1.0
    unit: str = ""

    def text(self, level: Level) -> str:
        """Return a level as a reader wants it."""
        return f"{level * self.scale:g} {self.unit}".rstrip()


FACTORS: Mapping[str, Factor] = {
    factor.key: factor
    for factor in (
        Factor("noise", "noise", (0.0, 0.001, 0.003, 0.01), (0.0, 0.003), 100, "%"),
        Factor("harmonics", "harmonics", (0.0, 0.03, 0.05, 0.08), (0.0, 0.05), 100, "%"),
        Factor("decay time", "decay_s", (0.0, 0.001, 0.002, 0.005, 0.01), (0.0, 0.005), 1e3, "ms"),
        Factor("sampling rate", "sample_rate_hz", (5e3, 1e4, 2e4, 5e4), (1e4, 2e4), 1e-3, "kS/s"),
        Factor("converter", "bits", (10.0, 12.0, 14.0, 16.0), (12.0, 16.0), 1, "bits"),
        Factor("skew", "skew_s", (0.0, 5e-6, 2e-5, 1e-4), (0.0, 5e-6), 1e6, "µs"),
        Factor(
            "angle of the event", "angle_deg", tuple(range(0, 180, 15)), (0.0, 360.0), 1, "degrees"
        ),
        Factor("frequency", "frequency_hz", (47.0, 49.5, 50.0, 50.5, 52.0), (49.5, 50.5), 1, "Hz"),
        Factor("averaging window", "window_s", (0.05, 0.2, 1.0), (0.05, 1.0), 1, "s"),
    )
}
WHOLE = frozenset({"bits"})


def mix(keys: tuple[str, ...], base: Conditions, random: np.random.Generator) -> Conditions:
    """Return conditions in which every named factor lies anywhere in its range."""
    drawn = {key: float(random.uniform(*FACTORS[key].mixed)) for key in keys}
    rounded = {key: round(value) if key in WHOLE else value for key, value in drawn.items()}
    return replace(base, **rounded)
