"""How long an inverter observes the returned grid before it connects.

The return comes from a waveform record, the connection from averaged readings of the same analyser, both in its
time base; host time plays no part. Connection shows first as the filter current of the closed relay, well
below any power, and is bracketed by the averaging windows around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.metering.instant import Instant
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError, StaleReading
from instruments.interfaces import Reading

MEASURAND = "observation time before reconnection"
METHOD = (
    "from the recorded return of the voltage to the first averaging window with a current above "
    "{:.3g} A in any phase"
)


@dataclass(frozen=True)
class Reconnection:
    """Instants in the analyser's time base.

    Attributes:
        connection: None when the inverter did not connect while it was watched.
        waiting_time: the time between, "at least" when it did not connect.
    """

    grid_return: Instant
    connection: Instant | None
    waiting_time: Measurement


def measure_reconnection(
    grid_return: Instant, readings: Sequence[Reading], *, current_floor_a: float, clock_ppm: float
) -> Reconnection:
    """Measure the waiting time.

    Args:
        grid_return: in the analyser's time base.
        readings: in order of time, all of them after the return.
        current_floor_a: rms current above which the inverter is connected.
        clock_ppm: largest deviation of the analyser's clock.

    Raises:
        StaleReading: a reading is not newer than the one before.
        RecordingError: there is no reading, or the first one shows current already, so that the
            connection is not bracketed.
    """
    _check(readings, current_floor_a)
    connection = _connection(readings, current_floor_a)
    end = connection or Instant(readings[-1].end_s, readings[-1].end_s, readings[-1].end_s)
    waiting_s = end.best_s - grid_return.best_s
    lines = {
        "return of the grid, bracket in the record": grid_return.half_width_s,
        "connection, bracket of readings": end.half_width_s,
        f"analyser clock, {clock_ppm:g} ppm": clock_ppm * 1e-6 * waiting_s,
    }
    waiting_time = Measurement.of(
        MEASURAND,
        waiting_s,
        "s",
        combine([BudgetLine(text, rectangular(half_s), "s") for text, half_s in lines.items()]),
        method=METHOD.format(current_floor_a),
        censored=None if connection else "at least",
        interval=_interval(grid_return, connection) if connection else None,
    )
    return Reconnection(grid_return, connection, waiting_time)


def _check(readings: Sequence[Reading], current_floor_a: float) -> None:
    if not readings:
        raise RecordingError("no reading after the return of the grid")
    for before, after in pairwise(readings):
        if after.end_s <= before.end_s:
            raise StaleReading(
                f"the reading that ends at {after.end_s:.3f} s follows one that ends at "
                f"{before.end_s:.3f} s of the analyser's clock"
            )
    if max(readings[0].currents_a) > current_floor_a:
        raise RecordingError(
            f"the first reading after the return of the grid shows {max(readings[0].currents_a):.3f} A "
            f"already (floor {current_floor_a:.3f} A), so the connection was missed"
        )


def _connection(readings: Sequence[Reading], current_floor_a: float) -> Instant | None:
    """Return the bracket from the start of the last quiet window to the end of the first with current.

    A current that begins late in a window may stay below the floor there.
    """
    for before, after in pairwise(readings):
        if max(after.currents_a) > current_floor_a:
            return Instant.between(before.end_s - before.window_s, after.end_s)
    return None


def _interval(grid_return: Instant, connection: Instant) -> tuple[float, float]:
    return (
        connection.earliest_s - grid_return.latest_s,
        connection.latest_s - grid_return.earliest_s,
    )
