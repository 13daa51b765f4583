"""When a latched response ends, and how fast power rises then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from bench.budgets import scaled
from bench.metering.instant import Instant
from bench.metering.plateaus import Plateau
from bench.metering.response import STEADY_S, ResponseRules, Share
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Measurement

LEAST_RISE_PU = 0.001
RISE_SPREADS = 5.0
RATE_OVER_S = 30.0
PER_MINUTE_PCT = 6000.0
SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True)
class Release:
    """What followed the return of the stimulus.

    Attributes:
        rise: the first rise of power, in the analyser's time base; None when there was none.
        dwell: from the return to the rise, "at least" when there was none.
        rate: steepest rise of active power over 30 s.
    """

    rise: Instant | None
    dwell: Measurement
    rate: Measurement


def measure_release(
    before: Plateau, after: Plateau, share: Share, rate_max_pct_per_min: float, rules: ResponseRules
) -> Release:
    """Measure the release.

    A rise shows when it is larger than what power scatters; at the permitted rate it began so much earlier,
    and that is the bracket of the instant.

    Args:
        before: the level on which the response was latched to its end.
        after: the level that releases it.
        share: active power as a share of the rated apparent power.
    """
    values = [share(reading) for reading in before.last(STEADY_S)]
    level, rise = fmean(values), max(LEAST_RISE_PU, RISE_SPREADS * pstdev(values))
    rise_s = rise * PER_MINUTE_PCT / rate_max_pct_per_min
    instant = _rise(after, share, level + rise, rise_s)
    return Release(instant, _dwell(after, instant, rules), _rate(before, after, share, rules))


def _rise(after: Plateau, share: Share, level: float, rise_s: float) -> Instant | None:
    for index, reading in enumerate(after.readings):
        if share(reading) >= level:
            last = after.readings[max(0, index - 1)]
            earliest_s = max(after.began.best_s, last.end_s - last.window_s - rise_s)
            return Instant.between(earliest_s, reading.end_s)
    return None


def _dwell(after: Plateau, rise: Instant | None, rules: ResponseRules) -> Measurement:
    end_s = after.readings[-1].end_s
    end = rise or Instant(end_s, end_s, end_s)
    value_s = end.best_s - after.began.best_s
    lines = {
        "return of the stimulus, bracket of readings": after.began.half_width_s,
        "first rise of power, bracket": end.half_width_s,
        f"analyser clock, {rules.clock_ppm:g} ppm": rules.clock_ppm * 1e-6 * value_s,
    }
    return Measurement.of(
        "time from the return of the frequency to the first rise of power",
        value_s,
        "s",
        combine([BudgetLine(text, rectangular(half_s), "s") for text, half_s in lines.items()]),
        method="both from the analyser's readings; the rise began between the permitted rate and a step",
        censored=None if rise else "at least",
    )


def _rate(before: Plateau, after: Plateau, share: Share, rules: ResponseRules) -> Measurement:
    """Return the steepest rise; it begins on the level before, so that a jump is part of it."""
    readings = (*before.last(STEADY_S), *after.readings)
    times_s = [reading.end_s for reading in readings]
    rises = _rises(times_s, [share(reading) for reading in readings])
    return Measurement.of(
        f"steepest rise of power over {RATE_OVER_S:g} s",
        PER_MINUTE_PCT * max(rises),
        "%/min",
        combine(scaled(rules.rise_lines, SECONDS_PER_MINUTE / RATE_OVER_S)),
        method=f"difference of readings {RATE_OVER_S:g} s apart, as a share of the rated apparent power",
    )


def _rises(times_s: Sequence[float], shares: Sequence[float]) -> list[float]:
    """Return the rises per second between each reading and the first one 30 s later."""
    rises, later = [], 0
    for time_s, share in zip(times_s, shares, strict=True):
        while later < len(times_s) and times_s[later] < time_s + RATE_OVER_S:
            later += 1
        if later < len(times_s):
            rises.append((shares[later] - share) / (times_s[later] - time_s))
    return rises
