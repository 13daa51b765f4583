"""By how much did the angles of the voltages jump? From the fundamental before and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.metering.instant import Instant
from bench.metering.resumption import part_of
from bench.metering.windows import fundamental_frequency_hz
from instruments.interfaces import Recording, Samples

CYCLES = 3
CLEAR_CYCLES = 0.5
FREQUENCY_CYCLES = 5


def measure_jumps_deg(
    recording: Recording, channels: Sequence[str], instant: Instant, *, nominal_frequency_hz: float
) -> list[float]:
    """Return by how much the voltage of each channel leads where it would have been, in degrees.

    Raises:
        RecordingError: the record does not reach five cycles before and four after the jump.
    """
    cycle_s = 1 / nominal_frequency_hz
    before_s = instant.earliest_s - CLEAR_CYCLES * cycle_s
    after_s = instant.latest_s + CLEAR_CYCLES * cycle_s
    before = part_of(recording, before_s - FREQUENCY_CYCLES * cycle_s, before_s)
    after = part_of(recording, after_s, after_s + (CYCLES + 0.5) * cycle_s)
    jumps = []
    for channel in channels:
        rate = recording.sample_rate_hz
        frequency_hz = fundamental_frequency_hz(
            before.channels[channel], rate, nominal_frequency_hz
        )
        samples = round(CYCLES * rate / frequency_hz)
        old = _angle_rad(before.channels[channel][-samples:], rate, frequency_hz)
        new = _angle_rad(after.channels[channel][:samples], rate, frequency_hz)
        first_old = round(before_s * rate) - samples
        passed_s = (round(after_s * rate) - first_old) / rate
        turned = new - old - 2 * np.pi * frequency_hz * passed_s
        jumps.append(float(np.degrees(np.angle(np.exp(1j * turned)))))
    return jumps


def _angle_rad(samples: Samples, sample_rate_hz: float, frequency_hz: float) -> float:
    """Return the angle of the fundamental at the first sample, by least squares."""
    phase = 2 * np.pi * frequency_hz * np.arange(len(samples)) / sample_rate_hz
    columns = np.stack([np.cos(phase), -np.sin(phase)], axis=1)
    (real, imaginary), *_ = np.linalg.lstsq(columns, samples, rcond=None)
    return float(np.arctan2(imaginary, real))
