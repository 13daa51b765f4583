"""Averaged readings of one trial: what they carry with them, and when enough has been seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.metering.blocked_reconnection import WindowEdge
from instruments.interfaces import Reading

CEASED_READINGS = 5
CONNECTED_READINGS = 3

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


def ceased(power_floor_w: float) -> Enough:
    """Return whether the last five readings show no generation."""
    return lambda readings: (
        len(readings) >= CEASED_READINGS
        and max(reading.active_power_w for reading in readings[-CEASED_READINGS:]) < power_floor_w
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
