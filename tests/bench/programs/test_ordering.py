"""The order of trials that waits least for the inverter."""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.programs.courses import PlannedItem
from bench.programs.ordering import ordered, waiting_s
from tests.bench.grid_code_files import region, rows

A = region("A")
ROWS = rows(A)
OBSERVATION_S, RAMP_S = 60.0, 0.95 * 100 / 16.67 * 60


def item(name: str, *requirements: str) -> PlannedItem:
    return PlannedItem(name, tuple(ROWS[row] for row in requirements), None)


TRIP = item("frequency_trip[UF1-run1]", "UF1")
ISLAND = item("anti_islanding[AI1-RC1-run1]", "AI1", "RC1")
BLOCKED = item("reconnection_window[RC2-run1-voltage_low]", "RC2")
RAMP = item("power_rate_limit[PR1-run1]", "PR1")
VOLT_WATT = item("volt_watt[VW1-run1]", "VW1")
UNKNOWN = item("something_new[VW1-run1]", "VW1")
ALL = (TRIP, ISLAND, BLOCKED, RAMP, VOLT_WATT, UNKNOWN)


def test_what_leaves_power_comes_before_what_needs_it() -> None:
    assert ordered([TRIP, VOLT_WATT, RAMP], A) == [RAMP, VOLT_WATT, TRIP]


def test_a_trial_that_needs_no_power_is_put_where_there_is_none() -> None:
    assert ordered([TRIP, TRIP, BLOCKED], A) == [BLOCKED, TRIP, TRIP]


def test_equals_keep_their_order() -> None:
    trips = [item(f"frequency_trip[UF1-run{number}]", "UF1") for number in range(1, 6)]
    assert ordered(trips, A) == trips


def test_the_waits_of_an_order_are_those_of_observation_and_ramp() -> None:
    order = [TRIP, VOLT_WATT, BLOCKED, TRIP]
    # disconnected → power; disconnected by the trip → power; none; connected → power
    assert waiting_s(order, A) == pytest.approx(2 * (OBSERVATION_S + RAMP_S) + RAMP_S)


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=12))
def test_no_trial_is_lost_or_added(items: list[PlannedItem]) -> None:
    names = sorted(trial.name for trial in items)
    assert sorted(trial.name for trial in ordered(items, A)) == names


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=12))
def test_the_order_never_waits_longer_than_the_one_it_was_given(items: list[PlannedItem]) -> None:
    assert waiting_s(ordered(items, A), A) <= waiting_s(items, A) + 1e-6


def test_no_order_of_four_waits_less() -> None:
    for items in combinations_with_replacement(ALL, 4):
        least_s = min(waiting_s(order, A) for order in permutations(items))
        assert waiting_s(ordered(items, A), A) <= least_s + 1e-6
