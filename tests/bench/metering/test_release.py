"""Dwell and rate of return on readings made for a known truth."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.metering.plateaus import find_plateaus, mean_voltage_v
from bench.metering.release import Release, measure_release
from bench.metering.response import ResponseRules
from bench.verdicts.uncertainty import BudgetLine
from tests.bench.metering.staircase import RATED_VA, Truth, seen, volt_steps

RISE = BudgetLine("analyser, power at both ends", 0.065, "%")
RULES = ResponseRules(0.04, 0.25, 0.0, 50.0, lambda _: (), (RISE,))
LEVELS = (230.0, 240.0)
LATCHED_S = 100.0
RATE = 0.1667 / 60


def released(active: Truth) -> Release:
    stairs = volt_steps(*LEVELS, hold_s=LATCHED_S)
    before, after = find_plateaus(seen(stairs, active), mean_voltage_v, LEVELS)
    return measure_release(before, after, lambda r: r.active_power_w / RATED_VA, 18.34, RULES)


def ramp(dwell_s: float, rate_per_s: float) -> Truth:
    return lambda t: min(1.0, 0.2 + max(0.0, t - LATCHED_S - dwell_s) * rate_per_s)


@settings(deadline=None, max_examples=20)
@given(dwell_s=st.floats(1.0, 50.0), rate=st.sampled_from([RATE, 1.0, 100.0]))
def test_the_dwell_is_found_for_a_ramp_and_for_a_jump(dwell_s: float, rate: float) -> None:
    dwell = released(ramp(dwell_s, rate)).dwell
    assert dwell.censored is None
    assert float(dwell.value) == pytest.approx(dwell_s, abs=1.5 * float(dwell.expanded_uncertainty))
    assert float(dwell.expanded_uncertainty) < 1.0


def test_a_ramp_has_its_rate_and_a_jump_more() -> None:
    assert float(released(ramp(20.0, RATE)).rate.value) == pytest.approx(16.67, rel=0.01)
    assert float(released(ramp(20.0, 100.0)).rate.value) == pytest.approx(160.0, rel=0.05)


def test_power_that_never_returns_waited_at_least_as_long_as_it_was_watched() -> None:
    release = released(lambda _: 0.2)
    assert release.rise is None
    assert release.dwell.censored == "at least"
    assert float(release.dwell.value) == pytest.approx(99.0, abs=1.0)
