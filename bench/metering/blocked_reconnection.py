"""How long after the grid came back inside a window an inverter connects, all from averaged readings.

The grid is alive throughout, so there is no dead bus whose end a waveform could show; the return is bracketed
by the averaging windows around it, as the connection is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.metering.instant import Instant
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading

MEASURAND = "time inside the window before reconnection"
METHOD = (
    "from the last reading outside the window to the first with a current above {:.3g} A in any phase; "
    "negative when it connected outside"
)


@dataclass(frozen=True)
class WindowEdge:
    """One edge of the connection window.

    Attributes:
        quantity: "voltage" (the highest or lowest phase) or "frequency".
        over: whether values above the edge are outside.
    """

    quantity: str
    over: bool
    level: float

    def outside(self, reading: Reading) -> bool:
        """Return whether a reading is beyond the edge."""
        values = reading.voltages_v if self.quantity == "voltage" else (reading.frequency_hz,)
        return max(values) > self.level if self.over else min(values) < self.level


@dataclass(frozen=True)
class BlockedReconnection:
    """Instants in the analyser's time base.

    Attributes:
        inside: when the grid came back inside for good.
        connection: None when the inverter did not connect while it was watched.
        waiting_time: the time between, negative when it connected before, "at least" when it did not connect.
    """

    inside: Instant
    connection: Instant | None
    waiting_time: Measurement


def measure_blocked_reconnection(
    readings: Sequence[Reading], edge: WindowEdge, *, current_floor_a: float, clock_ppm: float
) -> BlockedReconnection:
    """Measure how long the grid was inside before the inverter connected.

    Args:
        readings: in order of time; the inverter is not connected in the first.
        current_floor_a: rms current above which the inverter is connected.

    Raises:
        RecordingError: the grid was never outside or did not come back, or the inverter was connected from the
            start.
    """
    connection = _first_connection(readings, current_floor_a)
    inside = _return(readings, edge)
    last_s = readings[-1].end_s
    end = connection or Instant(last_s, last_s, last_s)
    waiting_s = end.best_s - inside.best_s
    halves_s = {
        "return of the grid, bracket of readings": inside.half_width_s,
        "connection, bracket of readings": end.half_width_s,
        f"analyser clock, {clock_ppm:g} ppm": clock_ppm * 1e-6 * abs(waiting_s),
    }
    waiting_time = Measurement.of(
        MEASURAND,
        waiting_s,
        "s",
        combine([BudgetLine(text, rectangular(half_s), "s") for text, half_s in halves_s.items()]),
        method=METHOD.format(current_floor_a),
        censored=None if connection else "at least",
    )
    return BlockedReconnection(inside, connection, waiting_time)


def _return(readings: Sequence[Reading], edge: WindowEdge) -> Instant:
    outside = [k for k, reading in enumerate(readings) if edge.outside(reading)]
    if not outside or outside[-1] + 1 == len(readings):
        raise RecordingError(
            f"no return of the {edge.quantity} through {edge.level:g} in {len(readings)} readings: "
            + ("the last one is still outside" if outside else "none is outside")
        )
    last, first = readings[outside[-1]], readings[outside[-1] + 1]
    return Instant.between(last.end_s - last.window_s, first.end_s)


def _first_connection(readings: Sequence[Reading], current_floor_a: float) -> Instant | None:
    def flows(reading: Reading) -> bool:
        return max(reading.currents_a) > current_floor_a

    if not readings or flows(readings[0]):
        raise RecordingError(
            "the inverter is connected from the first reading on: its connection cannot be timed"
            if readings
            else "no reading to look for a connection in"
        )
    return _bracket_of_first(readings, flows)


def _bracket_of_first(
    readings: Sequence[Reading], shows: Callable[[Reading], bool]
) -> Instant | None:
    """Return the bracket from the start of the last window without to the end of the first with."""
    for before, after in pairwise(readings):
        if shows(after):
            return Instant.between(before.end_s - before.window_s, after.end_s)
    return None
