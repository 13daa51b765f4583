"""The island as part of the world: how it begins, lasts and ends. The model itself has its own tests."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from instruments.simulated.physics.parallel_load import resonant_load
from instruments.simulated.physics.world import World
from tests.simulated.worlds import STARTED_S, running_world

RATE_HZ = 20_000.0
NO_METHOD = {"island.shift_gain_per_hz": 0.0, "island.shift_offset": 0.0}
FULL_W = 10_000.0


def island(
    changes: dict | None = None, mismatch: float = 0.0, reactive: float = 0.0, phases: int = 3
) -> World:
    """Return a world at the instant at which the contactor is commanded to open."""
    world = running_world({"phases": phases, **(changes or {})}, load_w=0.0)
    load = resonant_load(FULL_W / phases, 230.0, 50.0, 1.0, mismatch, reactive, phases=phases)
    world.islanding_load.set(load)
    world.advance_to(STARTED_S + 5.0)
    world.contactor.command(False)
    return world


def opened_s(world: World) -> float:
    return STARTED_S + 5.0 + world.contactor._main_delay_s


def run_on_s(world: World, watched_s: float = 4.0) -> float:
    """Return how long current flows on; as long as watched when it does not end."""
    world.advance_to(opened_s(world) + watched_s)
    current = world.waveforms(opened_s(world), int(watched_s * RATE_HZ), RATE_HZ, ["i1"])["i1"]
    flowing = np.flatnonzero(np.abs(current) > 1.0)
    return float(flowing[-1] + 1) / RATE_HZ


def test_without_an_active_method_a_matched_island_outlives_two_seconds() -> None:
    world = island(NO_METHOD)
    assert run_on_s(world) > 3.9
    assert world.inverter.state == "running"


@pytest.mark.parametrize("phases", [1, 3])
@pytest.mark.parametrize("reactive", [-0.05, -0.02, 0.0, 0.02, 0.05])
def test_with_the_active_method_it_ends_well_within_two_seconds(
    phases: int, reactive: float
) -> None:
    world = island(reactive=reactive, phases=phases)
    assert 0.1 < run_on_s(world) < 2.0
    assert world.inverter.alarms <= {"OF", "UF"}


def test_the_time_to_detection_depends_on_the_mismatch() -> None:
    times = {round(run_on_s(island(reactive=share)), 3) for share in (-0.05, -0.02, 0.0, 0.05)}
    assert len(times) == 4


def test_a_mismatch_outside_the_non_detection_zone_needs_no_method() -> None:
    assert run_on_s(island({**NO_METHOD, "settings.volt_var.enabled": False}, reactive=0.10)) < 0.6


def test_the_steady_island_takes_the_voltage_that_fits_the_power() -> None:
    """V = sqrt(P/G) for constant power; 4.5 % more load is 2.2 % less voltage."""
    world = island(NO_METHOD, mismatch=0.045)
    world.advance_to(opened_s(world) + 1.0)
    means = world.averages(world.now_s - 0.2, world.now_s)
    assert means.voltages_v[0] == pytest.approx(230.0 / 1.045**0.5, rel=2e-3)
    assert means.grid_currents_a == (0.0, 0.0, 0.0)
    assert sum(means.active_powers_w) == pytest.approx(sum(means.load_powers_w), rel=1e-3)


def test_waveforms_run_on_without_a_jump_when_the_contactor_opens() -> None:
    world = island(NO_METHOD)
    world.advance_to(opened_s(world) + 0.2)
    start_s = opened_s(world) - 0.05
    voltage = world.waveforms(start_s, 4000, RATE_HZ, ["u2"])["u2"]
    steepest = 2**0.5 * 230.0 * 2 * pi * 51.0 / RATE_HZ
    assert float(np.max(np.abs(np.diff(voltage)))) < 1.15 * steepest


def test_the_current_ends_at_the_instant_of_the_trip() -> None:
    """One delay after the frequency that the inverter saw passed its limit, to a sample."""
    world = island({"settings.trips.OF1.delay_s": 0.123})
    end_s = run_on_s(world)
    segments = list(world.log.between(opened_s(world), opened_s(world) + 1.0))
    beyond = [first for segment, first, _ in segments if (segment.seen_frequency_hz or 0) > 52.0]
    assert end_s == pytest.approx(beyond[0] - opened_s(world) + 0.123, abs=6e-4)


def test_the_bus_dies_with_the_load_after_the_inverter_has_ceased() -> None:
    world = island()
    end_s = opened_s(world) + run_on_s(world, 1.5)
    ringing = world.averages(end_s, end_s + 0.005).voltages_v[0]
    assert 20.0 < ringing < 230.0
    assert world.averages(end_s + 0.3, end_s + 0.4).voltages_v == (0.0, 0.0, 0.0)


def test_a_late_method_lets_the_island_live_longer() -> None:
    assert run_on_s(island()) < 1.0 < run_on_s(island({"active_method_delay_s": 1.5}))


def test_the_same_island_gives_the_same_bytes_however_time_is_divided() -> None:
    def samples(pieces: int) -> bytes:
        world = island()
        for k in range(1, pieces + 1):
            world.advance_to(STARTED_S + 5.0 + 0.5 * k / pieces)
        return world.waveforms(STARTED_S + 5.0, 10_000, RATE_HZ, ["u1"])["u1"].tobytes()

    assert samples(1) == samples(1)
    one, many = (np.frombuffer(samples(pieces)) for pieces in (1, 7))
    assert float(np.max(np.abs(one - many))) < 0.5


def test_closing_on_a_live_island_takes_the_grid_s_voltage() -> None:
    world = island(NO_METHOD)
    world.advance_to(opened_s(world) + 1.0)
    world.contactor.command(True)
    world.advance_to(world.now_s + 0.5)
    means = world.averages(world.now_s - 0.2, world.now_s)
    assert means.voltages_v[0] == pytest.approx(230.0, rel=1e-4)


def test_the_protection_sees_the_bus_die_to_nothing_however_finely_time_passes() -> None:
    world = island({"settings.trips.UV2.threshold": 2.0})
    while world.now_s < opened_s(world) + 2.0:
        world.advance_to(world.now_s + 0.001)
    relays = [relay for relay in world.inverter.monitor.trips if relay.name == "UV2"]
    assert world.inverter.state == "waiting"
    assert all(relay.beyond_since_s is not None for relay in relays)
