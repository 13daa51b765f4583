"""Can this recording carry a measurement at all? Everything here refuses; nothing repairs."""

from __future__ import annotations

from collections.abc import Sequence
from math import acos, pi

import numpy as np
from numpy.typing import NDArray

from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

CLIPPED_S = 0.5e-3
CLIPPED_SAMPLES = 5
FEWEST_STEPS = 64
SLOWEST_MAINS_HZ = 45.0

Flags = NDArray[np.bool_]


def check_recording(
    recording: Recording, channels: Sequence[str], *, minimum_duration_s: float = 0.0
) -> None:
    """Refuse a recording whose channels are missing, broken, clipped, unequal or too short.

    Raises:
        RecordingError: names the source, the channel and the first sample that is wrong.
    """
    if not channels:
        raise RecordingError(f"{name_of(recording)}: no channel was named, nothing can be measured")
    for channel in channels:
        _check_present(recording, channel)
        _check_finite(recording, channel)
        _check_clipping(recording, channel)
    _check_lengths(recording, channels)
    _check_duration(recording, len(recording.channels[channels[0]]), minimum_duration_s)


def name_of(recording: Recording) -> str:
    """Return what a message calls the recording."""
    return recording.source or "recording without a source"


def _check_present(recording: Recording, channel: str) -> None:
    if channel not in recording.channels:
        present = ", ".join(repr(name) for name in recording.channels)
        raise RecordingError(
            f"{name_of(recording)}: no channel {channel!r}. The recording has: {present}"
        )


def _check_finite(recording: Recording, channel: str) -> None:
    bad = np.flatnonzero(~np.isfinite(recording.channels[channel]))
    if bad.size:
        first = int(bad[0])
        raise RecordingError(
            f"{name_of(recording)}: channel {channel!r}: sample {first} "
            f"({first / recording.sample_rate_hz:.6f} s) is {recording.channels[channel][first]}, "
            f"one of {bad.size} that are not numbers. A record with holes is not measured"
        )


def _check_clipping(recording: Recording, channel: str) -> None:
    samples = recording.channels[channel]
    longest = max(CLIPPED_SAMPLES, round(CLIPPED_S * recording.sample_rate_hz))
    for extreme in (samples.max(initial=-np.inf), samples.min(initial=np.inf)):
        flat = samples == extreme
        if np.count_nonzero(flat) < longest:
            continue
        start, length = longest_run(flat)
        if length >= longest and length >= _natural_flat(samples, recording.sample_rate_hz):
            raise RecordingError(
                f"{name_of(recording)}: channel {channel!r} is clipped: {length} samples in a row "
                f"from sample {start} ({start / recording.sample_rate_hz:.6f} s) stand at its "
                f"extreme value {extreme:g} {recording.units.get(channel, '')}. "
                "Record again with a larger range"
            )


def _natural_flat(samples: Samples, sample_rate_hz: float) -> float:
    """Return how many samples quantisation alone can make equal at a sine's peak.

    Infinite for a signal of a few quantisation steps: that is not one at the end of its range.
    """
    levels = np.unique(samples)
    peak = float(np.abs(levels).max())
    if levels.size < 2 or peak < FEWEST_STEPS * float(np.diff(levels).min()):
        return float("inf")
    step = float(np.diff(levels).min())
    return 1.5 * sample_rate_hz * acos(1.0 - step / peak) / (pi * SLOWEST_MAINS_HZ)


def _check_lengths(recording: Recording, channels: Sequence[str]) -> None:
    lengths = {channel: len(recording.channels[channel]) for channel in channels}
    if len(set(lengths.values())) > 1:
        stated = ", ".join(f"{channel!r} {length}" for channel, length in lengths.items())
        raise RecordingError(
            f"{name_of(recording)}: channels of unequal length ({stated} samples): "
            "they cannot share one time axis"
        )


def _check_duration(recording: Recording, samples: int, minimum_duration_s: float) -> None:
    duration_s = samples / recording.sample_rate_hz
    if samples == 0 or duration_s < minimum_duration_s:
        raise RecordingError(
            f"{name_of(recording)}: {samples} samples at {recording.sample_rate_hz:g} S/s are "
            f"{duration_s:.4f} s; at least {minimum_duration_s:.4f} s are needed"
        )


def longest_run(flags: Flags) -> tuple[int, int]:
    """Return start and length of the longest run of true values; (0, 0) without any."""
    starts, lengths = runs(flags)
    if not starts.size:
        return 0, 0
    longest = int(np.argmax(lengths))
    return int(starts[longest]), int(lengths[longest])


def runs(flags: Flags) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return starts and lengths of all runs of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return edges[::2], edges[1::2] - edges[::2]
