"""Is the inverter connected? From readings: a current in any phase, above what counts as none.

An inverter that has disconnected observes the grid for a minute before it connects again, so no window of
readings hides it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench.metering.instant import Instant
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading

METHOD = (
    "from the first disturbed reading to the last one with a current above {:.3g} A in any phase"
)


def find_disconnection_in(
    readings: Sequence[Reading], current_floor_a: float
) -> tuple[int, Instant] | None:
    """Return the first reading without current, and when the current ended; None when it went on.

    The end lies in that reading's window, or late in the one before.

    Raises:
        RecordingError: there was no current to begin with.
    """
    connected = [max(reading.currents_a) > current_floor_a for reading in readings]
    if not connected or not connected[0]:
        raise RecordingError(
            f"the first of {len(readings)} readings shows no current above {current_floor_a:.3g} A: the "
            "inverter was not connected before the disturbance"
        )
    if all(connected):
        return None
    place = connected.index(False)
    before, after = readings[place - 1], readings[place]
    return place, Instant.between(before.end_s - before.window_s, after.end_s)


def measure_connected_time(
    readings: Sequence[Reading],
    disturbed: Callable[[Reading], bool],
    *,
    current_floor_a: float,
    clock_ppm: float,
) -> tuple[Instant, Measurement]:
    """Return when the disturbance began and for how long the inverter was connected from there.

    The time is "at least" what the readings show when it never disconnected.

    Raises:
        RecordingError: no reading is disturbed, or the first one is.
    """
    places = [place for place, reading in enumerate(readings) if disturbed(reading)]
    if not places or places[0] == 0:
        raise RecordingError(
            f"{'none' if not places else 'already the first'} of {len(readings)} readings is disturbed: "
            "the source did not apply the program as watched"
        )
    before, first = readings[places[0] - 1], readings[places[0]]
    start = Instant.between(before.end_s - before.window_s, first.end_s)
    found = find_disconnection_in(readings, current_floor_a)
    end_s = readings[-1].end_s
    stop = found[1] if found else Instant(end_s, end_s, end_s)
    duration_s = max(0.0, stop.best_s - start.best_s)
    halves_s = {
        "beginning of the disturbance, bracket of readings": start.half_width_s,
        "end of the current, bracket of readings": stop.half_width_s,
        f"analyser clock, {clock_ppm:g} ppm": clock_ppm * 1e-6 * duration_s,
    }
    measurement = Measurement.of(
        "time connected",
        duration_s,
        "s",
        combine([BudgetLine(text, rectangular(half_s), "s") for text, half_s in halves_s.items()]),
        method=METHOD.format(current_floor_a),
        censored=None if found else "at least",
    )
    return start, measurement
