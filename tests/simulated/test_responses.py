"""Quantities that follow a target, against closed forms."""

from __future__ import annotations

from math import exp, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.inverter.responses import Lag, Ramp


@given(
    start=st.floats(-1, 1),
    target=st.floats(-1, 1),
    time_constant_s=st.floats(0.1, 10),
    split_s=st.floats(0.01, 5),
    rest_s=st.floats(0.01, 5),
)
def test_a_lag_is_the_same_however_often_it_is_looked_at(
    start: float, target: float, time_constant_s: float, split_s: float, rest_s: float
) -> None:
    lag = Lag(time_constant_s, start, start)
    lag.aim(target, 0.0)
    lag.aim(target, split_s)
    expected = target + (start - target) * exp(-(split_s + rest_s) / time_constant_s)
    assert lag.at(split_s + rest_s) == pytest.approx(expected, abs=2e-4)


def test_a_ramp_rises_at_its_rate_and_falls_with_its_lag() -> None:
    ramp = Ramp(2.0, Lag(4.0, 0.0, 0.0))
    ramp.aim(10.0, 100.0)
    assert [ramp.at(100.0 + x) for x in (0.0, 1.5, 9.0)] == [0.0, 3.0, 10.0]
    ramp.aim(4.0, 105.0)
    assert ramp.at(109.0) == pytest.approx(4.0 + 6.0 * exp(-1))


def test_without_a_lag_a_ramp_falls_at_its_rate() -> None:
    ramp = Ramp(2.0, Lag(0.0, 5.0, 5.0), rising_from=5.0)
    ramp.aim(-5.0, 0.0)
    assert [ramp.at(x) for x in (1.0, 10.0)] == [3.0, -5.0]


def test_a_ramp_is_straight_up_to_the_next_bound_on_its_way() -> None:
    ramp = Ramp(2.0, Lag(4.0, 0.0, 0.0))
    ramp.aim(10.0, 0.0)
    assert ramp.step_s(()) == 5.0
    assert ramp.step_s((3.0, 20.0)) == 1.5
    ramp.aim(10.0, 6.0)
    assert ramp.step_s((3.0,)) == inf
