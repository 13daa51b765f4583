"""Relays and firmware that go wrong, and protection that sees amplitudes at once."""

from __future__ import annotations

import pytest

from instruments.errors import ConfigurationError
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from tests.simulated.worlds import STARTED_S, running_world, set_grid

SEEN_AT_ONCE = {"sensing.instantaneous": True}


def test_protection_that_sees_amplitudes_trips_one_delay_after_the_step() -> None:
    world = running_world({**SEEN_AT_ONCE, "settings.trips.OV2.delay_s": 0.08})
    set_grid(world, 280.0)
    world.advance_to(STARTED_S + 0.0799)
    assert world.inverter.state == "running"
    world.advance_to(STARTED_S + 0.0801)
    assert world.inverter.state == "waiting"


def test_contacts_that_chatter_close_once_more_for_a_tenth_of_a_second() -> None:
    world = running_world({**SEEN_AT_ONCE, "relay_chatter_s": 0.6})
    set_grid(world, 280.0)
    seen = []
    for after_s in (0.11, 0.69, 0.71, 0.79, 0.81, 5.0):
        world.advance_to(STARTED_S + after_s)
        seen.append(world.inverter.connected)
    assert seen == [False, False, True, True, False, False]


def test_a_trip_that_works_once_is_gone_after_the_next_connection() -> None:
    world = running_world({**SEEN_AT_ONCE, "trips_once": ["OV2"]})
    set_grid(world, 280.0)
    world.advance_to(STARTED_S + 0.5)
    assert world.inverter.state == "waiting"
    set_grid(world)
    world.advance_to(STARTED_S + 500.0)
    assert world.inverter.state == "running"
    set_grid(world, 280.0)
    world.advance_to(world.now_s + 0.5)
    assert world.inverter.state == "running"
    world.advance_to(world.now_s + 2.0)
    assert world.inverter.state == "waiting"


def test_an_inverter_that_listens_to_the_grid_stops_a_delay_after_it_is_gone() -> None:
    world = running_world({"grid_signal_delay_s": 0.15}, load_w=10_000.0)
    world.contactor.command(False)
    world.advance_to(STARTED_S + 0.025 + 0.149)
    assert world.inverter.state == "running"
    world.advance_to(STARTED_S + 0.025 + 0.151)
    assert world.inverter.state == "waiting"


def test_a_number_in_a_path_reaches_into_a_list() -> None:
    changed = with_changes(InverterParameters(), {"settings.volt_watt.curve.1.1": 0.4})
    assert changed.settings.volt_watt.curve == ((253.0, 1.0), (260.0, 0.4))


def test_a_place_that_a_list_does_not_have_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no '2'; there are: 0, 1"):
        with_changes(InverterParameters(), {"settings.volt_watt.curve.2.1": 0.4})
