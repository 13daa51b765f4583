"""Frequency and current of a recording cycle by cycle, for plots of a frequency that moves. Pure numpy.

A window of nominal length is no whole cycle then: its rms beats.
"""

from __future__ import annotations

import numpy as np

from instruments.interfaces import Recording, Samples
from reports.traces import OVERVIEW_POINTS, Pair, Trace, channels_of, decimate, window_of

SHORTEST_CYCLE_S = 0.012


def frequency_series(recording: Recording, start_s: float, span_s: tuple[float, float]) -> Pair:
    """Return the frequency of the first phase voltage, and the rms of the currents over the same cycles.

    Args:
        span_s: from and to, counted from `start_s`.
    """
    window = window_of(recording, start_s, span_s)
    rate = recording.sample_rate_hz
    first, *_ = channels_of(recording, "V")
    label, voltage = first
    crossings = upward_crossings(voltage[window], round(SHORTEST_CYCLE_S * rate))
    times_s = (window.start + crossings) / rate - start_s
    middles_s = 0.5 * (times_s[1:] + times_s[:-1])
    frequency = Trace(label, *decimate(middles_s, 1 / np.diff(times_s), OVERVIEW_POINTS))
    currents = [
        Trace(name, *decimate(middles_s, _rms(samples[window], crossings), OVERVIEW_POINTS))
        for name, samples in channels_of(recording, "A")
    ]
    return Pair([frequency], currents)


def upward_crossings(samples: Samples, least_apart: int) -> Samples:
    """Return where a waveform rises through zero, between samples; the first of several that are close."""
    places = np.flatnonzero((samples[:-1] < 0) & (samples[1:] >= 0))
    kept: list[int] = []
    for place in places.tolist():
        if not kept or place - kept[-1] >= least_apart:
            kept.append(place)
    chosen = np.array(kept, dtype=np.int64)
    return np.asarray(
        chosen - samples[chosen] / (samples[chosen + 1] - samples[chosen]), np.float64
    )


def _rms(samples: Samples, crossings: Samples) -> Samples:
    sums = np.concatenate(([0.0], np.cumsum(np.square(samples))))
    at = np.interp(crossings, np.arange(len(sums)), sums)
    return np.asarray(np.sqrt(np.diff(at) / np.diff(crossings)), np.float64)
