"""The PLC of the simulated grid contactor."""

from __future__ import annotations

import pytest

from instruments.simulated.devices.contactor_panel import ContactorPanel
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.world import World
from instruments.simulated.transport.modbus_server import RefusedRegister


def test_the_contactor_follows_its_register_and_shows_its_auxiliary_contact() -> None:
    world = World(InverterParameters())
    panel = ContactorPanel(world.contactor)
    assert panel.read(0, 2) == [0, 0]

    panel.write(0, [1])
    assert panel.read(0, 2) == [1, 0]
    world.advance_to(1.0)
    assert panel.read(0, 2) == [1, 1]
    assert world.contactor.main_closed

    panel.write(0, [0])
    world.advance_to(2.0)
    assert panel.read(0, 2) == [0, 0]
    assert not world.contactor.main_closed


def test_power_up_of_the_panel_opens_the_contactor() -> None:
    world = World(InverterParameters())
    world.contactor.command(True)
    world.advance_to(1.0)

    panel = ContactorPanel(world.contactor)
    world.advance_to(2.0)

    assert panel.read(0, 2) == [0, 0]


@pytest.mark.parametrize(
    ("address", "values", "code"),
    [(0, [2], 3), (0, [65535], 3), (1, [1], 2), (2, [1], 2), (0, [1, 1], 2)],
)
def test_the_panel_refuses_what_it_does_not_know(
    address: int, values: list[int], code: int
) -> None:
    world = World(InverterParameters())
    panel = ContactorPanel(world.contactor)

    with pytest.raises(RefusedRegister) as refusal:
        panel.write(address, values)

    assert refusal.value.code == code
    assert panel.read(0, 1) == [0]


def test_the_panel_has_two_registers() -> None:
    panel = ContactorPanel(World(InverterParameters()).contactor)

    with pytest.raises(RefusedRegister) as refusal:
        panel.read(1, 2)

    assert refusal.value.code == 2
