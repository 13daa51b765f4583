"""How power rises after a connection: rate, straightness, jumps. On averaged readings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from bench.budgets import QuantityBudget, scaled, unity_power_factor
from bench.metering.checks import Flags
from bench.metering.instant import Instant
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Measurement
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
    power: QuantityBudget,
) -> PowerRamp:
    """Measure the rise from connection to 90 % of rated power.

    Args:
        readings: in order of time; the rise has not begun in the first.
        current_floor_a: rms current above which it has: above it the inverter is connected, or delivers more
            than what a limit left it.
        clock_ppm: largest error of the analyser's clock.
        power: uncertainty of its active powers.

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
    line_s, line_pct = _on_the_ramp(readings, nearly_full, rated_power_w)
    window_s = readings[0].window_s
    per_watt, unity = 100 / rated_power_w, unity_power_factor(rated_power_w)

    def jump(by_ramp_pct: float) -> Measurement:
        after, jump_pct = _largest_jump(powers_pct, by_ramp_pct)
        jump_w = (rise[after].active_power_w, rise[after - 1].active_power_w)
        lines = scaled(power.difference(*jump_w, **unity), per_watt)
        half_pct = rectangular(by_ramp_pct / 2)
        return Measurement.of(
            "largest jump of power",
            jump_pct,
            "%",
            combine([*lines, BudgetLine("ramp within the windows", half_pct, "%")]),
            method=METHOD.format(window_s, "over two less what the ramp adds in one"),
        )

    if len(line_s) < FEWEST:
        rate = _rate_at_least(rise, rated_power_w, window_s)
        return PowerRamp(connection, nearly_full, rate, None, jump(0.0))
    rate, distance_pct = _line(
        line_s,
        line_pct,
        window_s,
        scaled(
            power.difference(full_w, FROM_PU * rated_power_w, **unity),
            1 / (rated_power_w * (TO_PU - FROM_PU)),
        ),
        clock_ppm,
    )
    by_ramp_pct = float(rate.value) * window_s / SECONDS_PER_MINUTE
    nonlinearity = Measurement.of(
        "largest distance from a straight line",
        distance_pct,
        "%",
        combine(scaled(power.lines(full_w, **unity), per_watt)),
        method=METHOD.format(window_s, "from their least-squares line"),
    )
    return PowerRamp(connection, nearly_full, rate, nonlinearity, jump(by_ramp_pct))


def measure_rise(
    readings: Sequence[Reading],
    *,
    rated_power_w: float,
    clock_ppm: float,
    power: QuantityBudget,
) -> Measurement:
    """Measure the rate of a rise between 10 % and 90 % of its own height.

    Args:
        readings: in order of time, from before the rise until after it.
        power: uncertainty of the analyser's active powers.

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
        ends_w = (share_pct / 100 * rated_power_w for share_pct in (end, begin))
        rise = power.difference(*ends_w, **unity_power_factor(rated_power_w))
        relative = scaled(rise, 100 / rated_power_w / (end - begin))
        return _line(ends_s[chosen], powers_pct[chosen], window_s, relative, clock_ppm)[0]
    arrived = int(np.flatnonzero(powers_pct > end)[0])
    left = int(np.flatnonzero(powers_pct[:arrived] < begin)[-1])
    longest_s = float(ends_s[arrived] - ends_s[left]) + window_s
    return _at_least(SECONDS_PER_MINUTE * (end - begin) / longest_s, window_s)


def _largest_jump(powers_pct: Samples, by_ramp_pct: float) -> tuple[int, float]:
    """Return the largest rise within the time of a reading, and the number of the reading after it.

    A jump inside a window shows in full only over the two around it. Where the ramp went on all the while, they
    hold what it adds in one more window; where it began between them, as much more or less as half of that. How
    much of the first of the two it has filled follows from the square it has risen by.

    Args:
        by_ramp_pct: what the ramp adds in a window.
    """
    risen = powers_pct[:-2] - powers_pct[0]
    filled = np.sqrt(np.clip(2 * risen / by_ramp_pct, 0.0, 1.0)) if by_ramp_pct > 0 else 0.0
    over_one = np.diff(powers_pct)
    over_two = powers_pct[2:] - powers_pct[:-2] - by_ramp_pct * filled
    jumps = np.maximum(over_one, np.concatenate((over_one[:1], over_two)))
    return int(np.argmax(jumps)) + 1, float(np.max(jumps))


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


def _on_the_ramp(
    readings: Sequence[Reading], nearly_full: Instant, rated_power_w: float
) -> tuple[Samples, Samples]:
    """Return ends and powers, in %, of the readings between 10 % and 90 % of rated power.

    The line through those up to the arrival at 90 % decides. If each reading decided for itself, noise would
    leave of those near 90 % the low ones alone, and the slope would come out too small.
    """
    ends_s = np.array([reading.end_s for reading in readings])
    powers_pct = np.array([100 * reading.active_power_w / rated_power_w for reading in readings])
    between = _between(powers_pct)
    rising = between & (ends_s <= nearly_full.latest_s)
    if np.count_nonzero(rising) < FEWEST:
        return ends_s[rising], powers_pct[rising]
    first_s, last_s = ends_s[rising][0], ends_s[between][-1]
    line = np.polyfit(ends_s[rising] - first_s, powers_pct[rising], 1)
    on_line = _between(np.polyval(line, ends_s - first_s)) & (ends_s >= first_s)
    chosen = on_line & (ends_s <= last_s)
    chosen = chosen if np.count_nonzero(chosen) >= FEWEST else rising
    return ends_s[chosen], powers_pct[chosen]


def _between(powers_pct: Samples) -> Flags:
    chosen: Flags = (powers_pct >= 100 * FROM_PU) & (powers_pct <= 100 * TO_PU)
    return chosen


def _line(
    ends_s: Samples,
    powers_pct: Samples,
    window_s: float,
    rise_lines: Iterable[BudgetLine],
    clock_ppm: float,
) -> tuple[Measurement, float]:
    """Return the slope of the least-squares line, and the largest distance from it.

    Args:
        rise_lines: budget of the whole rise, as a share of it.
    """
    times_s = ends_s - ends_s.mean()
    slope = float(times_s @ powers_pct / (times_s @ times_s))
    distances = powers_pct - powers_pct.mean() - slope * times_s
    free = len(times_s) - 2
    spread = sqrt(float(distances @ distances) / free) / sqrt(float(times_s @ times_s))
    rate = SECONDS_PER_MINUTE * slope
    budget = [
        BudgetLine("scatter about the line", SECONDS_PER_MINUTE * spread, "%/min", free),
        *scaled(rise_lines, abs(rate)),
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
