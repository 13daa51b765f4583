"""Means over windows of a waveform: frequency, active power. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import floor

import numpy as np
from numpy.typing import NDArray

from bench.metering.checks import check_recording, name_of
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

FREQUENCY_ROUNDS = 2
FREQUENCY_MIN_CYCLES = 3


def moving_mean(samples: Samples, count: int) -> Samples:
    """Return the mean of each `count` consecutive samples; entry k covers samples k … k + count - 1."""
    sums = np.concatenate(([0.0], np.cumsum(samples)))
    means: Samples = (sums[count:] - sums[:-count]) / count
    return means


def fundamental_frequency_hz(samples: Samples, sample_rate_hz: float, nominal_hz: float) -> float:
    """Return the frequency of the fundamental from the advance of its phase over one cycle.

    Args:
        samples: at least three cycles.
        nominal_hz: the true frequency must lie within a quarter of it.

    Raises:
        RecordingError: fewer than three nominal cycles.
    """
    needed = round(FREQUENCY_MIN_CYCLES * sample_rate_hz / nominal_hz)
    if len(samples) < needed:
        raise RecordingError(
            f"frequency: {len(samples)} samples given, {FREQUENCY_MIN_CYCLES} cycles of "
            f"{nominal_hz:g} Hz are {needed}"
        )
    frequency_hz = nominal_hz
    for _ in range(FREQUENCY_ROUNDS):
        advance = _phase_advance_rad(samples, sample_rate_hz, frequency_hz)
        hop = round(sample_rate_hz / frequency_hz)
        frequency_hz += advance * sample_rate_hz / (2 * np.pi * hop)
        frequency_hz = float(np.clip(frequency_hz, 0.75 * nominal_hz, 1.25 * nominal_hz))
    return frequency_hz


def active_power_w(
    recording: Recording,
    voltage_channels: Sequence[str],
    current_channels: Sequence[str],
    *,
    frequency_hz: float,
    start_s: float,
    cycles: int,
) -> float:
    """Return the mean of Σ u·i over whole cycles from `start_s`, positive out of the inverter.

    Raises:
        RecordingError: the cycles do not lie inside the record.
    """
    check_recording(recording, [*voltage_channels, *current_channels])
    power = instantaneous_power_w(recording, voltage_channels, current_channels)
    first = start_s * recording.sample_rate_hz
    last = first + cycles * recording.sample_rate_hz / frequency_hz
    if first < 0 or last > len(power):
        raise RecordingError(
            f"{name_of(recording)}: active power over {cycles} cycles of {frequency_hz:g} Hz from "
            f"{start_s:.4f} s leaves the record of {recording.duration_s:.4f} s"
        )
    return float(means_between(power, np.array([first]), np.array([last]))[0])


def instantaneous_power_w(
    recording: Recording, voltage_channels: Sequence[str], current_channels: Sequence[str]
) -> Samples:
    """Return Σ u·i sample by sample; the channels are paired in order."""
    pairs = zip(voltage_channels, current_channels, strict=True)
    total: Samples = sum(
        (recording.channels[u] * recording.channels[i] for u, i in pairs),
        start=np.zeros(recording.sample_count),
    )
    return total


def shifted(samples: Samples, shift: float) -> Samples:
    """Return the samples as they were `shift` samples earlier (later when negative).

    Fractions are interpolated linearly; where the record does not reach, the result is NaN.
    """
    whole = floor(shift)
    share = shift - whole
    result = _moved(samples, whole)
    if share:
        result += share * (_moved(samples, whole + 1) - result)
    return result


def _moved(samples: Samples, places: int) -> Samples:
    result: Samples = np.full(len(samples), np.nan)
    kept = max(0, len(samples) - abs(places))
    first = max(0, places)
    result[first : first + kept] = samples[first - places : first - places + kept]
    return result


def means_between(samples: Samples, starts: Samples, ends: Samples) -> Samples:
    """Return means over windows whose ends may lie between samples; sample k covers [k, k + 1)."""
    sums = np.concatenate(([0.0], np.cumsum(samples)))
    places = np.arange(len(sums))
    means: Samples = (np.interp(ends, places, sums) - np.interp(starts, places, sums)) / (
        ends - starts
    )
    return means


def _phase_advance_rad(samples: Samples, sample_rate_hz: float, frequency_hz: float) -> float:
    """Return how much further than expected the fundamental turned in one cycle."""
    hop = round(sample_rate_hz / frequency_hz)
    cycles = max(2, int((len(samples) - hop) * frequency_hz / sample_rate_hz))
    length = min(len(samples) - hop, round(cycles * sample_rate_hz / frequency_hz))
    carrier = _windowed_carrier(length, frequency_hz / sample_rate_hz)
    first, second = carrier @ samples[:length], carrier @ samples[hop : hop + length]
    expected = np.exp(-2j * np.pi * frequency_hz * hop / sample_rate_hz)
    return float(np.angle(second * np.conj(first) * expected))


@lru_cache(maxsize=8)
def _windowed_carrier(length: int, turns_per_sample: float) -> NDArray[np.complex128]:
    """Return a carrier under a Hann window; most measurements of a run begin with the same one."""
    places = np.arange(length)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * (places + 0.5) / length)
    carrier: NDArray[np.complex128] = np.exp(-2j * np.pi * turns_per_sample * places) * window
    return carrier
