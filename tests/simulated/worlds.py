"""Worlds at a known point, shared by the tests of the physics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.physics.averages import Averages
from instruments.simulated.physics.world import World

NOMINAL = (230.0, 230.0, 230.0)
STARTED_S = 500.0


def all_phases(voltage_v: float) -> tuple[float, float, float]:
    return (voltage_v, voltage_v, voltage_v)


def running_world(
    changes: Mapping[str, Any] | None = None,
    load_w: float = 8000.0,
    impedance_ohm: complex = 0j,
) -> World:
    """Return a world whose inverter generates at full power on the nominal grid, at 500 s."""
    parameters = with_changes(InverterParameters(), changes or {})
    world = World(parameters, load_w, impedance_ohm)
    world.source.ramp_to(NOMINAL, 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.advance_to(STARTED_S)
    assert world.inverter.state == "running"
    return world


def after(world: World, duration_s: float, window_s: float = 0.2) -> Averages:
    """Let time pass and return means over the end of it."""
    world.advance_to(world.now_s + duration_s)
    return world.averages(world.now_s - window_s, world.now_s)


def power_w(world: World, duration_s: float = 0.0, window_s: float = 0.2) -> float:
    """Let time pass and return the inverter's active power."""
    return sum(after(world, duration_s, window_s).active_powers_w)


def set_grid(world: World, voltage_v: float = 230.0, frequency_hz: float = 50.0) -> None:
    world.source.ramp_to(all_phases(voltage_v), frequency_hz, 0.0)
