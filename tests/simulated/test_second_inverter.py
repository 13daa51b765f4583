"""A second inverter behind the same meter: what it adds at the connection point, and who makes room for it."""

from __future__ import annotations

import pytest

from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.inverter.settings import PowerLimit
from instruments.simulated.physics.world import World

RATED_W, LIMIT_W, SETTLED_S = 10_000.0, 4000.0, 500.0


def world(impedance_ohm: complex = 0j, **changes: object) -> World:
    """Return a world whose inverter has settled under an export limit, the second one dark."""
    parameters = with_changes(
        InverterParameters(), {"settings.export_limit": PowerLimit(LIMIT_W), **changes}
    )
    found = World(parameters, source_impedance_ohm=impedance_ohm)
    found.source.ramp_to((230.0,) * 3, 50.0, 0.0)
    found.source.switch_output(True)
    found.contactor.command(True)
    found.advance_to(SETTLED_S)
    return found


def powers_w(found: World) -> tuple[float, float]:
    """Return the power of the inverter under test and that into the grid."""
    means = found.averages(found.now_s - 0.2, found.now_s)
    return sum(means.active_powers_w), sum(means.grid_active_powers_w)


def shine(found: World, share: float) -> None:
    found.second_inverter.array.ramp_to(1000.0 * share, 0.0)


def test_its_power_reaches_the_grid_and_not_the_terminals_of_the_other() -> None:
    found = world()
    generated_w, _ = powers_w(found)
    shine(found, 0.25)
    found.advance_to(found.now_s + 0.2)
    assert powers_w(found) == pytest.approx((generated_w, generated_w + 2500.0), abs=30.0)


@pytest.mark.parametrize(("sees", "expected_w"), [(True, LIMIT_W), (False, LIMIT_W + 2500.0)])
def test_only_an_inverter_that_sees_it_makes_room(sees: bool, expected_w: float) -> None:
    found = world(**{"export.sees_second": sees})
    shine(found, 0.25)
    found.advance_to(SETTLED_S + 60.0)
    assert powers_w(found)[1] == pytest.approx(expected_w, abs=10.0)


def test_it_raises_the_voltage_behind_an_impedance() -> None:
    found = world(impedance_ohm=0.5 + 0j)
    before_v = found.log.last.voltage_v[0]
    shine(found, 0.3)
    current_a = 1000.0 / 230.0
    assert found.log.last.voltage_v[0] == pytest.approx(before_v + 0.5 * current_a, abs=0.1)


def test_it_is_gone_while_the_grid_is() -> None:
    found = world()
    shine(found, 0.5)
    found.contactor.command(False)
    found.advance_to(SETTLED_S + 5.0)
    assert max(found.log.last.load_conductance_s) == min(found.log.last.load_conductance_s) == 0.0


def test_a_single_phase_one_feeds_the_first_phase() -> None:
    found = World(InverterParameters(phases=1, rated_apparent_power_va=5000.0))
    shine(found, 0.2)
    assert found.second_inverter.powers_w == (1000.0, 0.0, 0.0)
