"""How the simulated inverter keeps to an export limit, and what its deviations do, against closed forms."""

from __future__ import annotations

from dataclasses import replace
from math import log

import pytest

from instruments.simulated.inverter.limits import SignCheck
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.inverter.settings import PowerLimit
from instruments.simulated.physics.parallel_load import ParallelLoad, resistive_load
from instruments.simulated.physics.world import World

RATED_W, LIMIT_W, SETTLED_S = 10_000.0, 2000.0, 500.0


def world(load_w: float = 0.0, **changes: object) -> World:
    """Return a world whose inverter has settled under an export limit."""
    limited = {"settings.export_limit": PowerLimit(LIMIT_W)}
    paths = {f"export.{name}": value for name, value in changes.items()}
    found = World(with_changes(InverterParameters(), {**limited, **paths}), load_power_w=load_w)
    found.source.ramp_to((230.0,) * 3, 50.0, 0.0)
    found.source.switch_output(True)
    found.contactor.command(True)
    found.advance_to(SETTLED_S)
    return found


def export_w(found: World) -> float:
    return sum(found.averages(found.now_s - 0.2, found.now_s).grid_active_powers_w)


@pytest.mark.parametrize(
    ("changes", "expected_w"),
    [
        ({}, LIMIT_W),
        ({"offset_w": 200.0}, LIMIT_W + 200.0),
        ({"gain": 0.1}, 0.1 * LIMIT_W),
        ({"sees_load": False}, LIMIT_W - 3000.0),
    ],
)
def test_it_comes_to_rest_where_its_parameters_say(
    changes: dict[str, object], expected_w: float
) -> None:
    assert export_w(world(3000.0, **changes)) == pytest.approx(expected_w, abs=1.0)


def test_one_phase_for_all_is_wrong_beside_an_unbalanced_load() -> None:
    found = world(phases="first")
    one_ohm = 230.0**2 / 1500.0
    found.site_load.set(ParallelLoad((1 / one_ohm, 0.0, 0.0)))
    found.advance_to(SETTLED_S + 400.0)
    first, second, third = found.averages(found.now_s - 0.2, found.now_s).grid_active_powers_w
    assert 3 * first == pytest.approx(LIMIT_W, abs=2.0)
    assert first + second + third == pytest.approx(LIMIT_W + 3000.0, abs=5.0)


def test_a_limit_of_each_phase_holds_the_highest_to_a_third() -> None:
    found = world(phases="each")
    found.site_load.set(ParallelLoad((600.0 / 230.0**2, 200.0 / 230.0**2, 0.0)))
    found.advance_to(SETTLED_S + 60.0)
    powers_w = found.averages(found.now_s - 0.2, found.now_s).grid_active_powers_w
    third_w = LIMIT_W / 3
    assert powers_w == pytest.approx((third_w - 600.0, third_w - 200.0, third_w), abs=2.0)


@pytest.mark.parametrize(("static_w", "expected_w"), [(1200.0, 1200.0), (5000.0, LIMIT_W)])
def test_the_lower_of_a_static_and_a_commanded_limit_counts(
    static_w: float, expected_w: float
) -> None:
    found = world()
    settings = found.inverter.settings
    found.inverter.change_settings(replace(settings, static_export_limit=PowerLimit(static_w)))
    found.advance_to(SETTLED_S + 60.0)
    assert export_w(found) == pytest.approx(expected_w, abs=2.0)


def test_a_static_limit_that_yields_counts_only_alone() -> None:
    found = world(static_yields=True)
    settings = replace(found.inverter.settings, static_export_limit=PowerLimit(1200.0))
    found.inverter.change_settings(settings)
    found.advance_to(SETTLED_S + 60.0)
    assert export_w(found) == pytest.approx(LIMIT_W, abs=2.0)
    found.inverter.change_settings(replace(settings, export_limit=PowerLimit()))
    found.advance_to(SETTLED_S + 120.0)
    assert export_w(found) == pytest.approx(1200.0, abs=2.0)


@pytest.mark.parametrize(
    ("hard_w", "soft_s", "connected"),
    [(6000.0, None, True), (4000.0, None, False), (6000.0, 12.0, False), (6000.0, 20.0, True)],
)
def test_beside_another_feeder_only_the_hard_limit_disconnects(
    hard_w: float, soft_s: float | None, connected: bool
) -> None:
    found = world(soft_disconnects_s=soft_s)
    settings = found.inverter.settings
    hard = PowerLimit(hard_w, hard=True)
    found.inverter.change_settings(replace(settings, hard_export_limit=hard))
    found.second_inverter.array.ramp_to(450.0, 0.0)
    found.advance_to(SETTLED_S + 14.0)
    assert found.inverter.connected is connected


