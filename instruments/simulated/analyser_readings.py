"""Averaged readings of the simulated analyser.

Reading n is the average over [(n-1)T, nT] of the analyser's own clock. It can be read 20 ms after
its end. Its values follow from the seed, n and what happened in the world, not from the polling.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import floor

import numpy as np

from instruments.interfaces import Samples
from instruments.simulated.analyser_noise import (
    CHANNELS,
    FREQUENCY_NOISE_HZ,
    NANOSECONDS,
    READING_NOISE,
    AnalyserClock,
    AnalyserErrors,
)
from instruments.simulated.averages import Averages
from instruments.simulated.world import World

PROCESSING_S = 0.02
OVERLOAD = 1.1
TERMINAL_CHANNELS = 3


@dataclass(frozen=True)
class LatchedReading:
    """One reading; arrays by channel, the powers of the three channels at the inverter.

    Infinity stands for a quantity whose channel was driven beyond its range.
    """

    number: int
    end_ns: int
    voltages_v: Samples
    currents_a: Samples
    active_powers_w: Samples
    reactive_powers_var: Samples
    frequency_hz: float


class Readings:
    """Computes readings from the world's past.

    Args:
        world: what is measured.
        clock: the analyser's time base.
        errors: the analyser's errors and noise.
    """

    def __init__(self, world: World, clock: AnalyserClock, errors: AnalyserErrors) -> None:
        self._world = world
        self._clock = clock
        self._errors = errors
        self.reading = lru_cache(maxsize=4)(self._compute)
        """Return a reading by number, cycle in ns and the ranges of the twelve signals."""

    def newest_number(self, cycle_ns: int) -> int | None:
        """Return the number of the newest complete reading; None before the first."""
        ready_s = self._clock.own_s(self._world.now_s) - PROCESSING_S
        number = floor(ready_s * NANOSECONDS / cycle_ns)
        start_s = (number - 1) * cycle_ns / NANOSECONDS
        return number if start_s >= self._clock.start_s else None

    def _compute(self, number: int, cycle_ns: int, ranges: tuple[float, ...]) -> LatchedReading:
        errors, noise = self._errors, self._errors.of_reading(number)
        means = self._means(number, cycle_ns)
        scales = np.array(ranges).reshape(2, CHANNELS)
        values = np.array([means.voltages_v * 2, means.currents_a + means.grid_currents_a])
        shares = errors.offsets + READING_NOISE * noise[:2]
        over = values > OVERLOAD * scales
        voltages, currents = np.where(over, np.inf, np.abs(values * errors.gains + scales * shares))
        at = slice(TERMINAL_CHANNELS)
        powers = np.array([means.active_powers_w, means.reactive_powers_var])
        shares = errors.power_offsets[at] + READING_NOISE * noise[2:4, at]
        shown = powers * errors.gains[:, at].prod(axis=0) + scales[:, at].prod(axis=0) * shares
        active, reactive = np.where(over[0, at] | over[1, at], np.inf, shown)
        frequency_hz = means.frequency_hz / self._clock.rate + FREQUENCY_NOISE_HZ * noise[4, 0]
        return LatchedReading(
            number, number * cycle_ns, voltages, currents, active, reactive, float(frequency_hz)
        )

    def _means(self, number: int, cycle_ns: int) -> Averages:
        return self._world.averages(
            self._clock.world_s((number - 1) * cycle_ns / NANOSECONDS),
            self._clock.world_s(number * cycle_ns / NANOSECONDS),
        )
