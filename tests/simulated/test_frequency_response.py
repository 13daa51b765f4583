"""Droop, latch, hysteresis, dwell and release."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.inverter.frequency_response import Ratings, over_frequency_power
from instruments.simulated.inverter.settings import REGIONS
from tests.simulated.worlds import NOMINAL, power_w, running_world, set_grid

STORE = {"pv_power_w": 0.0, "storage_power_w": 10_000.0}


@pytest.mark.parametrize(
    ("frequency_hz", "share"), [(50.6875, 0.75), (51.125, 0.5), (51.5625, 0.25), (51.9, 0.057)]
)
def test_an_array_falls_linearly_from_its_power_at_crossing(
    frequency_hz: float, share: float
) -> None:
    world = running_world({"settings.power_limit_pu": 0.6})
    world.source.ramp_to(NOMINAL, frequency_hz, 1.0)
    assert power_w(world, 8.0) == pytest.approx(6000 * share, abs=10)


def test_the_lowest_power_is_latched_until_the_dwell_is_over() -> None:
    world = running_world()
    set_grid(world, frequency_hz=51.125)
    power_w(world, 5.0)
    set_grid(world, frequency_hz=50.4)
    assert power_w(world, 30.0) == pytest.approx(5000, abs=5)
    set_grid(world, frequency_hz=50.2)
    assert power_w(world, 30.0) == pytest.approx(5000, abs=5)
    set_grid(world, frequency_hz=50.15)
    assert power_w(world, 19.9) == pytest.approx(5000, abs=5)
    assert power_w(world, 60.6) == pytest.approx(5000 + 60.0 * 27.78, abs=10)


def test_leaving_the_band_again_starts_the_dwell_anew() -> None:
    world = running_world()
    set_grid(world, frequency_hz=51.125)
    power_w(world, 5.0)
    set_grid(world, frequency_hz=50.1)
    power_w(world, 15.0)
    set_grid(world, frequency_hz=50.2)
    power_w(world, 1.0)
    set_grid(world, frequency_hz=50.1)
    assert power_w(world, 19.5) == pytest.approx(5000, abs=5)


def test_without_a_latch_power_follows_the_frequency_back() -> None:
    world = running_world({"response.latched": False})
    set_grid(world, frequency_hz=51.125)
    power_w(world, 5.0)
    set_grid(world, frequency_hz=50.6875)
    assert power_w(world, 5.0) == pytest.approx(7500, abs=10)


@pytest.mark.parametrize(
    ("frequency_hz", "expected_w"),
    [(50.5, 2500.0), (50.75, 0.0), (51.375, -5000.0), (51.9, -9200.0)],
)
def test_a_store_turns_to_charging_above_the_transition(
    frequency_hz: float, expected_w: float
) -> None:
    world = running_world(STORE)
    world.inverter.command_storage(5000.0)
    power_w(world, 400.0)
    world.source.ramp_to(NOMINAL, frequency_hz, 1.0)
    assert power_w(world, 8.0) == pytest.approx(expected_w, abs=15)


@pytest.mark.parametrize(
    ("frequency_hz", "expected_w"),
    [(49.375, -2000.0), (49.0, 0.0), (48.5, 5000.0), (48.0, 10_000.0)],
)
def test_a_charging_store_turns_to_generation_below_the_range(
    frequency_hz: float, expected_w: float
) -> None:
    world = running_world(STORE)
    world.inverter.command_storage(-4000.0)
    power_w(world, 400.0)
    world.source.ramp_to(NOMINAL, frequency_hz, 1.0)
    assert power_w(world, 8.0) == pytest.approx(expected_w, abs=15)


@given(frequency_hz=st.floats(50.26, 53.0), reference_w=st.floats(0, 10_000))
def test_no_over_frequency_asks_for_more_than_there_was(
    frequency_hz: float, reference_w: float
) -> None:
    for region in REGIONS.values():
        for charging_w in (0.0, 5000.0):
            ratings = Ratings(10_000, charging_w)
            power = over_frequency_power(region.frequency, ratings, reference_w, frequency_hz)
            assert (
                -charging_w <= power <= reference_w + 1e-9
                or frequency_hz < region.frequency.upper_hz
            )