STORAGE_W = 5000.0


@pytest.mark.parametrize(
    ("set_point_pu", "expected_w"), [(0.6, 6000.0), (0.9, 2000.0 + STORAGE_W), (0.15, 1500.0)]
)
def test_a_store_makes_up_what_the_sun_lacks_of_a_set_point(
    set_point_pu: float, expected_w: float
) -> None:
    found = hybrid(set_point_pu)
    assert export_w(found) == pytest.approx(expected_w, abs=10.0)


@pytest.mark.parametrize(("bounds", "expected_w"), [(True, LIMIT_W), (False, STORAGE_W)])
def test_a_limit_of_export_bounds_what_a_store_is_asked_for(
    bounds: bool, expected_w: float
) -> None:
    found = hybrid(0.6, **{"export.bounds_discharge": bounds})
    settings = found.inverter.settings
    found.inverter.change_settings(replace(settings, export_limit=PowerLimit(LIMIT_W)))
    found.array.ramp_to(0.0, 0.0)
    found.advance_to(SETTLED_S + 60.0)
    assert export_w(found) == pytest.approx(expected_w, abs=10.0)


def hybrid(set_point_pu: float, **changes: object) -> World:
    """Return a world whose inverter has settled with a set-point, storage and a fifth of the sun."""
    own = {"storage_power_w": STORAGE_W, "settings.set_point_pu": set_point_pu}
    limit = {"settings.power_limit_pu": set_point_pu}
    found = World(with_changes(InverterParameters(), {**own, **limit, **changes}))
    found.array.ramp_to(200.0, 0.0)
    found.source.ramp_to((230.0,) * 3, 50.0, 0.0)
    found.source.switch_output(True)
    found.contactor.command(True)
    found.advance_to(SETTLED_S)
    return found


def comes_under_s(found: World, most_w: float, until_s: float) -> float:
    """Return when export first is under a power, to a tenth of a second."""
    while export_w(found) > most_w and found.now_s < until_s:
        found.advance_to(found.now_s + 0.1)
    return found.now_s


@pytest.mark.parametrize("patience_s", [0.0, 4.0, 20.0])
def test_a_load_that_goes_away_is_followed_after_its_patience(patience_s: float) -> None:
    found = world(3000.0, patience_s=patience_s)
    found.site_load.set(resistive_load(0.0, 230.0))
    found.advance_to(SETTLED_S + 1.0)
    took_s = comes_under_s(found, LIMIT_W + 100.0, SETTLED_S + 60.0) - SETTLED_S
    lag_s = found.inverter.parameters.response.limit_s * log(3000.0 / 100.0)
    period_s = found.inverter.parameters.export.period_s
    assert patience_s + lag_s - 0.5 <= took_s <= patience_s + lag_s + 2 * period_s + 0.5


def test_a_meter_that_turned_its_sign_counts_as_lost() -> None:
    found = world(3000.0)
    found.meter.fault = "reversed"
    found.advance_to(SETTLED_S + 30.0)
    assert export_w(found) == pytest.approx(-3000.0, abs=20.0)


def test_without_the_check_it_runs_away() -> None:
    found = world(3000.0, checks_sign=False)
    found.meter.fault = "reversed"
    found.advance_to(SETTLED_S + 400.0)
    assert export_w(found) == pytest.approx(RATED_W - 3000.0, abs=20.0)


def test_a_limit_is_forgotten_with_the_grid_only_by_one_that_forgets() -> None:
    for forgets, expected_w in ((False, LIMIT_W), (True, RATED_W)):
        found = world(forgotten=forgets)
        found.contactor.command(False)
        found.advance_to(SETTLED_S + 5.0)
        found.contactor.command(True)
        found.advance_to(SETTLED_S + 500.0)
        assert export_w(found) == pytest.approx(expected_w, abs=20.0)


@pytest.mark.parametrize("jump_w", [2000.0, -2000.0])
def test_a_jump_of_the_load_is_no_turned_sign(jump_w: float) -> None:
    check = SignCheck()
    for second in range(60):
        generation_w = 3000.0 + 28.0 * second
        load_w = 1000.0 + (jump_w if second > 20 else 0.0)
        check.see(generation_w, generation_w - load_w)
    assert not check.reversed


def test_export_that_falls_while_generation_rises_is_a_turned_sign() -> None:
    check = SignCheck()
    for second in range(10):
        check.see(3000.0 + 28.0 * second, -2000.0 - 28.0 * second)
    assert check.reversed
