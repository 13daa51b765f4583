"""What a simulated analyser adds to the truth: its clock, its fixed errors and its noise.

Everything follows from the seed. Noise is drawn from counter-based generators keyed by what it
belongs to (reading number, sample block), so it does not depend on when or how often one asks.
Accuracy of voltage and current: 0.015 % of reading + 0.01 % of range; the fixed errors stay within
80 % of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np

from instruments.interfaces import Samples

CHANNELS = 6
QUANTITIES = 5
READING_ACCURACY = 1.5e-4
RANGE_ACCURACY = 1e-4
USED_ACCURACY = 0.8
READING_NOISE = 5e-6
SAMPLE_NOISE = 1e-4
FREQUENCY_NOISE_HZ = 2e-4
LARGEST_DRIFT = 2e-5
LARGEST_SKEW_S = 5e-7
LATEST_START_S = 80_000.0
EPOCH = datetime(2026, 1, 1)
NANOSECONDS = 1_000_000_000
BLOCK_SAMPLES = 16_384
BLOCK_READINGS = 256
_CLOCK, _ERRORS, _READINGS, _SAMPLES = range(4)


class _Stream:
    """Independent generators, one for each counter."""

    def __init__(self, seed: int, name: int) -> None:
        self._name = (seed, name)
        self._key = np.random.SeedSequence(self._name).generate_state(2, np.uint64)

    def at(self, *counter: int) -> np.random.Generator:
        words = [0, *counter, 0, 0, 0][:4]
        return np.random.Generator(np.random.Philox(key=self._key, counter=words))

    def fast_at(self, *counter: int) -> np.random.Generator:
        """Return one that is slow to make and twice as fast to draw from."""
        return np.random.Generator(np.random.SFC64((*self._name, *counter)))


@dataclass(frozen=True)
class AnalyserClock:
    """The analyser's own time base: it began elsewhere and runs slightly fast or slow.

    Attributes:
        start_s: what it showed when the world began.
        rate: its seconds per world second.
    """

    start_s: float
    rate: float

    @classmethod
    def drawn(cls, seed: int) -> AnalyserClock:
        """Return the clock that belongs to a seed."""
        start, drift = _Stream(seed, _CLOCK).at().uniform((0, -1), (1, 1))
        return cls(float(start) * LATEST_START_S, 1.0 + float(drift) * LARGEST_DRIFT)

    def own_s(self, world_s: float) -> float:
        """Return the analyser's time at a world time."""
        return self.start_s + self.rate * world_s

    def world_s(self, own_s: float) -> float:
        """Return the world's time at a time of the analyser, not before the world began."""
        return max(0.0, (own_s - self.start_s) / self.rate)


def time_stamp(own_ns: int) -> str:
    """Return `YYYY:MM:DDDhh:mm:ss.nnnnnnnnn`; the analyser counts from the start of 2026."""
    seconds, nanoseconds = divmod(own_ns, NANOSECONDS)
    return f"{_second(seconds)}.{nanoseconds:09d}"


@lru_cache(maxsize=16)
def _second(seconds: int) -> str:
    return f"{EPOCH + timedelta(seconds=seconds):%Y:%m:%dD%H:%M:%S}"


class AnalyserErrors:
    """Fixed errors of the channels, and noise.

    Attributes:
        gains: factors of voltage and current, close to 1, shape (2, CHANNELS).
        offsets: of voltage and current as shares of the range, shape (2, CHANNELS).
        power_offsets: as shares of the product of the ranges, shape (CHANNELS,).
        skews_s: by how much each voltage and current is sampled late, shape (2, CHANNELS).
    """

    def __init__(self, seed: int) -> None:
        self._readings = _Stream(seed, _READINGS)
        self._samples = _Stream(seed, _SAMPLES)
        self._reading_block = lru_cache(maxsize=4)(self._draw_readings)
        drawn = _Stream(seed, _ERRORS).at().uniform(-1, 1, (7, CHANNELS)) * USED_ACCURACY
        self.gains = 1 + drawn[:2] * READING_ACCURACY
        self.offsets = drawn[2:4] * RANGE_ACCURACY
        self.power_offsets = drawn[4] * RANGE_ACCURACY
        self.skews_s = drawn[5:] * LARGEST_SKEW_S

    def of_reading(self, number: int) -> list[list[float]]:
        """Return unit noise of one reading, a row for each of QUANTITIES with CHANNELS values."""
        block, place = divmod(number, BLOCK_READINGS)
        noise: list[list[float]] = self._reading_block(block)[place].tolist()
        return noise

    def _draw_readings(self, block: int) -> Samples:
        return self._readings.fast_at(block).standard_normal((BLOCK_READINGS, QUANTITIES, CHANNELS))

    def of_samples(self, signal: int, rate_hz: int, first: int, count: int) -> Samples:
        """Return unit noise of samples `first` to `first + count - 1`, shape (count,), in one block.

        Samples are counted from the zero of the analyser's clock, so that records that overlap
        agree where they do.
        """
        block, skipped = divmod(first, BLOCK_SAMPLES)
        drawn = self._samples.fast_at(block, signal, rate_hz).standard_normal(skipped + count)
        return drawn[skipped:]


def blocks_of_samples(first: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield first sample and number of samples of each block of noise in a record."""
    end = first + count
    while first < end:
        block_end = min(end, (first // BLOCK_SAMPLES + 1) * BLOCK_SAMPLES)
        yield first, block_end - first
        first = block_end
