"""How long generation goes on after an excursion of the voltage begins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bench.metering.instant import Instant
from bench.metering.rolling_mean import find_power_end
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading

MEASURAND = "generation after a short excursion"
METHOD = "from the first reading above {:g} V to the last one with a power of at least {:.0f} W"


def find_rises(readings: Sequence[Reading], level_v: float) -> list[Instant]:
    """Return each instant at which the highest phase voltage rises above a level.

    The change lies in the window of the first reading above, or late in the one before.
    """
    return [
        Instant.between(before.end_s - before.window_s, after.end_s)
        for before, after in pairwise(readings)
        if max(before.voltages_v) <= level_v < max(after.voltages_v)
    ]


def measure_generation_time(
    readings: Sequence[Reading], *, level_v: float, power_floor_w: float, clock_ppm: float
) -> Measurement:
    """Measure from the first rise to the end of generation; "at least" up to the second rise.

    Raises:
        RecordingError: the voltage does not rise, or there is no generation.
    """
    rises = find_rises(readings, level_v)
    if readings and max(readings[0].voltages_v) > level_v:
        raise RecordingError(
            f"the first reading shows {max(readings[0].voltages_v):.1f} V, above {level_v:g} V already: "
            "the beginning of the excursion was missed. Read for longer before it"
        )
    if not rises:
        raise RecordingError(
            f"no reading of {len(readings)} shows a rise of the voltage above {level_v:g} V: "
            "the excursion was not applied"
        )
    start, seen_until = rises[0], rises[1] if len(rises) > 1 else None
    end = find_power_end(readings, power_floor_w)
    if seen_until and (end is None or end.best_s > seen_until.earliest_s):
        end = None
    stop = end or Instant.between(
        *[seen_until.earliest_s if seen_until else readings[-1].end_s] * 2
    )
    duration_s = stop.best_s - start.best_s
    halves_s = {
        "rise of the voltage, bracket of readings": start.half_width_s,
        "end of generation, bracket of readings": stop.half_width_s,
        f"analyser clock, {clock_ppm:g} ppm": clock_ppm * 1e-6 * duration_s,
    }
    return Measurement.of(
        MEASURAND,
        duration_s,
        "s",
        combine([BudgetLine(text, rectangular(half_s), "s") for text, half_s in halves_s.items()]),
        method=METHOD.format(level_v, power_floor_w),
        censored=None if end else "at least",
    )
