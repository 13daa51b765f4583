"""Commanded limits, export limits, demand response, and the sun."""

from __future__ import annotations

from dataclasses import replace

import pytest

from instruments.simulated.inverter.settings import PowerLimit
from instruments.simulated.physics.parallel_load import resistive_load
from instruments.simulated.physics.world import World
from tests.simulated.worlds import after, power_w, running_world

RAMP_W_PER_S = 10_000 * 0.1667 / 60


def export_w(world: World, duration_s: float) -> float:
    return sum(after(world, duration_s).grid_active_powers_w)


def test_a_lowered_limit_is_reached_with_a_lag_and_raised_again_at_the_ramp() -> None:
    world = running_world()
    settings = world.inverter.settings
    world.inverter.change_settings(replace(settings, power_limit_pu=0.3))
    assert power_w(world, 15.0) == pytest.approx(3000, abs=10)
    world.inverter.change_settings(settings)
    assert power_w(world, 60.1) == pytest.approx(3000 + 60 * RAMP_W_PER_S, abs=10)


def test_a_cloud_acts_at_once_and_the_sun_comes_back_at_the_ramp() -> None:
    world = running_world()
    world.array.ramp_to(400.0, 0.0)
    assert power_w(world, 0.2) == pytest.approx(4000, abs=1)
    world.array.ramp_to(1000.0, 0.0)
    assert power_w(world, 60.1) == pytest.approx(4000 + 60 * RAMP_W_PER_S, abs=10)


def test_a_slow_cloud_is_followed_along_its_slope() -> None:
    world = running_world()
    world.array.ramp_to(500.0, 20.0)
    assert power_w(world, 10.1) == pytest.approx(7500, abs=5)
    assert power_w(world, 15.0) == pytest.approx(5000, abs=1)


@pytest.mark.parametrize("load_w", [0.0, 3000.0, 8000.0])
def test_an_export_limit_counts_at_the_connection_point(load_w: float) -> None:
    changes = {"settings.export_limit": PowerLimit(1500.0)}
    world = running_world(changes, load_w=load_w)
    assert export_w(world, 15.0) == pytest.approx(1500, abs=15)


def test_a_load_that_is_switched_is_followed() -> None:
    world = running_world({"settings.export_limit": PowerLimit(1500.0)}, load_w=8000.0)
    world.site_load.set(resistive_load(2000.0 / 3, 230.0))
    assert export_w(world, 0.5) > 7000
    assert export_w(world, 14.5) == pytest.approx(1500, abs=15)


def test_a_generation_limit_does_not_see_the_load() -> None:
    world = running_world({"settings.generation_limit": PowerLimit(4000.0)}, load_w=8000.0)
    assert power_w(world, 15.0) == pytest.approx(4000, abs=10)


def test_a_lost_meter_ends_in_the_fall_back_a_frozen_one_is_believed() -> None:
    changes = {"settings.export_limit": PowerLimit(1500.0)}
    world = running_world(changes, load_w=5000.0)
    world.meter.fault = "lost"
    before_w = power_w(world, 5.0)
    assert before_w == pytest.approx(6500, abs=20)
    assert power_w(world, 20.0) == pytest.approx(0, abs=10)
    world = running_world({**changes, "export.fallback_w": None}, load_w=5000.0)
    world.meter.fault = "lost"
    assert power_w(world, 60.0) == pytest.approx(6500, abs=20)


def test_a_hard_limit_disconnects() -> None:
    limit = PowerLimit(1500.0, hard=True)
    world = running_world({"settings.export_limit": limit}, load_w=9000.0)
    assert world.inverter.connected
    world.site_load.set(resistive_load(2000.0 / 3, 230.0))
    world.advance_to(world.now_s + 4.0)
    assert not world.inverter.connected


@pytest.mark.parametrize(("mode", "share"), [(5, 0.0), (6, 0.5), (7, 0.75), (8, 1.0), (4, 1.0)])
def test_demand_response_bounds_generation(mode: int, share: float) -> None:
    world = running_world()
    world.inverter.respond_to_demand(mode)
    assert power_w(world, 15.0) == pytest.approx(10_000 * share, abs=15)


def test_drm_0_opens_the_relay_and_its_end_starts_the_observation() -> None:
    world = running_world()
    world.inverter.respond_to_demand(0)
    world.advance_to(world.now_s + 2.0)
    assert not world.inverter.connected
    world.inverter.respond_to_demand(None)
    world.advance_to(world.now_s + 60.0)
    assert not world.inverter.connected
    world.advance_to(world.now_s + 2.0)
    assert world.inverter.connected


@pytest.mark.parametrize(("mode", "share"), [(1, 0.0), (2, 0.5), (3, 0.75)])
def test_demand_response_bounds_charging(mode: int, share: float) -> None:
    world = running_world({"pv_power_w": 0.0, "storage_power_w": 8000.0})
    world.inverter.command_storage(-8000.0)
    world.advance_to(world.now_s + 400.0)
    world.inverter.respond_to_demand(mode)
    assert power_w(world, 400.0) == pytest.approx(-8000 * share, abs=15)
