"""Harmonic, interharmonic and DC components of a current, and its displacement factor. Pure numpy.

Grouping after IEC 61000-4-7:2002 with amendment 1: a harmonic subgroup is the line of the harmonic and its two
neighbours, a centred interharmonic subgroup the seven lines between two harmonic subgroups. Windows are
combined as root mean square (IEC 61000-4-30). A resolution of 5 Hz and the groups hold for 50 Hz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from bench.metering.checks import check_recording
from bench.metering.spectrum import CYCLES, line_spectra
from bench.metering.windows import fundamental_frequency_hz
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

HIGHEST_ORDER = 50

Lines = NDArray[np.complex128]


@dataclass(frozen=True)
class HarmonicSpectrum:
    """Components of one current, in the unit of its channel, rms.

    Attributes:
        subgroups: of every window, shape (windows, HIGHEST_ORDER); column h - 1 is order h.
        interharmonics: between order h and h + 1, over all windows, shape (HIGHEST_ORDER - 1,).
        direct: DC component of every window, with its sign, shape (windows,).
        displacement_factor: cosine of the angle between the fundamentals of current and voltage.
    """

    channel: str
    frequency_hz: float
    subgroups: Samples
    interharmonics: Samples
    direct: Samples
    displacement_factor: float

    @property
    def harmonics(self) -> Samples:
        """Root mean square over the windows of each order from 1, shape (HIGHEST_ORDER,)."""
        values: Samples = np.sqrt(np.mean(self.subgroups**2, axis=0))
        return values

    @property
    def fundamental(self) -> float:
        """Rms of the fundamental."""
        return float(self.harmonics[0])

    @property
    def distortion(self) -> float:
        """Orders 2 to 50 over the fundamental (THDS of IEC 61000-4-7), as a share."""
        return float(np.sqrt(np.sum(self.harmonics[1:] ** 2)) / self.harmonics[0])

    def scatter_of(self, order: int) -> float:
        """Return the standard uncertainty of the mean of an order, as its windows scatter."""
        return scatter(self.subgroups[:, order - 1])

    @property
    def distortion_scatter(self) -> float:
        """Standard uncertainty of the mean distortion, as its windows scatter."""
        each = np.sqrt(np.sum(self.subgroups[:, 1:] ** 2, axis=1)) / self.subgroups[:, 0]
        return scatter(each)


def scatter(values: Samples) -> float:
    """Return the standard uncertainty of the mean of at least two values."""
    return float(np.std(values, ddof=1) / sqrt(len(values)))


def measure_spectra(
    recording: Recording,
    voltage_channels: Sequence[str],
    current_channels: Sequence[str],
    *,
    nominal_frequency_hz: float,
) -> list[HarmonicSpectrum]:
    """Return the spectrum of every current; channels are paired in order.

    Raises:
        RecordingError: see `check_recording`; two windows of ten cycles are needed, and a rate above
            twice the highest order.
    """
    check_recording(recording, [*voltage_channels, *current_channels])
    rate_hz = recording.sample_rate_hz
    frequency_hz = fundamental_frequency_hz(
        recording.channels[voltage_channels[0]], rate_hz, nominal_frequency_hz
    )
    if rate_hz < 2 * (HIGHEST_ORDER + 1) * frequency_hz:
        raise RecordingError(
            f"harmonics to order {HIGHEST_ORDER} of {frequency_hz:.2f} Hz: recorded at {rate_hz:g} S/s, "
            f"expected at least {2 * (HIGHEST_ORDER + 1) * frequency_hz:.0f} S/s"
        )
    stacked = np.stack(
        [recording.channels[name] for name in (*voltage_channels, *current_channels)]
    )
    lines = line_spectra(stacked, rate_hz, frequency_hz)
    if lines.shape[1] < 2:
        raise RecordingError(
            f"harmonics: one window of {CYCLES} cycles says nothing about its scatter; record at least two"
        )
    voltages, currents = lines[: len(voltage_channels)], lines[len(voltage_channels) :]
    return [
        _spectrum(channel, frequency_hz, voltage, current)
        for channel, voltage, current in zip(current_channels, voltages, currents, strict=True)
    ]


def _spectrum(
    channel: str, frequency_hz: float, voltage: Lines, current: Lines
) -> HarmonicSpectrum:
    power = np.sum(voltage[:, CYCLES] * current[:, CYCLES].conj())
    squares = np.abs(current) ** 2
    between = _sums(squares, range(2, CYCLES - 1), HIGHEST_ORDER - 1)
    return HarmonicSpectrum(
        channel=channel,
        frequency_hz=frequency_hz,
        subgroups=np.sqrt(_sums(squares, range(-1, 2), HIGHEST_ORDER)),
        interharmonics=np.sqrt(np.mean(between, axis=0)),
        direct=current[:, 0].real,
        displacement_factor=float(power.real / abs(power)),
    )


def _sums(squares: Samples, around: range, orders: int) -> Samples:
    """Return sums over the lines `around` each of the first harmonics, shape (windows, orders)."""
    centres = CYCLES * np.arange(1, orders + 1)
    sums: Samples = squares[:, centres[:, None] + np.asarray(around)].sum(axis=2)
    return sums
