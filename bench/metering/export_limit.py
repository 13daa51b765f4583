"""How power follows a limit: means of a second, time to comply, excess, shortfall, overshoot. Pure.

Powers are W, times those of the analyser. A mean of a second is that of all readings that ended within it;
windows of a second stand for themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.metering.instant import Instant
from instruments.interfaces import Reading

MEAN_S = 1.0
SLACK_S = 0.02
SECONDS_PER_HOUR = 3600.0

Power = Callable[[Reading], float]
"""Reading → W."""


@dataclass(frozen=True)
class Mean:
    """The mean power of a second."""

    start_s: float
    end_s: float
    power_w: float


def site_power_w(reading: Reading) -> float:
    """Return the power into the grid at the connection point."""
    return reading.site_power_w


def generation_w(reading: Reading) -> float:
    """Return the power of the inverter."""
    return reading.active_power_w


def means_of_a_second(readings: Sequence[Reading], power: Power) -> list[Mean]:
    """Return the mean of the second that ends with each reading, as soon as a second has been read."""
    return list(_means(readings, power))


def _means(readings: Sequence[Reading], power: Power) -> Iterator[Mean]:
    first = 0
    for last, reading in enumerate(readings):
        start_s = reading.end_s - max(MEAN_S, reading.window_s)
        while readings[first].end_s - readings[first].window_s < start_s - SLACK_S:
            first += 1
        inside = readings[first : last + 1]
        weight_s = sum(one.window_s for one in inside)
        if weight_s >= MEAN_S - SLACK_S:
            mean_w = sum(power(one) * one.window_s for one in inside) / weight_s
            yield Mean(start_s, reading.end_s, mean_w)


def complied(means: Sequence[Mean], began: Instant, most_w: float) -> Instant | None:
    """Return since when every mean is at most a power; None when the last one is not.

    The instant lies in the last second whose mean is above, or between it and the next one.
    """
    after = [mean for mean in means if mean.end_s > began.latest_s]
    above = [place for place, mean in enumerate(after) if mean.power_w > most_w]
    if not above:
        return began
    if above[-1] == len(after) - 1:
        return None
    last, following = after[above[-1]], after[above[-1] + 1]
    earliest_s = max(began.earliest_s, last.start_s)
    return Instant.between(earliest_s, max(earliest_s, following.end_s))


def first_under(means: Sequence[Mean], most_w: float) -> Instant | None:
    """Return when a mean was first at most a power; None when none is."""
    under = next((mean for mean in means if mean.power_w <= most_w), None)
    return Instant.between(under.start_s, under.end_s) if under else None


def highest_after(means: Sequence[Mean], from_s: float) -> Mean | None:
    """Return the highest mean of a second that begins no earlier; None when there is none."""
    after = [mean for mean in means if mean.start_s >= from_s]
    return max(after, key=lambda mean: mean.power_w, default=None)


def last_mean_w(readings: Sequence[Reading], power: Power, duration_s: float) -> float:
    """Return the mean power of the last seconds."""
    return fmean(power(reading) for reading in last_readings(readings, duration_s))


def last_readings(readings: Sequence[Reading], duration_s: float) -> list[Reading]:
    """Return the readings of the last seconds; at least the very last."""
    from_s = readings[-1].end_s - duration_s
    return [one for one in readings if one.end_s - one.window_s >= from_s - SLACK_S] or [
        readings[-1]
    ]


def peak_w(readings: Sequence[Reading], power: Power, began: Instant) -> float:
    """Return the highest power of any window after an event."""
    after = [power(one) for one in readings if one.end_s > began.latest_s]
    return max(after, default=power(readings[-1]))


def excess_energy_wh(
    readings: Sequence[Reading], power: Power, began: Instant, most_w: float
) -> float:
    """Return the energy above a power after an event, as far as it was read."""
    after = (one for one in readings if one.end_s > began.latest_s)
    return sum(max(0.0, power(one) - most_w) * one.window_s for one in after) / SECONDS_PER_HOUR


def without_current(
    readings: Sequence[Reading], began: Instant, current_floor_a: float
) -> Instant | None:
    """Return since when no phase carries a current; None when the last reading shows one."""
    flows = [place for place, one in enumerate(readings) if max(one.currents_a) > current_floor_a]
    if not flows:
        return began
    if flows[-1] == len(readings) - 1:
        return None
    last = readings[flows[-1]]
    earliest_s = max(began.earliest_s, last.end_s - last.window_s)
    return Instant.between(earliest_s, max(earliest_s, last.end_s))


def risen_since(means: Sequence[Reading], power: Power, from_w: float, by_w: float) -> float | None:
    """Return when power began to leave a level, drawn back from two levels beyond it along a straight line.

    Args:
        by_w: the nearer of the levels from the level it leaves, with its sign; the other is three times that.
    """
    near_s = _crossing_s(means, power, from_w + by_w)
    far_s = _crossing_s(means, power, from_w + 3 * by_w)
    if near_s is None or far_s is None:
        return None
    return near_s - (far_s - near_s) / 2


def _crossing_s(readings: Sequence[Reading], power: Power, level_w: float) -> float | None:
    """Return when power first passed a level for good, between the middles of two windows."""
    beyond = power(readings[-1]) - level_w
    place = len(readings) - 1
    while place >= 0 and (power(readings[place]) - level_w) * beyond > 0:
        place -= 1
    if place < 0 or place == len(readings) - 1:
        return None
    before, after = readings[place], readings[place + 1]
    share = (level_w - power(before)) / (power(after) - power(before))
    middles_s = [one.end_s - one.window_s / 2 for one in (before, after)]
    return middles_s[0] + share * (middles_s[1] - middles_s[0])
