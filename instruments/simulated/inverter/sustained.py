"""The rolling mean of the voltage that an inverter keeps, and when it passes its limit."""

from __future__ import annotations

from math import inf

from instruments.simulated.inverter.parameters import Sensing
from instruments.simulated.physics.segment_log import SegmentLog

BISECTIONS = 30
SHORTEST_STEP_S = 0.5


class SustainedVoltage:
    """Looks at the mean as seldom as it may, and finds the instant of the crossing exactly.

    Attributes:
        trip_s: when generation must end; infinity while the mean is inside.
        next_look_s: when to call `look` next.
    """

    def __init__(self, sensing: Sensing, phases: int, limit_v: float, log: SegmentLog) -> None:
        self._sensing = sensing
        self._phases = phases
        self._limit_v = limit_v
        self._log = log
        self._looked_s = 0.0
        self._highest_v = 0.0
        self.trip_s = inf
        self.next_look_s = 0.0

    def see(self, now_s: float, highest_v: float) -> None:
        """Take note of the present voltage; one higher than at the last look asks for another."""
        if highest_v > self._highest_v:
            self.next_look_s = now_s

    def look(self, now_s: float, highest_v: float) -> None:
        """Look at the mean now.

        Args:
            highest_v: no phase is higher until the next call.
        """
        inside = self._mean_v(now_s) <= self._limit_v
        if inside:
            self.trip_s = inf
        elif self.trip_s == inf:
            self.trip_s = self._crossing_s(now_s) + self._sensing.sustained_delay_s
        self._looked_s, self._highest_v = now_s, highest_v
        self.next_look_s = now_s + self._pause_s(now_s, highest_v)

    def _pause_s(self, now_s: float, highest_v: float) -> float:
        """Return how long the mean cannot reach the limit: it rises at most by highest over window."""
        if highest_v * self._sensing.voltage_gain <= self._limit_v and self.trip_s == inf:
            return inf
        short_v = max(0.0, self._limit_v - self._mean_v(now_s))
        return max(SHORTEST_STEP_S, short_v * self._sensing.sustained_window_s / highest_v)

    def _mean_v(self, time_s: float) -> float:
        sensing = self._sensing
        means = self._log.mean_voltages(time_s, sensing.sustained_window_s)[: self._phases]
        mean = max(means) if sensing.sustained_combined == "each" else sum(means) / len(means)
        return mean * sensing.voltage_gain

    def _crossing_s(self, now_s: float) -> float:
        low_s, high_s = self._looked_s, now_s
        if self._mean_v(low_s) > self._limit_v:
            return low_s
        for _ in range(BISECTIONS):
            middle_s = 0.5 * (low_s + high_s)
            if self._mean_v(middle_s) > self._limit_v:
                high_s = middle_s
            else:
                low_s = middle_s
        return high_s
