"""When the next reading will be there: learnt within a few questions, kept while the clocks drift."""

from __future__ import annotations

from itertools import pairwise
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.analysers.cadence import Cadence

EXCHANGE_S = 0.006


class Meter:
    """An analyser with a clock of its own that has each reading ready a little after its window."""

    def __init__(self, window_s: float, offset_s: float, rate: float, processing_s: float) -> None:
        self.window_s, self.offset_s, self.rate = window_s, offset_s, rate
        self.processing_s = processing_s

    def newest_end_s(self, now_s: float) -> float:
        """Return the end of the newest reading that is ready, on the meter's clock."""
        own_s = self.offset_s + self.rate * (now_s - self.processing_s)
        return floor(own_s / self.window_s) * self.window_s


def asked(meter: Meter, pauses_s: float, readings: int) -> tuple[list[float], int]:
    """Ask as a driver does, with a pause behind each reading; return the ends and the repeated answers."""
    cadence = Cadence(meter.window_s)
    now_s, ends_s, repeated = 0.0, [-1e9], 0
    while len(ends_s) <= readings:
        now_s += cadence.wait_s(now_s)
        requested_s, now_s = now_s, now_s + EXCHANGE_S
        end_s = meter.newest_end_s(requested_s + EXCHANGE_S / 2)
        if end_s <= ends_s[-1]:
            repeated += 1
            cadence.repeated(requested_s)
            now_s += cadence.wait_s(now_s) or meter.window_s / 2
            continue
        cadence.renewed(end_s, now_s)
        ends_s.append(end_s)
        now_s += pauses_s
    return ends_s[1:], repeated


@given(
    offset_s=st.floats(0, 80_000),
    drift=st.floats(-2e-5, 2e-5),
    window_s=st.sampled_from([0.05, 0.2, 0.5, 4.0]),
    processing_share=st.floats(0.0, 0.8),
)
def test_no_window_is_left_out_and_hardly_a_question_asked_in_vain(
    offset_s: float, drift: float, window_s: float, processing_share: float
) -> None:
    meter = Meter(window_s, offset_s, 1 + drift, processing_share * window_s)
    ends_s, repeated = asked(meter, 0.9 * window_s - EXCHANGE_S, 200)
    assert all(
        later_s - earlier_s == pytest.approx(window_s, abs=1e-6)
        for earlier_s, later_s in pairwise(ends_s)
    )
    assert repeated <= 6


def test_a_question_long_after_the_last_is_not_held_back() -> None:
    cadence = Cadence(0.5)
    cadence.renewed(100.0, 10.03)
    cadence.repeated(10.51)
    assert cadence.wait_s(12.0) == 0.0


def test_what_was_learnt_is_dropped_when_the_analyser_is_later_than_ever() -> None:
    cadence = Cadence(0.5)
    cadence.renewed(100.0, 10.03)
    cadence.repeated(10.9)
    assert cadence.wait_s(10.95) == 0.0
