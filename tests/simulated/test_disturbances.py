"""What the reference inverter rides through, and what makes others disconnect."""

from __future__ import annotations

from math import radians

import pytest

from instruments.simulated.physics.world import World
from tests.simulated.worlds import NOMINAL, STARTED_S, all_phases, power_w, running_world, set_grid


def dip(world: World, voltage_v: float, duration_s: float) -> None:
    set_grid(world, voltage_v)
    world.advance_to(world.now_s + duration_s)
    set_grid(world)


def test_in_a_deep_dip_generation_pauses_and_comes_back_to_the_level_before() -> None:
    world = running_world()
    set_grid(world, 50.0)
    assert power_w(world, 0.2, window_s=0.1) == 0.0
    assert world.inverter.connected
    set_grid(world)
    assert power_w(world, 0.4, window_s=0.1) == pytest.approx(10_000, rel=0.04)


@pytest.mark.parametrize(
    ("voltage_v", "delay_s"), [(60.5, 1.5), (177.0, 10.5), (268.0, 1.5), (280.0, 0.08)]
)
def test_an_excursion_of_nine_tenths_of_the_delay_is_ridden_through(
    voltage_v: float, delay_s: float
) -> None:
    world = running_world()
    dip(world, voltage_v, 0.9 * delay_s)
    world.advance_to(world.now_s + 30.0)
    assert world.inverter.state == "running"
    dip(world, voltage_v, 1.1 * delay_s + 0.02)
    assert world.inverter.state == "waiting"


@pytest.mark.parametrize(("most", "state"), [(2, "waiting"), (3, "running"), (None, "running")])
def test_an_inverter_that_counts_its_pauses_disconnects_in_the_one_too_many(
    most: int | None, state: str
) -> None:
    world = running_world({"ride_through.most_pauses": most})
    for _ in range(3):
        dip(world, 50.0, 0.22)
        world.advance_to(world.now_s + 1.0)
    assert world.inverter.state == state


def test_pauses_a_minute_apart_do_not_add_up() -> None:
    world = running_world({"ride_through.most_pauses": 1})
    for _ in range(3):
        dip(world, 50.0, 0.22)
        world.advance_to(world.now_s + 61.0)
    assert world.inverter.state == "running"


def test_every_second_phase_may_trip_alone() -> None:
    for phase in range(3):
        world = running_world()
        voltages = [230.0, 230.0, 230.0]
        voltages[phase] = 280.0
        world.source.ramp_to(tuple(voltages), 50.0, 0.0)
        world.advance_to(STARTED_S + 0.2)
        assert world.inverter.state == "waiting"


def test_the_mean_of_the_phases_hides_one_of_them() -> None:
    world = running_world({"sensing.combined": "mean"})
    world.source.ramp_to((285.0, 230.0, 230.0), 50.0, 0.0)
    world.advance_to(STARTED_S + 5.0)
    assert world.inverter.state == "running"


@pytest.mark.parametrize(("trips_at_deg", "state"), [(None, "running"), (50.0, "waiting")])
def test_a_phase_angle_jump_of_60_degrees(trips_at_deg: float | None, state: str) -> None:
    limit = None if trips_at_deg is None else radians(trips_at_deg)
    world = running_world({"ride_through.phase_jump_trip_rad": limit})
    angles = world.source.angles_rad
    world.source.turn_to((angles[0] + radians(60), angles[1], angles[2]))
    world.advance_to(STARTED_S + 1.0)
    assert world.inverter.state == state


@pytest.mark.parametrize(("trips_at", "state"), [(None, "running"), (3.0, "waiting")])
def test_a_frequency_that_changes_by_4_hz_per_second(trips_at: float | None, state: str) -> None:
    world = running_world({"ride_through.rocof_trip_hz_per_s": trips_at})
    world.source.ramp_to(NOMINAL, 51.0, 0.25)
    world.advance_to(STARTED_S + 1.0)
    assert world.inverter.state == state


@pytest.mark.parametrize(("voltage_v", "region"), [(262.0, "A"), (259.0, "A"), (255.0, "NZ")])
def test_the_ten_minute_mean_trips_when_it_passes_its_limit(voltage_v: float, region: str) -> None:
    """The mean of 230 V passes the limit after 600 s times the share of the rise (closed form)."""
    world = running_world({"settings.region": region})
    limit_v = world.inverter.settings.sustained_voltage_v
    world.advance_to(1200.0)
    set_grid(world, voltage_v)
    crossing_s = 1200.0 + 600.0 * (limit_v - 230.0) / (voltage_v - 230.0)
    world.advance_to(crossing_s + 0.9)
    assert world.inverter.state == "running"
    world.advance_to(crossing_s + 1.1)
    assert world.inverter.state == "waiting"


def test_a_short_excursion_does_not_move_the_mean_enough() -> None:
    world = running_world()
    world.advance_to(1200.0)
    set_grid(world, 262.0)
    world.advance_to(world.now_s + 300.0)
    set_grid(world)
    world.advance_to(world.now_s + 900.0)
    assert world.inverter.state == "running"


def test_one_high_phase_is_enough_unless_the_mean_of_phases_counts() -> None:
    for combined, state in (("each", "waiting"), ("mean", "running")):
        world = running_world({"sensing.sustained_combined": combined})
        world.advance_to(1200.0)
        world.source.ramp_to((262.0, 230.0, 230.0), 50.0, 0.0)
        world.advance_to(1200.0 + 560.0)
        assert world.inverter.state == state


def test_a_misreading_inverter_trips_at_another_voltage() -> None:
    world = running_world({"sensing.voltage_gain": 1.02})
    set_grid(world, 261.0)
    world.advance_to(STARTED_S + 3.0)
    assert world.inverter.state == "waiting"


@pytest.mark.parametrize(("frequency_hz", "state"), [(51.95, "running"), (52.05, "waiting")])
def test_an_over_frequency_trips_past_its_limit(frequency_hz: float, state: str) -> None:
    world = running_world()
    set_grid(world, frequency_hz=frequency_hz)
    world.advance_to(STARTED_S + 5.0)
    assert world.inverter.state == state


def test_off_nominal_frequency_adds_no_ripple_to_what_protection_sees() -> None:
    world = running_world({"settings.volt_watt.enabled": False})
    world.source.ramp_to(all_phases(264.5), 47.2, 0.0)
    world.advance_to(STARTED_S + 10.0)
    assert world.inverter.state == "running"


@pytest.mark.parametrize(("dip_s", "state"), [(0.45, "running"), (0.55, "waiting")])
def test_a_pause_that_lasts_too_long_ends_in_a_disconnection(dip_s: float, state: str) -> None:
    world = running_world({"ride_through.longest_pause_s": 0.5})
    dip(world, 50.0, dip_s)
    world.advance_to(world.now_s + 1.0)
    assert world.inverter.state == state


@pytest.mark.parametrize(
    ("frequency_hz", "stays_s", "state"),
    [(51.75, 30.0, "running"), (51.85, 9.9, "running"), (51.85, 10.1, "waiting")],
)
def test_a_second_stage_of_overfrequency_acts_above_its_limit_after_its_time(
    frequency_hz: float, stays_s: float, state: str
) -> None:
    world = running_world({"ride_through.second_stage": [51.8, 10.0]})
    set_grid(world, frequency_hz=frequency_hz)
    world.advance_to(STARTED_S + stays_s)
    assert world.inverter.state == state
