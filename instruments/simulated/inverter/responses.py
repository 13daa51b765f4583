"""Quantities that follow a target in time, evaluated exactly."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, sqrt

SETTLED = 1e-4
SHORTEST_STEP, LONGEST_STEP = 0.1, 1.0
"""Of the time constant."""


@dataclass
class Lag:
    """A first-order response from `value` at `since_s` towards `target`.

    Attributes:
        scale: size of the quantity; a ten-thousandth of it counts as arrived.
    """

    time_constant_s: float
    value: float
    target: float
    scale: float = 1.0
    since_s: float = 0.0

    def at(self, time_s: float) -> float:
        """Return the value at a time not before `since_s`."""
        if self.value == self.target:
            return self.target
        left = exp(-(time_s - self.since_s) / self.time_constant_s)
        return self.target + (self.value - self.target) * left

    def aim(self, target: float, time_s: float) -> None:
        """Go on towards `target` from where it is."""
        self.start(self.at(time_s), target, time_s)

    def start(self, value: float, target: float, time_s: float) -> None:
        """Go from `value` towards `target`."""
        arrived = abs(value - target) <= SETTLED * self.scale
        self.value = target if arrived else value
        self.target, self.since_s = target, time_s

    def step_s(self) -> float:
        """Return how far ahead the response may be taken as linear.

        Over a step h of an exponential the chord is off by h²/8 of what is left of the way: the
        closer the target, the longer the step may be for an error that nobody sees.
        """
        if self.value == self.target:
            return inf
        left = abs(self.value - self.target) / self.scale
        unseen = sqrt(8 * SETTLED / left)
        return self.time_constant_s * min(LONGEST_STEP, max(SHORTEST_STEP, unseen))


@dataclass
class Ramp:
    """A quantity that rises at a rate and falls with a lag, or at the rate too.

    Attributes:
        falling: the lag of the way down; its time constant 0 falls at the rate.
    """

    rate_per_s: float
    falling: Lag
    rising_from: float = 0.0

    def at(self, time_s: float) -> float:
        """Return the value at a time not before the last `aim`."""
        target = self.falling.target
        x = time_s - self.falling.since_s
        if self.rising_from < target:
            return min(target, self.rising_from + self.rate_per_s * x)
        if self.falling.time_constant_s > 0:
            return self.falling.at(time_s)
        return max(target, self.rising_from - self.rate_per_s * x)

    def aim(self, target: float, time_s: float, highest: float = inf) -> None:
        """Go on towards `target` from where it is, at most from `highest`."""
        self.start(min(self.at(time_s), highest), target, time_s)

    def start(self, value: float, target: float, time_s: float) -> None:
        """Go from `value` towards `target`."""
        self.falling.start(value, target, time_s)
        self.rising_from = self.falling.value

    def step_s(self, bounds: tuple[float, ...]) -> float:
        """Return how far ahead the way is straight, none of `bounds` being passed on it."""
        target = self.falling.target
        if self.rising_from > target and self.falling.time_constant_s > 0:
            return self.falling.step_s()
        distances = [abs(end - self.rising_from) for end in (target, *bounds) if self._ahead(end)]
        return min(distances, default=inf) / self.rate_per_s

    def _ahead(self, value: float) -> bool:
        low, high = sorted((self.rising_from, self.falling.target))
        margin = SETTLED * self.falling.scale
        return low - margin <= value <= high + margin and abs(value - self.rising_from) > margin
