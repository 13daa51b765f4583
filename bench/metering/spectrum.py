"""The spectrum of a waveform after IEC 61000-4-7: windows of ten cycles, lines of 5 Hz. Pure numpy.

The standard has the sampling follow the fundamental. A recorder does not, so each window is interpolated onto a
whole number of samples per ten *measured* cycles, with a windowed sinc: band-limited, unlike a straight line.
"""

from __future__ import annotations

from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

from instruments.errors import RecordingError
from instruments.interfaces import Samples

CYCLES = 10
HALF_KERNEL = 16
KAISER_BETA = 9.0
SERIES_TERMS = 24
"""Enough for KAISER_BETA to leave nothing but rounding."""


def line_spectra(
    samples: Samples, sample_rate_hz: float, frequency_hz: float
) -> NDArray[np.complex128]:
    """Return the rms phasors of consecutive windows of ten cycles, shape (channels, windows, lines).

    Line k lies at k/10 of the fundamental; line 0 is the DC component, with its sign. Edges of the
    record are left out as far as the interpolation needs them.

    Args:
        samples: shape (channels, samples).

    Raises:
        RecordingError: the record holds no whole window.
    """
    window = CYCLES * sample_rate_hz / frequency_hz
    count = int((samples.shape[1] - 2 * HALF_KERNEL) / window)
    if count < 1:
        raise RecordingError(
            f"spectrum: {samples.shape[1]} samples at {sample_rate_hz:g} S/s hold no whole window of "
            f"{CYCLES} cycles of {frequency_hz:g} Hz; record at least "
            f"{ceil(window) + 2 * HALF_KERNEL} samples"
        )
    points = 2 ** ceil(log2(window))
    places = HALF_KERNEL + np.arange(count * points) * window / points
    windows = interpolated(samples, places).reshape(-1, count, points)
    transform = np.fft.rfft(windows, axis=2)[:, :, : points // 2]
    lines: NDArray[np.complex128] = transform * (np.sqrt(2) / points)
    lines[:, :, 0] /= np.sqrt(2)
    return lines


def _kaiser(place: Samples) -> Samples:
    """Return Kaiser's window, which ends at ±1, by the power series of the Bessel function I0 in x²/4."""
    quarter_square = np.maximum(0.0, 1.0 - place * place) * (KAISER_BETA / 2) ** 2
    window = np.ones_like(place)
    for order in range(SERIES_TERMS, 0, -1):
        window *= quarter_square / order**2
        window += 1.0
    return window


def interpolated(samples: Samples, places: Samples) -> Samples:
    """Return band-limited signals between their samples, shape (channels, places).

    Args:
        samples: shape (channels, samples).
        places: in samples; at least `HALF_KERNEL` away from either end.
    """
    whole = np.floor(places).astype(np.intp)
    offsets = np.arange(1 - HALF_KERNEL, HALF_KERNEL + 1)
    distance = (places - whole)[:, None] - offsets
    kernel = np.sinc(distance) * _kaiser(distance / HALF_KERNEL)
    kernel /= kernel.sum(axis=1, keepdims=True)
    near = whole[:, None] + offsets
    values: Samples = np.stack([np.einsum("ij,ij->i", row[near], kernel) for row in samples])
    return values
