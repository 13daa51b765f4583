"""Waiting for power with few readings, and readings where something is expected."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.trials.settling import (
    CAUTION,
    LONGEST_S,
    SHORTEST_S,
    USUAL_S,
    next_pause_s,
    until_settled,
)
from bench.trials.watching import EARLY_S, LATE_S, SLOW_S, attentive
from instruments.clock import Deadline
from instruments.interfaces import Reading

FULL_W = 10_000.0


@dataclass
class Rising:
    """Clock and analyser in one: power rises at a rate from a time on."""

    from_s: float
    rate_w_per_s: float
    time_s: float = 0.0
    name: str = "virtual"
    readings: list[Reading] = field(default_factory=list)

    def now_s(self) -> float:
        return self.time_s

    def sleep(self, duration_s: float) -> None:
        self.time_s += duration_s

    def prompt(self) -> None: ...

    def read(self) -> Reading:
        power_w = min(FULL_W, max(0.0, self.rate_w_per_s * (self.time_s - self.from_s)))
        self.readings.append(reading_at(self.time_s, power_w))
        return self.readings[-1]


def reading_at(end_s: float, power_w: float) -> Reading:
    third = power_w / 3
    return Reading(end_s, 0.1, (230.0,) * 3, (1.0,) * 3, (third,) * 3, 50.0, end_s, end_s)


def settle(rising: Rising, power_w: float, timeout_s: float) -> Reading:
    return until_settled(
        rising,  # type: ignore[arg-type]
        lambda reading: reading.active_power_w >= power_w,
        power_w,
        Deadline.after(rising, timeout_s),
    )


def test_a_ramp_of_six_minutes_takes_few_readings_and_loses_little_time() -> None:
    rising = Rising(from_s=60.0, rate_w_per_s=FULL_W * 0.1667 / 60)
    reached_s = 60.0 + 0.95 * 60 / 0.1667

    reading = settle(rising, 0.95 * FULL_W, 600.0)

    assert reached_s <= reading.end_s <= reached_s + 2 * SHORTEST_S
    assert len(rising.readings) < 30


def test_an_inverter_that_never_gets_there_is_given_up_at_the_deadline() -> None:
    rising = Rising(from_s=60.0, rate_w_per_s=1.0)

    reading = settle(rising, FULL_W, 600.0)

    assert reading.end_s == pytest.approx(600.0)
    assert reading.active_power_w < FULL_W


@given(rise_w=st.floats(-1e4, 1e4), now_w=st.floats(0, FULL_W), elapsed_s=st.floats(0.0, 100.0))
def test_a_pause_is_never_too_long_to_notice_nor_too_short_to_get_a_reading(
    rise_w: float, now_w: float, elapsed_s: float
) -> None:
    pause_s = next_pause_s(
        reading_at(0.0, now_w - rise_w), reading_at(elapsed_s, now_w), 0.95 * FULL_W
    )
    assert SHORTEST_S <= pause_s <= LONGEST_S


def test_most_of_the_time_that_is_left_is_slept() -> None:
    pause_s = next_pause_s(reading_at(0.0, 1000.0), reading_at(10.0, 2000.0), 4000.0)
    assert pause_s == pytest.approx(CAUTION * 20.0)


def test_without_a_rise_the_usual_pause_is_made() -> None:
    assert next_pause_s(reading_at(0.0, 0.0), reading_at(5.0, 0.0), 100.0) == USUAL_S


@given(
    expected_s=st.lists(st.floats(0.0, 200.0), max_size=3),
    now_s=st.floats(0.0, 220.0),
    quick_s=st.floats(0.05, 0.5),
)
def test_readings_are_close_together_wherever_something_is_expected(
    expected_s: list[float], now_s: float, quick_s: float
) -> None:
    pause_s = attentive(expected_s, quick_s)(now_s)

    assert quick_s <= pause_s <= SLOW_S
    slept_into = [
        at_s
        for at_s in expected_s
        if now_s + quick_s + 1e-9 < at_s - EARLY_S < now_s + pause_s - 1e-9
    ]
    assert not slept_into
    if any(-EARLY_S <= now_s - at_s <= LATE_S for at_s in expected_s):
        assert pause_s == quick_s
