"""Where a deviation begins its value lies on the limit: read from the simulated world, not from the bench.

The truth must be within a tenth of the uncertainty the bench states there, so that what the bench catches later
tells of the bench.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log, sqrt

import pytest

from bench.grid_code.profile import GridCode, Requirement, find_grid_code, load_grid_code
from bench.paths import DEFAULT_GRID_CODE
from bench.programs.stimulus import frequency_step, voltage_step
from instruments.simulated.deviations import Deviation, deviations
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.physics.grid import OutputStage
from instruments.simulated.physics.parallel_load import resonant_load
from instruments.simulated.physics.world import World

NOMINAL = (230.0, 230.0, 230.0)
SEED = 1
STARTED_S = 500.0
OBSERVED_S = 90.0
OPENING_S = 0.025
"""From the coil to the main contacts of the simulated contactor."""
RATED_W = 10_000.0
FILTER_PU = 0.012
CODE: GridCode = load_grid_code(find_grid_code(DEFAULT_GRID_CODE))
BY_ID = {one.id: one for one in deviations()}
STATED_S = {"UV1": 6e-4, "UV2": 2e-4, "OV1": 1.3e-4, "OV2": 1e-4, "UF1": 5e-4, "OF1": 2.3e-4}
"""Uncertainty the bench states of the times to disconnect."""


def requirement(row: Deviation) -> Requirement:
    return next(one for one in CODE.requirements if one.id == row.requirement)


def rows(*quantities: str) -> list[Deviation]:
    return [one for one in deviations() if one.quantity.startswith(quantities)]


def running(row: Deviation, **more: object) -> World:
    """Return a world whose inverter, at the limit of a deviation, is at full power."""
    parameters = with_changes(InverterParameters(), {**row.changes(0.0), **more})
    world = World(parameters)
    world.source.stage = OutputStage.drawn(SEED)
    world.source.ramp_to(NOMINAL, 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.advance_to(STARTED_S)
    assert world.inverter.state == "running"
    return world


def wait(world: World, reached: Callable[[], bool], longest_s: float) -> float:
    """Return how long something takes, to 1 µs: the inverter is looked at after each of its own events."""
    started_s = world.now_s
    while not reached():
        assert world.now_s - started_s <= longest_s
        own_s = max(world.now_s + 1e-6, world.inverter.next_event_s())
        world.advance_to(min(own_s, world.now_s + 1e-3))
    return world.now_s - started_s


def powers_pu(world: World, over_s: float = 5.0) -> tuple[float, float]:
    """Return active and reactive power over the last seconds, supplied reactive power positive."""
    averages = world.averages(world.now_s - over_s, world.now_s)
    return (
        sum(averages.active_powers_w) / RATED_W,
        sum(averages.reactive_powers_var) / RATED_W,
    )


@pytest.mark.parametrize("row", rows("disconnection time"), ids=lambda row: row.id)
def test_the_last_current_ends_at_the_limit_of_a_trip(row: Deviation) -> None:
    trip = requirement(row)
    step = (
        voltage_step(trip, "all", CODE.method)
        if "V" in trip.id
        else frequency_step(trip, CODE.method)
    )
    fault = step.steps[-1]
    world = running(row)
    world.source.ramp_to(fault.voltages_v, fault.frequency_hz, 0.0)
    gone_s = wait(world, lambda: not world.inverter.connected, fault.hold_s)
    limit = trip.number("delay" if "earliest" in row.quantity else "disconnection_max")
    assert gone_s == pytest.approx(limit, abs=0.1 * STATED_S[trip.id])


@pytest.mark.parametrize("row", rows("run-on time", "longest run-on time"), ids=lambda row: row.id)
def test_an_island_lasts_until_the_limit(row: Deviation) -> None:
    world = running(row)
    share = 0.92 if row.requirement == "AI1" else 1.0
    world.islanding_load.set(resonant_load(share * RATED_W / 3, 230.0, 50.0, 1.0))
    world.contactor.command(False)
    world.advance_to(STARTED_S + OPENING_S)
    lasted_s = wait(world, lambda: world.inverter.state != "running", 3.0)
    assert lasted_s == pytest.approx(requirement(row).number("run_on_max"), abs=1e-5)


@pytest.mark.parametrize(
    "row", rows("observation time", "time inside the window"), ids=lambda row: row.id
)
def test_the_inverter_connects_at_the_limit_of_the_observation(row: Deviation) -> None:
    world = running(row)
    world.source.ramp_to((115.0, 115.0, 115.0), 50.0, 0.0)
    wait(world, lambda: not world.inverter.connected, 20.0)
    world.source.ramp_to((255.8, 255.8, 255.8), 50.0, 0.0)
    world.advance_to(world.now_s + OBSERVED_S)
    world.source.ramp_to(NOMINAL, 50.0, 0.0)
    assert wait(world, lambda: world.inverter.connected, OBSERVED_S) == pytest.approx(
        60.0, abs=1e-3
    )


@pytest.mark.parametrize(
    "row", [BY_ID["sv1-low"], BY_ID["sv1-high"], BY_ID["sv1-acts-late"]], ids=lambda row: row.id
)
def test_the_mean_is_at_its_limit_when_generation_must_cease(row: Deviation) -> None:
    world = running(row)
    world.advance_to(STARTED_S + 700.0)
    world.source.ramp_to((261.45, 261.45, 261.45), 50.0, 0.0)
    world.advance_to(world.now_s + 485.0)
    wait(world, lambda: world.inverter.state != "running", 115.0)
    before_s = 0.0 if row.id == "sv1-low" else 3.0
    mean_v = max(world.log.mean_voltages(world.now_s - before_s, 600.0))
    assert mean_v == pytest.approx(255.7 if row.id == "sv1-low" else 260.3, abs=0.03)


@pytest.mark.parametrize("row", rows("resumption"), ids=lambda row: row.id)
def test_generation_is_back_at_the_limit_after_a_dip(row: Deviation) -> None:
    world = running(row)
    world.source.ramp_to((50.0, 50.0, 50.0), 50.0, 0.0)
    world.advance_to(STARTED_S + 0.22)
    world.source.ramp_to(NOMINAL, 50.0, 0.0)
    world.advance_to(STARTED_S + 0.25)
    wait(world, lambda: world.inverter.powers_at(world.now_s)[0] > 0.0, 1.0)
    assert world.now_s - STARTED_S - 0.22 == pytest.approx(0.4, abs=5e-4)


@pytest.mark.parametrize(
    "row", rows("rate of the ramp", "rate of the rise"), ids=lambda row: row.id
)
def test_power_rises_at_the_limit_of_the_rate(row: Deviation) -> None:
    parameters = with_changes(InverterParameters(), row.changes(0.0))
    world = World(parameters)
    world.source.ramp_to(NOMINAL, 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.advance_to(150.0)
    early_pu, _ = powers_pu(world, 1.0)
    world.advance_to(330.0)
    late_pu, _ = powers_pu(world, 1.0)
    limit = 15.003 if row.id.endswith("slow") else 18.337
    assert 100 * (late_pu - early_pu) / 3 == pytest.approx(limit, abs=2e-3)


@pytest.mark.parametrize(
    ("name", "settings", "expected_pu"),
    [
        ("rp1-short", {"settings.reactive_power_pu": -0.6}, -0.6),
        ("pf1-short", {"settings.power_factor": -0.8}, -0.6),
    ],
)
def test_reactive_power_is_off_by_its_tolerance(
    name: str, settings: dict[str, float], expected_pu: float
) -> None:
    _, reactive_pu = powers_pu(running(BY_ID[name], **settings))
    assert abs(reactive_pu - expected_pu) == pytest.approx(0.04, abs=1e-4)


def test_volt_var_is_off_by_its_tolerance_where_its_curve_is_flat() -> None:
    world = running(BY_ID["vv1-off"])
    world.source.ramp_to((207.0, 207.0, 207.0), 50.0, 0.0)
    world.advance_to(world.now_s + 20.0)
    assert powers_pu(world)[1] - 0.44 == pytest.approx(0.04, abs=3e-4)


def test_volt_watt_is_off_by_its_tolerance_beyond_what_its_measurement_is_granted() -> None:
    world = running(BY_ID["vw1-off"])
    world.source.ramp_to((259.0, 259.0, 259.0), 50.0, 0.0)
    world.advance_to(world.now_s + 20.0)
    mean_v = sum(world.averages(world.now_s - 1.0, world.now_s).voltages_v) / 3
    permitted_pu = 1.0 - 0.8 / 7 * (mean_v - 2.3 - 253.0)
    assert powers_pu(world)[0] - permitted_pu == pytest.approx(0.04, abs=1e-3)


def test_power_above_a_frequency_is_off_by_its_tolerance() -> None:
    world = running(BY_ID["fw1-off"])
    world.source.ramp_to(NOMINAL, 51.65, 0.0)
    world.advance_to(world.now_s + 20.0)
    assert powers_pu(world)[0] - 0.2 - 0.01 / 1.75 == pytest.approx(0.04, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "mode", "limit_pu"),
    [("dr2-above", 5, 0.01), ("dr3-above", 6, 0.54), ("dr4-above", 7, 0.79)],
)
def test_power_in_a_demand_response_mode_is_at_its_limit(
    name: str, mode: int, limit_pu: float
) -> None:
    world = running(BY_ID[name])
    world.inverter.respond_to_demand(mode)
    world.advance_to(world.now_s + 40.0)
    assert powers_pu(world)[0] == pytest.approx(limit_pu, abs=1e-4)


def test_the_relay_opens_at_the_limit_after_drm_0_and_closes_at_the_limit_of_the_observation() -> (
    None
):
    world = running(BY_ID["dr1-late"])
    world.inverter.respond_to_demand(0)
    assert wait(world, lambda: not world.inverter.connected, 5.0) == pytest.approx(2.0, abs=1e-3)
    world = running(BY_ID["dr1-reconnects-early"])
    world.inverter.respond_to_demand(0)
    world.advance_to(STARTED_S + 10.0)
    world.inverter.respond_to_demand(None)
    assert wait(world, lambda: world.inverter.connected, OBSERVED_S) == pytest.approx(
        60.0, abs=1e-3
    )


def test_one_phase_is_off_the_mean_by_its_limit() -> None:
    world = running(BY_ID["pq3-unbalanced"])
    averages = world.averages(world.now_s - 1.0, world.now_s)
    filter_a = FILTER_PU * RATED_W / 690.0
    currents_a = [
        sqrt((power_w / voltage_v) ** 2 + filter_a**2)
        for power_w, voltage_v in zip(averages.active_powers_w, averages.voltages_v, strict=True)
    ]
    assert currents_a[0] - sum(currents_a) / 3 == pytest.approx(0.7246, abs=1.5e-3)


@pytest.mark.parametrize("row", rows("commencement"), ids=lambda row: row.id)
def test_a_lag_has_done_a_quarter_of_its_way_at_the_limit(row: Deviation) -> None:
    assert -row.compliant * log(1 - 0.25) == pytest.approx(1.0, abs=1e-4)
    assert row.per_unit == pytest.approx(-log(0.75), abs=1e-4)
