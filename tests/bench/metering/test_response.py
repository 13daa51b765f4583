"""Deviation, commencement and completion against closed forms."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.grid_code.curves import Curve
from bench.metering.plateaus import find_plateaus, mean_voltage_v
from bench.metering.response import Expected, Response, ResponseRules, measure_response, outside
from bench.verdicts.uncertainty import BudgetLine
from instruments.errors import RecordingError
from tests.bench.metering.staircase import RATED_VA, Follower, seen, starts_s, volt_steps

LEVEL = BudgetLine("analyser, power and voltage", 0.52, "%")
RULES = ResponseRules(0.04, 0.25, 2.3, 50.0, lambda _: (LEVEL,), ())
CURVE = Curve(((253.0, 1.0), (260.0, 0.2)))
LEVELS = (253.0, 254.2, 255.4, 256.6, 257.8, 259.0, 253.0, 259.0)


def answered(
    curve: Curve, tau_s: float = 0.5, dead_s: float = 0.0, error_v: float = 0.0
) -> Response:
    """Measure an inverter that obeys a curve of its own against the one it should obey."""
    stairs = volt_steps(*LEVELS)
    targets = [curve.at(level + error_v) for level in LEVELS]
    readings = seen(stairs, Follower(starts_s(stairs), targets, tau_s, dead_s))
    plateaus = find_plateaus(readings, mean_voltage_v, LEVELS)
    return measure_response(
        plateaus, lambda r: r.active_power_w / RATED_VA, expected_of(CURVE, plateaus), RULES
    )


def expected_of(curve: Curve, plateaus: list) -> Expected:
    return lambda number, error: (curve.at(plateaus[number].level + error),) * 2


@settings(deadline=None, max_examples=8)
@given(tau_s=st.floats(0.3, 3.0))
def test_a_first_order_response_completes_when_its_remainder_is_the_tolerance(tau_s: float) -> None:
    completion = answered(CURVE, tau_s).completion
    change = CURVE.at(253.0) - CURVE.at(259.0)
    assert float(completion.value) == pytest.approx(
        tau_s * log(change / 0.04), abs=2 * float(completion.expanded_uncertainty)
    )


@settings(deadline=None, max_examples=8)
@given(dead_s=st.floats(0.0, 5.0))
def test_dead_time_shows_as_commencement(dead_s: float) -> None:
    commencement = answered(CURVE, 0.02, dead_s).commencement
    assert float(commencement.value) == pytest.approx(dead_s, abs=0.5)


@settings(deadline=None, max_examples=8)
@given(error_v=st.floats(-2.3, 2.3))
def test_an_error_of_its_own_voltage_within_its_accuracy_is_granted(error_v: float) -> None:
    result = answered(CURVE, error_v=error_v)
    assert float(result.deviation.value) <= 0.4
    assert result.sensing_error == pytest.approx(error_v, abs=0.05)


def test_an_error_beyond_its_accuracy_is_not() -> None:
    result = answered(CURVE, error_v=3.0)
    assert float(result.deviation.value) == pytest.approx(100 * 0.7 * CURVE.steepest, abs=0.1)


@pytest.mark.parametrize(
    "points",
    [((256.0, 1.0), (260.0, 0.2)), ((253.0, 1.0), (265.0, 0.2)), ((253.0, 1.0), (260.0, 0.4))],
    ids=["V1", "V2", "P2"],
)
def test_one_error_for_all_levels_does_not_hide_a_wrong_curve(points: tuple) -> None:
    assert float(answered(Curve(points)).deviation.value) > 4.0


def test_an_inverter_that_does_nothing_is_censored_and_names_how_long_it_was_watched() -> None:
    result = answered(Curve(((0.0, 1.0), (1.0, 1.0))))
    for time in (result.commencement, result.completion):
        assert time.censored == "at least"
        assert 19.0 < float(time.value) <= 20.0


def test_a_staircase_that_asks_for_nothing_measures_nothing() -> None:
    stairs = volt_steps(*LEVELS)
    plateaus = find_plateaus(seen(stairs, lambda _: 1.0), mean_voltage_v, LEVELS)
    flat = expected_of(Curve(((253.0, 1.0), (260.0, 0.95))), plateaus)
    with pytest.raises(RecordingError, match="beyond the tolerance"):
        measure_response(plateaus, lambda r: r.active_power_w / RATED_VA, flat, RULES)


@given(value=st.floats(-1, 1), edges=st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
def test_the_deviation_leads_back_to_the_interval(value: float, edges: tuple[float, float]) -> None:
    low, high = sorted(edges)
    away = outside(value, (low, high))
    assert low - 1e-12 <= value - away <= high + 1e-12
    assert (away == 0) == (low <= value <= high)
