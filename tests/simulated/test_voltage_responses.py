"""Volt-watt, volt-var and the circle of apparent power."""

from __future__ import annotations

from math import exp, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulated.worlds import after, power_w, running_world, set_grid

FILTER_VAR_AT_230_V = 120.0


def settled(voltage_v: float, changes: dict | None = None) -> tuple[float, float]:
    """Return active and reactive power ten seconds after a step, without the filter's part."""
    world = running_world(changes)
    set_grid(world, voltage_v)
    means = after(world, 12.0)
    filter_var = FILTER_VAR_AT_230_V * (voltage_v / 230.0) ** 2
    return sum(means.active_powers_w), sum(means.reactive_powers_var) - filter_var


@pytest.mark.parametrize(
    ("region", "voltage_v", "active_pu", "reactive_pu"),
    [
        ("A", 254.4, 0.84, -0.48),
        ("A", 256.5, 0.60, -0.55),
        ("A", 259.0, 0.3143, -0.60),
        ("A", 249.0, None, -0.30),
        ("A", 213.5, None, 0.22),
        ("B", 255.0, 0.60, -0.40),
        ("B", 245.0, None, -0.20),
        ("C", 247.5, None, -0.30),
        ("NZ", 246.0, 0.60, -0.60),
        ("NZ", 239.5, None, -0.30),
    ],
)
def test_the_curves_of_each_region(
    region: str, voltage_v: float, active_pu: float | None, reactive_pu: float
) -> None:
    """Check points derived from the published tables; beside volt-watt the circle bounds P."""
    active_w, reactive_var = settled(voltage_v, {"settings.region": region})
    circle_pu = sqrt(1 - reactive_pu**2)
    expected_pu = circle_pu if active_pu is None else min(active_pu, circle_pu)
    assert active_w == pytest.approx(expected_pu * 10_000, abs=10)
    assert reactive_var == pytest.approx(reactive_pu * 10_000, abs=10)


def test_a_response_is_a_first_order_lag_from_the_instant_of_the_step() -> None:
    world = running_world({"settings.volt_var.enabled": False})
    set_grid(world, 256.5)
    at_1_s_w = power_w(world, 1.0, window_s=0.02)
    assert at_1_s_w == pytest.approx(6000 + 4000 * exp(-0.99), rel=2e-3)


def test_reactive_power_has_priority_unless_told_otherwise() -> None:
    changes = {"settings.volt_watt.enabled": False}
    assert settled(258.0, changes)[0] == pytest.approx(8000, abs=10)
    active_w, reactive_var = settled(258.0, {**changes, "response.reactive_priority": False})
    assert active_w == pytest.approx(10_000, abs=10)
    assert reactive_var == pytest.approx(0.0, abs=10)


@settings(max_examples=20, deadline=None)
@given(voltage_v=st.floats(200.0, 262.0), priority=st.booleans())
def test_apparent_power_stays_inside_the_rating(voltage_v: float, priority: bool) -> None:
    active_w, reactive_var = settled(voltage_v, {"response.reactive_priority": priority})
    assert sqrt(active_w**2 + reactive_var**2) <= 10_000 * 1.0001


def test_fixed_power_factor_and_reactive_power_take_the_place_of_volt_var() -> None:
    active_w, reactive_var = settled(250.0, {"settings.power_factor": -0.8})
    assert (active_w, reactive_var) == (pytest.approx(8000, abs=10), pytest.approx(-6000, abs=10))
    assert settled(250.0, {"settings.reactive_power_pu": 0.3})[1] == pytest.approx(3000, abs=10)


def test_after_an_excursion_volt_watt_gives_the_power_back_without_the_soft_ramp() -> None:
    world = running_world()
    set_grid(world, 259.0)
    assert power_w(world, 10.0) == pytest.approx(3143, abs=10)
    set_grid(world)
    assert power_w(world, 10.0) == pytest.approx(10_000, abs=10)


def test_a_store_charges_less_at_low_voltage() -> None:
    world = running_world({"pv_power_w": 0.0, "storage_power_w": 8000.0})
    world.inverter.command_storage(-8000.0)
    assert power_w(world, 400.0) == pytest.approx(-8000, abs=10)
    set_grid(world, 211.0)
    assert power_w(world, 12.0) == pytest.approx(-0.6 * 8000, abs=10)


def test_at_low_voltage_the_current_limit_bounds_the_power() -> None:
    world = running_world({"settings.volt_var.enabled": False})
    set_grid(world, 185.0)
    limit_a = 1.1 * 10_000 / 3 / 230
    assert power_w(world, 5.0) == pytest.approx(min(10_000, 3 * 185 * limit_a), rel=1e-3)
