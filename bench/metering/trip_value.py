"""At which voltage or frequency did the inverter trip? From readings over stairs towards the threshold.

The level before was held for longer than any inverter may take, so the inverter's own limit lies between it
and the level in force at the trip.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.budgets import QuantityBudget
from bench.metering.connection import find_disconnection_in
from bench.metering.instant import Instant
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Censoring, Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading

LARGEST_GAP = 0.25
"""Share of a window that may lie between two windows."""
METHOD = "between the level held without a trip and the one in force at the trip"


@dataclass(frozen=True)
class TripValue:
    """Where an inverter trips.

    Attributes:
        trip: when the current ended, in the analyser's time base; None when it did not.
        value: in V or Hz; "at most" or "at least" when it tripped at the first level or at none.
    """

    trip: Instant | None
    value: Measurement


def measure_trip_value(
    readings: Sequence[Reading],
    level_of: Callable[[Reading], float],
    *,
    measurand: str,
    over: bool,
    first: float,
    step: float,
    looked_up_s: float,
    level: QuantityBudget,
    current_floor_a: float,
) -> TripValue:
    """Measure the level at which the current ended.

    Args:
        level_of: the stimulus of a reading, in the unit of `level`.
        over: whether the levels rise.
        first: the first level, on the safe side.
        step: distance of two levels.
        looked_up_s: how long before the trip the level before was in force for whole windows.
        level: uncertainty of what the analyser reads of it.

    Raises:
        RecordingError: there was no current, or the readings leave out the level before the trip.
    """
    sign = 1.0 if over else -1.0
    found = find_disconnection_in(readings, current_floor_a)
    if found is None:
        farthest = max((level_of(reading) for reading in readings), key=lambda value: sign * value)
        value = _measured(measurand, farthest, 0.0, level, "at least" if over else "at most")
        return TripValue(None, value)
    place, trip = found
    at = level_of(readings[place - 1])
    held = level_of(_in_force(readings[:place], trip.best_s - looked_up_s))
    if sign * held < sign * first - 0.5 * step:
        value = _measured(measurand, first, 0.0, level, "at most" if over else "at least")
        return TripValue(trip, value)
    reached = held + sign * max(step, sign * (at - held))
    middle, half = 0.5 * (held + reached), 0.5 * abs(reached - held)
    return TripValue(trip, _measured(measurand, middle, half, level, None))


def _in_force(readings: Sequence[Reading], time_s: float) -> Reading:
    """Return the reading whose window holds a time, or begins right after it; the first for a time before all.

    A level that nobody saw must not be guessed from another: between two levels the stimulus is elsewhere.
    """
    if time_s <= readings[0].end_s:
        return readings[0]
    for reading in readings:
        if reading.end_s - reading.window_s <= time_s <= reading.end_s:
            return reading
    later = [reading for reading in readings if reading.end_s > time_s]
    if not later or later[0].end_s - time_s > (1 + LARGEST_GAP) * later[0].window_s:
        raise RecordingError(
            f"no reading near {time_s:.3f} s of the analyser's clock, where the level before the trip was in "
            "force: read without a gap"
        )
    return later[0]


def _measured(
    measurand: str, value: float, half: float, level: QuantityBudget, censored: Censoring | None
) -> Measurement:
    between = BudgetLine("level held to level of the trip", rectangular(half), level.unit)
    return Measurement.of(
        measurand,
        value,
        level.unit,
        combine([between, *level.lines(value)]),
        method=METHOD,
        censored=censored,
        interval=None if censored else (value - half, value + half),
    )
