"""The rms of every cycle, refreshed each half cycle: Urms(1/2) of IEC 61000-4-30:2015, 5.4. Pure numpy.

Each window lasts from one zero crossing of the fundamental to the second one after it. The crossings come from
the angle of the fundamental of a reference voltage, so that neither harmonics nor noise move them; while the
reference is dead they go on at the last frequency, as the standard asks of an interrupted channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from bench.metering.windows import fundamental_frequency_hz, means_between
from instruments.errors import RecordingError
from instruments.interfaces import Samples

LEAST_CYCLES = 3
FREQUENCY_CYCLES = 5
LIVE_SHARE = 0.1


@dataclass(frozen=True)
class RmsSeries:
    """True rms of windows of one cycle, one beginning every half cycle.

    Attributes:
        starts_s: start of each window from the start of the samples.
        windows_s: length of each.
        values: rms in the unit of the samples.
    """

    starts_s: Samples
    windows_s: Samples
    values: Samples

    @property
    def middles_s(self) -> Samples:
        """Middle of each window from the start of the samples."""
        middles: Samples = self.starts_s + 0.5 * self.windows_s
        return middles


def half_cycle_rms(
    samples: Samples, reference: Samples, sample_rate_hz: float, *, nominal_frequency_hz: float
) -> RmsSeries:
    """Return the rms over one cycle of the reference's fundamental, from each of its zero crossings.

    Args:
        samples: voltage or current, shape (samples,).
        reference: voltage whose zero crossings bound the windows, of the same shape; its own for a voltage.

    Raises:
        RecordingError: fewer than three nominal cycles.
    """
    edges = zero_crossings(reference, sample_rate_hz, nominal_frequency_hz=nominal_frequency_hz)
    starts, ends = edges[:-2], edges[2:]
    squares = means_between(np.square(samples), starts, ends)
    return RmsSeries(
        starts / sample_rate_hz,
        (ends - starts) / sample_rate_hz,
        np.sqrt(np.maximum(squares, 0.0)),
    )


def zero_crossings(
    reference: Samples, sample_rate_hz: float, *, nominal_frequency_hz: float
) -> Samples:
    """Return where the fundamental crosses zero, rising and falling, in samples from the first one.

    Half a cycle at either end of the record is left out: no whole cycle lies around it.

    Raises:
        RecordingError: fewer than three nominal cycles.
    """
    cycle = sample_rate_hz / nominal_frequency_hz
    if len(reference) < round(LEAST_CYCLES * cycle):
        raise RecordingError(
            f"zero crossings: {len(reference)} samples given, {LEAST_CYCLES} cycles of "
            f"{nominal_frequency_hz:g} Hz are {round(LEAST_CYCLES * cycle)}"
        )
    frequency_hz = _first_frequency_hz(reference, sample_rate_hz, nominal_frequency_hz)
    places, angles_rad = _angles(reference, 2 * pi * frequency_hz / sample_rate_hz)
    rising = np.maximum.accumulate(angles_rad)
    first, last = np.ceil(rising[0] / pi), np.floor(rising[-1] / pi)
    crossings: Samples = np.interp(pi * np.arange(first, last + 1), rising, places)
    return crossings


def _first_frequency_hz(reference: Samples, sample_rate_hz: float, nominal_hz: float) -> float:
    """Return the frequency of the first cycles; nominal where the reference begins dead."""
    first = reference[: round(FREQUENCY_CYCLES * sample_rate_hz / nominal_hz)]
    if np.mean(np.square(first)) <= LIVE_SHARE**2 * np.mean(np.square(reference)):
        return nominal_hz
    return fundamental_frequency_hz(first, sample_rate_hz, nominal_hz)


def _angles(reference: Samples, turn_rad: float) -> tuple[Samples, Samples]:
    """Return places half a cycle away from the ends, and the angle of the fundamental's sine there.

    Args:
        turn_rad: by how much the fundamental turns from one sample to the next.
    """
    cycle = 2 * pi / turn_rad
    carrier = np.exp(-1j * turn_rad * np.arange(len(reference)))
    middles = np.arange(np.ceil(0.5 * cycle), len(reference) - 0.5 * cycle)
    around = (middles - 0.5 * cycle, middles + 0.5 * cycle)
    phasors = means_between(reference * carrier.real, *around) + 1j * means_between(
        reference * carrier.imag, *around
    )
    relative_rad = np.unwrap(_held(phasors, round(cycle)))
    return middles, relative_rad + turn_rad * middles + 0.5 * pi


def _held(phasors: NDArray[np.complex128], cycle: int) -> Samples:
    """Return the angles of phasors, and the last good one where a window holds a dead reference or its edge."""
    sizes = np.abs(phasors)
    live = sizes >= LIVE_SHARE * sizes.max()
    padded = np.pad(live, cycle, mode="edge")
    good = live & padded[: len(live)] & padded[2 * cycle :]
    newest = np.maximum.accumulate(np.where(good, np.arange(len(phasors)), 0))
    return np.angle(phasors[newest])
