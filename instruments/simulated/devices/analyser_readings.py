"""Averaged readings of the simulated analyser.

Reading n is the average over [(n-1)T, nT] of the analyser's own clock. It can be read 20 ms after
its end. Its values follow from the seed, n and what happened in the world, not from the polling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor, inf
from typing import NamedTuple

import numpy as np

from instruments.simulated.devices.analyser_noise import (
    CHANNELS,
    FREQUENCY_NOISE_HZ,
    NANOSECONDS,
    READING_NOISE,
    AnalyserClock,
    AnalyserErrors,
)
from instruments.simulated.physics.averages import Averages
from instruments.simulated.physics.world import World

PROCESSING_S = 0.02
OVERLOAD = 1.1
SIGNALS = 2 * CHANNELS
Row = Sequence[float]


@dataclass(frozen=True)
class LatchedReading:
    """One reading; values by channel.

    Infinity stands for a quantity whose channel was driven beyond its range.
    """

    number: int
    end_ns: int
    voltages_v: Row
    currents_a: Row
    active_powers_w: Row
    reactive_powers_var: Row
    frequency_hz: float


class _Link(NamedTuple):
    """What the measuring chain does to one shown value: gain, range and offset as a share of the range."""

    gain: float
    scale: float
    offset: float


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
        self._chain = lru_cache(maxsize=4)(self._build_chain)
        self.reading = lru_cache(maxsize=4)(self._compute)
        """Return a reading by number, cycle in ns and the ranges of the twelve signals."""

    def newest_number(self, cycle_ns: int) -> int | None:
        """Return the number of the newest complete reading; None before the first."""
        ready_s = self._clock.own_s(self._world.now_s) - PROCESSING_S
        number = floor(ready_s * NANOSECONDS / cycle_ns)
        start_s = (number - 1) * cycle_ns / NANOSECONDS
        return number if start_s >= self._clock.start_s else None

    def _compute(self, number: int, cycle_ns: int, ranges: tuple[float, ...]) -> LatchedReading:
        """Voltages, currents, active and reactive powers in one row each through the same errors."""
        noise = self._errors.of_reading(number)
        means = self._means(number, cycle_ns)
        chain = self._chain(ranges)
        true = (
            *means.voltages_v * 2,
            *means.currents_a,
            *means.grid_currents_a,
            *means.active_powers_w,
            *means.grid_active_powers_w,
            *means.reactive_powers_var,
            *means.grid_reactive_powers_var,
        )
        drawn = (*noise[0], *noise[1], *noise[2], *noise[3])
        shown = [
            value * link.gain + link.scale * (link.offset + READING_NOISE * unit)
            for value, link, unit in zip(true, chain, drawn, strict=True)
        ]
        shown[:SIGNALS] = map(abs, shown[:SIGNALS])
        for k in _overloaded(true, chain):
            shown[k] = inf
        return LatchedReading(
            number,
            number * cycle_ns,
            shown[:CHANNELS],
            shown[CHANNELS:SIGNALS],
            shown[SIGNALS : SIGNALS + CHANNELS],
            shown[SIGNALS + CHANNELS :],
            means.frequency_hz / self._clock.rate + FREQUENCY_NOISE_HZ * noise[4][0],
        )

    def _build_chain(self, ranges: tuple[float, ...]) -> list[_Link]:
        errors = self._errors
        scales = np.array(ranges).reshape(2, CHANNELS)
        power_gains, power_scales = errors.gains.prod(axis=0), scales.prod(axis=0)
        columns = (
            np.concatenate([errors.gains.ravel(), power_gains, power_gains]),
            np.concatenate([scales.ravel(), power_scales, power_scales]),
            np.concatenate([errors.offsets.ravel(), *[errors.power_offsets] * 2]),
        )
        return [_Link(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]

    def _means(self, number: int, cycle_ns: int) -> Averages:
        return self._world.averages(
            self._clock.world_s((number - 1) * cycle_ns / NANOSECONDS),
            self._clock.world_s(number * cycle_ns / NANOSECONDS),
        )


def _overloaded(true: Sequence[float], chain: Sequence[_Link]) -> Iterator[int]:
    """Yield the places of signals beyond their ranges, and of the powers that they are part of."""
    for k in range(SIGNALS):
        if true[k] > OVERLOAD * chain[k].scale:
            channel = k % CHANNELS
            yield from (k, SIGNALS + channel, SIGNALS + CHANNELS + channel)
