"""Waiting until an inverter delivers a power, with few readings and little time lost."""

from __future__ import annotations

from collections.abc import Callable

from instruments.clock import Deadline
from instruments.interfaces import PowerAnalyser, Reading

SHORTEST_S, USUAL_S, LONGEST_S = 1.0, 5.0, 60.0
CAUTION = 0.7


def until_settled(
    analyser: PowerAnalyser,
    is_settled: Callable[[Reading], bool],
    power_w: float,
    deadline: Deadline,
) -> Reading:
    """Read until a reading is settled, or the deadline has passed; return the last one.

    Args:
        power_w: active power that a settled reading has.
    """
    before = analyser.read()
    reading = before
    while not is_settled(reading) and not deadline.passed:
        pause_s = next_pause_s(before, reading, power_w)
        deadline.clock.sleep(min(pause_s, deadline.remaining_s))
        before, reading = reading, analyser.read()
    return reading


def next_pause_s(before: Reading, now: Reading, power_w: float) -> float:
    """Return how long to wait for the next reading while power rises from one reading to the next.

    Most of the time that is left at the present rate, so that a ramp of minutes takes a handful of readings.
    """
    elapsed_s = now.end_s - before.end_s
    rise_w = now.active_power_w - before.active_power_w
    left_w = power_w - now.active_power_w
    if elapsed_s <= 0 or rise_w <= 0 or left_w <= 0:
        return USUAL_S
    left_s = left_w / (rise_w / elapsed_s)
    return min(LONGEST_S, max(SHORTEST_S, CAUTION * left_s))
