"""How long an inverter observes the returned grid before it connects, from a series of readings.

Every instant is bracketed by the averaging windows that show it, in the analyser's own time base; host time
plays no part. Reconnection shows first as the filter current of the closed relay, well below any power.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.uncertainty import BudgetLine, combine, rectangular
from bench.verdict import Censoring, Measurement
from instruments.errors import RecordingError, StaleReading
from instruments.interfaces import Reading

MEASURAND = "observation time before reconnection"
METHOD = (
    "from the first averaging window with all voltages inside the connection window to the first with "
    "current above the floor; bracketed by the windows"
)


@dataclass(frozen=True)
class Reconnection:
    """Instants in seconds from the end of the first reading.

    Attributes:
        return_s: the grid is back (middle of its bracket).
        connect_s: the inverter connected; None when it did not while it was watched.
        waiting_time: the time between, "at least" when it did not connect.
    """

    return_s: float
    connect_s: float | None
    waiting_time: Measurement


def measure_reconnection(
    readings: Sequence[Reading], *, voltage_low_v: float, current_floor_a: float, clock_ppm: float
) -> Reconnection:
    """Measure the waiting time.

    Args:
        readings: in order of time; the first must show the dead bus.
        voltage_low_v: lowest voltage that counts as the grid being back.
        current_floor_a: rms current above which the inverter is connected.
        clock_ppm: largest deviation of the analyser's clock.

    Raises:
        StaleReading: a reading is not newer than the one before.
        RecordingError: the grid is present in the first reading, or never returns, or the inverter
            carries current before it does.
    """
    _refuse_stale(readings)
    back = _first(readings, lambda reading: min(reading.voltages_v) >= voltage_low_v)
    if back is None or back == 0:
        seen = [min(reading.voltages_v) for reading in readings]
        raise RecordingError(
            f"no return of the grid in {len(readings)} readings: the lowest phase voltage runs from "
            f"{seen[0]:.1f} V to {seen[-1]:.1f} V and should rise through {voltage_low_v:g} V"
        )
    return_bracket = _bracket(readings, back)
    connected = _first(readings, lambda reading: max(reading.currents_a) > current_floor_a)
    if connected is not None and connected < back:
        raise RecordingError(
            f"the inverter carries {max(readings[connected].currents_a):.3f} A before the grid is back"
        )
    origin_s = readings[0].end_s
    return_s = sum(return_bracket) / 2
    if connected is None:
        at_least_s = readings[-1].end_s - return_bracket[1]
        waiting = _measurement(at_least_s, _half(return_bracket), 0.0, clock_ppm, "at least")
        return Reconnection(return_s - origin_s, None, waiting)
    connect_bracket = (_bracket(readings, connected)[0], readings[connected].end_s)
    connect_s = sum(connect_bracket) / 2
    waiting = _measurement(
        connect_s - return_s, _half(return_bracket), _half(connect_bracket), clock_ppm, None
    )
    return Reconnection(return_s - origin_s, connect_s - origin_s, waiting)


def _refuse_stale(readings: Sequence[Reading]) -> None:
    for before, after in pairwise(readings):
        if after.end_s <= before.end_s:
            raise StaleReading(
                f"the reading that ends at {after.end_s:.3f} s follows one that ends at "
                f"{before.end_s:.3f} s of the analyser's clock"
            )


def _first(readings: Sequence[Reading], shows: Callable[[Reading], bool]) -> int | None:
    return next((index for index, reading in enumerate(readings) if shows(reading)), None)


def _bracket(readings: Sequence[Reading], index: int) -> tuple[float, float]:
    """Return the span in which a change happened that reading `index` is the first to show in full."""
    before, first = readings[index - 1], readings[index]
    return before.end_s - before.window_s, max(first.end_s - first.window_s, before.end_s)


def _half(bracket: tuple[float, float]) -> float:
    return (bracket[1] - bracket[0]) / 2


def _measurement(
    value_s: float,
    return_half_s: float,
    connect_half_s: float,
    clock_ppm: float,
    censored: Censoring | None,
) -> Measurement:
    lines = [
        BudgetLine("return of the grid, bracket of readings", rectangular(return_half_s), "s"),
        BudgetLine("connection, bracket of readings", rectangular(connect_half_s), "s"),
        BudgetLine("analyser clock", rectangular(clock_ppm * 1e-6 * value_s), "s"),
    ]
    return Measurement.of(
        MEASURAND, value_s, "s", combine(lines), method=METHOD, recording=None, censored=censored
    )
