"""How power rises after a connection: rate, straightness, jumps. On averaged readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from bench.metering.instant import Instant
from bench.uncertainty import BudgetLine, combine, rectangular
from bench.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading, Samples

FROM_PU, TO_PU = 0.1, 0.9
FEWEST = 3
SECONDS_PER_MINUTE = 60.0
METHOD = "readings over {:g} s between 10 % and 90 % of rated power, {}"


@dataclass(frozen=True)
class PowerRamp:
    """The rise of power after a connection.

    Attributes:
        connection, nearly_full: in the analyser's time base; the second is the arrival at 90 %.
        rate: slope of the least-squares line, in % of rated power per minute; "at least" when the rise was too
            quick for a line.
        nonlinearity: largest distance from that line, in % of rated power; None without a line.
        jump: largest rise within the time of a reading, in % of rated power.
    """

    connection: Instant
    nearly_full: Instant
    rate: Measurement
    nonlinearity: Measurement | None
    jump: Measurement


def measure_ramp(
    readings: Sequence[Reading],
    *,
    rated_power_w: float,
    current_floor_a: float,
    clock_ppm: float,
    accuracy_pct: float,
) -> PowerRamp:
    """Measure the rise from connection to 90 % of rated power.

    Args:
        readings: in order of time; the rise has not begun in the first.
        current_floor_a: rms current above which it has: above it the inverter is connected, or delivers more
            than what a limit left it.
        clock_ppm, accuracy_pct: largest errors of the analyser's clock and of its powers.

    Raises:
        RecordingError: the inverter is connected from the start, or does not reach 90 %.
    """
    connection = _first(
        readings, [max(reading.currents_a) > current_floor_a for reading in readings]
    )
    full_w = TO_PU * rated_power_w
    nearly_full = _first(readings, [reading.active_power_w >= full_w for reading in readings])
    rise = [reading for reading in readings if reading.end_s <= nearly_full.latest_s]
    powers_pct = np.array([100 * reading.active_power_w / rated_power_w for reading in rise])
    ends_s = np.array([reading.end_s for reading in rise])
    chosen = (powers_pct >= 100 * FROM_PU) & (powers_pct <= 100 * TO_PU)
    window_s = readings[0].window_s
    power_line = BudgetLine(
        f"analyser, {accuracy_pct:g} % of reading", rectangular(accuracy_pct), "%"
    )
    if np.count_nonzero(chosen) < FEWEST:
        rate = _rate_at_least(rise, rated_power_w, window_s)
        jump = _jump(powers_pct, 0.0, window_s, power_line)
        return PowerRamp(connection, nearly_full, rate, None, jump)
    rate, distance_pct = _line(
        ends_s[chosen], powers_pct[chosen], window_s, clock_ppm, accuracy_pct
    )
    by_ramp_pct = float(rate.value) * window_s / SECONDS_PER_MINUTE
    jump = _jump(powers_pct, by_ramp_pct, window_s, power_line)
    nonlinearity = Measurement.of(
        "largest distance from a straight line",
        distance_pct,
        "%",
        combine([power_line]),
        method=METHOD.format(window_s, "from their least-squares line"),
    )
    return PowerRamp(connection, nearly_full, rate, nonlinearity, jump)


def measure_rise(
    readings: Sequence[Reading],
    *,
    rated_power_w: float,
    clock_ppm: float,
    accuracy_pct: float,
) -> Measurement:
    """Measure the rate of a rise between 10 % and 90 % of its own height.

    Args:
        readings: in order of time, from before the rise until after it.

    Raises:
        RecordingError: power does not rise by a tenth of the rating.
    """
    powers_pct = np.array([100 * reading.active_power_w / rated_power_w for reading in readings])
    ends_s = np.array([reading.end_s for reading in readings])
    low, high = float(powers_pct[0]), float(powers_pct.max())
    if high - low < 100 * FROM_PU:
        raise RecordingError(
            f"no rise to measure in {len(readings)} readings: power goes from {low:.1f} % to at most "
            f"{high:.1f} % of rated power"
        )
    begin, end = (low + share * (high - low) for share in (FROM_PU, TO_PU))
    chosen = (powers_pct >= begin) & (powers_pct <= end)
    window_s = readings[0].window_s
    if np.count_nonzero(chosen) >= FEWEST:
        return _line(ends_s[chosen], powers_pct[chosen], window_s, clock_ppm, accuracy_pct)[0]
    arrived = int(np.flatnonzero(powers_pct > end)[0])
    left = int(np.flatnonzero(powers_pct[:arrived] < begin)[-1])
    longest_s = float(ends_s[arrived] - ends_s[left]) + window_s
    return _at_least(SECONDS_PER_MINUTE * (end - begin) / longest_s, window_s)


def _jump(
    powers_pct: Samples, by_ramp_pct: float, window_s: float, power_line: BudgetLine
) -> Measurement:
    """Return the largest rise within the time of a reading.

    A jump inside a window shows in full only over the two around it. Where the ramp went on all the while, they
    hold what it adds in one more window; where it began between them, as much more or less as half of that. How
    much of the first of the two it has filled follows from the square it has risen by.

    Args:
        by_ramp_pct: what the ramp adds in a window.
    """
    risen = powers_pct[:-2] - powers_pct[0]
    filled = np.sqrt(np.clip(2 * risen / by_ramp_pct, 0.0, 1.0)) if by_ramp_pct > 0 else 0.0
    over_two = powers_pct[2:] - powers_pct[:-2] - by_ramp_pct * filled
    return Measurement.of(
        "largest jump of power",
        float(max(np.max(over_two, initial=0.0), np.max(np.diff(powers_pct)))),
        "%",
        combine(
            [
                power_line,
                BudgetLine("ramp within the windows", rectangular(by_ramp_pct / 2), "%"),
            ]
        ),
        method=METHOD.format(window_s, "over two less what the ramp adds in one"),
    )


def _first(readings: Sequence[Reading], reached: Sequence[bool]) -> Instant:
    """Return when something was reached: inside the first window that shows it, or late in the one before."""
    if not any(reached) or reached[0]:
        when = "from the start" if reached and reached[0] else "never"
        raise RecordingError(
            f"no rise to measure in {len(readings)} readings: connection or "
            f"{100 * TO_PU:g} % of rated power was reached {when}"
        )
    place = list(reached).index(True)
    before, after = readings[place - 1], readings[place]
    return Instant.between(before.end_s - before.window_s, after.end_s)


def _line(
    ends_s: Samples, powers_pct: Samples, window_s: float, clock_ppm: float, accuracy_pct: float
) -> tuple[Measurement, float]:
    """Return the slope of the least-squares line, and the largest distance from it."""
    times_s = ends_s - ends_s.mean()
    slope = float(times_s @ powers_pct / (times_s @ times_s))
    distances = powers_pct - powers_pct.mean() - slope * times_s
    free = len(times_s) - 2
    spread = sqrt(float(distances @ distances) / free) / sqrt(float(times_s @ times_s))
    rate = SECONDS_PER_MINUTE * slope
    budget = [
        BudgetLine("scatter about the line", SECONDS_PER_MINUTE * spread, "%/min", free),
        BudgetLine(
            f"analyser, {accuracy_pct:g} % of reading",
            rectangular(accuracy_pct / 100 * abs(rate)),
            "%/min",
        ),
        BudgetLine(
            f"analyser clock, {clock_ppm:g} ppm",
            rectangular(clock_ppm * 1e-6 * abs(rate)),
            "%/min",
        ),
    ]
    measured = Measurement.of(
        "rate of the ramp",
        rate,
        "%/min",
        combine(budget),
        method=METHOD.format(window_s, "slope of their least-squares line"),
    )
    return measured, float(np.max(np.abs(distances)))


def _rate_at_least(rise: Sequence[Reading], rated_power_w: float, window_s: float) -> Measurement:
    """Return the slowest rate that passes from 10 % to 90 % within the readings between them."""
    low_w = FROM_PU * rated_power_w
    last_low = max(k for k, reading in enumerate(rise) if reading.active_power_w < low_w)
    longest_s = rise[-1].end_s - (rise[last_low].end_s - window_s)
    return _at_least(100 * (TO_PU - FROM_PU) / longest_s * SECONDS_PER_MINUTE, window_s)


def _at_least(rate: float, window_s: float) -> Measurement:
    return Measurement.of(
        "rate of the ramp",
        rate,
        "%/min",
        combine([BudgetLine("bracket of readings, one-sided", 0.0, "%/min")]),
        method=METHOD.format(window_s, "too few for a line; from the readings around them"),
        censored="at least",
    )
