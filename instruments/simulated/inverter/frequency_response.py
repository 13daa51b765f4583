"""Active power against frequency: droop from the power at crossing, latch, hysteresis, dwell and release.

Sustained operation for frequency variations of AS/NZS 4777.2:2020, for arrays and for stores.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from instruments.simulated.inverter.settings import FrequencyResponse


@dataclass(frozen=True)
class Ratings:
    """Powers in watts between which the response moves.

    Attributes:
        generation_w: largest power out.
        charging_w: largest power in; 0 without storage.
    """

    generation_w: float
    charging_w: float


def over_frequency_power(
    settings: FrequencyResponse, ratings: Ratings, reference_w: float, frequency_hz: float
) -> float:
    """Return the highest power permitted at a frequency above the continuous range.

    An array falls from the power at crossing to nothing at `zero_power_hz`; a store is at nothing at
    `transition_hz` already and charges at its maximum at `zero_power_hz`.
    """
    beyond_hz = frequency_hz - settings.upper_hz
    if ratings.charging_w <= 0:
        return reference_w * _left(beyond_hz, settings.zero_power_hz - settings.upper_hz)
    if frequency_hz <= settings.transition_hz:
        left = _left(beyond_hz, settings.transition_hz - settings.upper_hz)
        return reference_w * left if reference_w > 0 else reference_w
    span_hz = settings.zero_power_hz - settings.transition_hz
    share = min(1.0, (frequency_hz - settings.transition_hz) / span_hz)
    return min(reference_w, -share * ratings.charging_w)


def under_frequency_power(
    settings: FrequencyResponse, ratings: Ratings, reference_w: float, frequency_hz: float
) -> float:
    """Return the lowest power required at a frequency below the continuous range (stores only)."""
    below_hz = settings.lower_hz - frequency_hz
    if frequency_hz >= settings.stop_charging_hz:
        left = _left(below_hz, settings.lower_hz - settings.stop_charging_hz)
        return reference_w * left if reference_w < 0 else reference_w
    span_hz = settings.stop_charging_hz - settings.full_power_hz
    share = min(1.0, (settings.stop_charging_hz - frequency_hz) / span_hz)
    return max(reference_w, share * ratings.generation_w)


def _left(passed: float, whole: float) -> float:
    return max(0.0, 1.0 - passed / whole)


class FrequencyDroop:
    """The response as it goes on: what it permits now and when it ends by itself.

    Args:
        latched: the permitted power only moves away from the reference until the release.

    Attributes:
        ceiling_w, floor_w: bounds in force; infinite while there is no response.
    """

    def __init__(self, settings: FrequencyResponse, ratings: Ratings, *, latched: bool) -> None:
        self.settings = settings
        self.ceiling_w, self.floor_w = inf, -inf
        self._ratings = ratings
        self._latched = latched
        self._reference_w: float | None = None
        self._back_since_s: float | None = None

    @property
    def active(self) -> bool:
        """Whether a response is going on."""
        return self._reference_w is not None

    @property
    def release_s(self) -> float:
        """When the response ends if the frequency stays; infinity while it may not."""
        return inf if self._back_since_s is None else self._back_since_s + self.settings.dwell_s

    def update(self, now_s: float, frequency_hz: float, power_w: float) -> None:
        """Follow the frequency; `power_w` is what flows now."""
        if not self.settings.enabled:
            return
        over = frequency_hz > self.settings.upper_hz
        under = frequency_hz < self.settings.lower_hz and self._ratings.charging_w > 0
        if over or under:
            self._respond(frequency_hz, power_w, over=over)
        elif self.active:
            self._wait(now_s, frequency_hz)

    def _respond(self, frequency_hz: float, power_w: float, *, over: bool) -> None:
        self._back_since_s = None
        if self._reference_w is None:
            self._reference_w = power_w
        arguments = (self.settings, self._ratings, self._reference_w, frequency_hz)
        if over:
            target_w = over_frequency_power(*arguments)
            self.ceiling_w = min(self.ceiling_w, target_w) if self._latched else target_w
        else:
            target_w = under_frequency_power(*arguments)
            self.floor_w = max(self.floor_w, target_w) if self._latched else target_w

    def _wait(self, now_s: float, frequency_hz: float) -> None:
        settings = self.settings
        low_hz = settings.lower_hz + settings.hysteresis_hz
        high_hz = settings.upper_hz - settings.hysteresis_hz
        inside = frequency_hz <= high_hz if self.ceiling_w < inf else frequency_hz >= low_hz
        if not inside:
            self._back_since_s = None
        elif self._back_since_s is None:
            self._back_since_s = now_s
        if now_s >= self.release_s:
            self._reference_w = self._back_since_s = None
            self.ceiling_w, self.floor_w = inf, -inf
