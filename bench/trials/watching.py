"""Averaged readings of one trial: what they carry with them, and when enough has been seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.metering.blocked_reconnection import WindowEdge
from instruments.interfaces import Reading

MEAN_WINDOW_S = 4.0
"""Averaging window from which a mean over minutes is built."""
SLOW_S = 1.0
EARLY_S, LATE_S = 3.0, 4.0
READ_SHARE = 0.9
CEASED_READINGS = 5
CONNECTED_READINGS = 3

Pause = Callable[[float], float]
"""How long to wait before the next reading, given the seconds since the program began."""

Enough = Callable[[Sequence[Reading]], bool]
"""Whether the readings so far show all there is to see."""


@dataclass(frozen=True)
class Watched:
    """A series of readings in order of time, and what of the station is needed to measure on them.

    Attributes:
        file: where they are in the evidence.
        clock_ppm: of the analyser.
    """

    readings: Sequence[Reading]
    file: str
    clock_ppm: float

    @property
    def origin_s(self) -> float:
        """Time of the first reading in the analyser's time base, where the file's time begins."""
        return self.readings[0].end_s


def attentive(expected_s: Sequence[float], quick_s: float) -> Pause:
    """Return pauses that are short around the times at which something is expected, and long elsewhere.

    What happens at another time is bracketed more widely, never missed: it lasts longer than a pause.

    Args:
        expected_s: seconds since the program began.
        quick_s: the short pause.
    """

    def pause_s(now_s: float) -> float:
        if any(-EARLY_S <= now_s - at_s <= LATE_S for at_s in expected_s):
            return quick_s
        ahead_s = [at_s - EARLY_S - now_s for at_s in expected_s if at_s - EARLY_S > now_s]
        return max(quick_s, min([SLOW_S, *ahead_s]))

    return pause_s


def gapless(window_s: float) -> Pause:
    """Return the pause that leaves out no averaging window."""
    return lambda _: READ_SHARE * window_s


def ceased(power_floor_w: float) -> Enough:
    """Return whether the last five readings show no generation."""
    return lambda readings: (
        len(readings) >= CEASED_READINGS
        and max(reading.active_power_w for reading in readings[-CEASED_READINGS:]) < power_floor_w
    )


def disconnected(current_floor_a: float) -> Enough:
    """Return whether the last three readings show no current."""
    return lambda readings: (
        len(readings) > CONNECTED_READINGS
        and max(max(reading.currents_a) for reading in readings[-CONNECTED_READINGS:])
        <= current_floor_a
    )


def connected_inside(current_floor_a: float, edge: WindowEdge) -> Enough:
    """Return whether the grid was outside, is back inside, and the last three readings show a current."""
    return lambda readings: (
        len(readings) >= CONNECTED_READINGS
        and min(max(reading.currents_a) for reading in readings[-CONNECTED_READINGS:])
        > current_floor_a
        and not edge.outside(readings[-1])
        and any(edge.outside(reading) for reading in readings)
    )


def risen(power_w: float) -> Enough:
    """Return whether the last reading shows at least this power."""
    return lambda readings: readings[-1].active_power_w >= power_w
