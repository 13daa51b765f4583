"""What is expected of an inverter with storage, against closed forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.grid_code.expectations import OVER_FREQUENCY
from bench.grid_code.profile import find_grid_code, load_grid_code
from bench.grid_code.storage_responses import charging_volt_watt, over_frequency, under_frequency
from bench.paths import DEFAULT_GRID_CODE
from bench.programs.staircases import charging_staircase, frequency_edges, under_frequency_staircase
from tests.bench.grid_code.test_responses import RATED_VA, plateau

CODE = load_grid_code(find_grid_code(DEFAULT_GRID_CODE))
VW2, FW1, FW2, FW3 = (
    CODE.only(kind)
    for kind in (
        "volt_watt_charging",
        "frequency_watt",
        "frequency_watt_storage",
        "frequency_operation",
    )
)


def test_without_storage_over_frequency_is_the_response_of_an_array() -> None:
    assert over_frequency(0.0) is OVER_FREQUENCY


def test_with_storage_generation_ends_at_the_transition_and_charging_follows() -> None:
    rests = [plateau(50.0, 1.0), plateau(50.5), plateau(50.75), plateau(51.375), plateau(52.0)]
    expected = over_frequency(0.5).expectation(FW1, rests, RATED_VA)
    found = [expected(number, 0.0)[0] for number in range(5)]
    assert found == pytest.approx([1.0, 0.5, 0.0, -0.25, -0.5])


def test_under_frequency_leads_from_charging_to_all_there_is() -> None:
    rests = [plateau(50.0, -0.5), plateau(49.375), plateau(49.0), plateau(48.5), plateau(48.0)]
    expected = under_frequency(0.5, 0.9).expectation(FW2, rests, RATED_VA)
    found = [expected(number, 0.0)[0] for number in range(5)]
    assert found == pytest.approx([-0.5, -0.25, 0.0, 0.45, 0.9])


def test_under_frequency_does_not_fall_back_with_the_frequency() -> None:
    rests = [plateau(50.0, -0.5), plateau(48.5), plateau(49.5)]
    expected = under_frequency(0.5, 1.0).expectation(FW2, rests, RATED_VA)
    assert expected(2, 0.0) == expected(1, 0.0)


@given(st.floats(180.0, 240.0), st.floats(0.1, 1.0))
def test_charging_is_never_asked_beyond_the_curve_nor_beyond_what_was_charged(
    voltage_v: float, before: float
) -> None:
    rests = [plateau(230.0, -before), plateau(voltage_v, -before)]
    most, least = charging_volt_watt(1.0).expectation(VW2, rests, RATED_VA)(1, 0.0)
    share = min(1.0, max(0.2, 0.2 + 0.1 * (voltage_v - 207.0)))
    assert most == pytest.approx(-share)
    assert -before - 1e-9 <= least <= 0.0
    assert least >= most - 1e-9


def test_the_charging_curve_counts_from_the_rated_charging_power() -> None:
    rests = [plateau(230.0, -0.5), plateau(211.0, -0.3)]
    expected = charging_volt_watt(0.5).expectation(VW2, rests, RATED_VA)
    assert expected(1, 0.0) == pytest.approx((-0.3, -0.3))


def test_the_staircase_of_charging_goes_to_where_it_is_least_and_back() -> None:
    levels = [step.voltages_v[0] for step in charging_staircase(VW2, CODE.method).steps]
    down = [215.0, 213.4, 211.8, 210.2, 208.6, 207.0]
    assert levels == [230.0, *down, *down[-2::-1], 207.0]


def test_the_frequency_falls_through_both_legs_and_stays_above_its_trip() -> None:
    levels = [step.frequency_hz for step in under_frequency_staircase(FW2, CODE.method).steps]
    assert levels == [50.0, 49.45, 49.15, 48.6, 48.2]
    assert min(levels) > CODE.of_kind("frequency_trip")[0].number("threshold")


def test_the_edges_lie_inside_the_trip_limits_by_the_margin() -> None:
    steps = frequency_edges(FW3, CODE.of_kind("frequency_trip"), CODE.method).steps
    assert [step.frequency_hz for step in steps] == [50.0, 47.1, 50.0, 51.9, 50.0]
