"""How long an inverter observes the grid before it connects, and the mistakes it can make there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from instruments.simulated.physics.world import World
from tests.simulated.worlds import running_world, set_grid

OBSERVATION_S = 61.0
SWITCHED_S = 1.0
"""Room for the contactor and for the one-cycle mean squares."""


def tripped(changes: Mapping[str, Any]) -> World:
    """Return a world whose inverter has just been disconnected by a swell that ends now."""
    world = running_world({"sensing.instantaneous": True, **changes})
    set_grid(world, 280.0)
    world.advance_to(world.now_s + 0.5)
    assert world.inverter.state == "waiting"
    set_grid(world)
    return world


def connects_after_s(world: World) -> float:
    """Return the time from now to the connection, to a tenth of a second."""
    began_s = world.now_s
    while world.inverter.state != "running":
        world.advance_to(world.now_s + 0.1)
    return world.now_s - began_s


def excursion(world: World, lasts_s: float) -> None:
    """Leave the window in the middle of the observation, and come back."""
    world.advance_to(world.now_s + 30.0)
    set_grid(world, 256.0)
    world.advance_to(world.now_s + lasts_s)
    set_grid(world)


@pytest.mark.parametrize(
    ("changes", "lasts_s", "left_s"),
    [
        ({}, 5.0, OBSERVATION_S),
        ({"restarts_observation": False}, 5.0, OBSERVATION_S - 35.0),
        ({"forgiven_excursion_s": 5.2}, 5.0, OBSERVATION_S - 35.0),
        ({"forgiven_excursion_s": 5.2}, 5.4, OBSERVATION_S),
    ],
)
def test_an_excursion_restarts_the_observation_unless_it_is_forgiven(
    changes: Mapping[str, Any], lasts_s: float, left_s: float
) -> None:
    world = tripped(changes)
    excursion(world, lasts_s)
    assert connects_after_s(world) == pytest.approx(left_s, abs=0.6)


@pytest.mark.parametrize(("usual_s", "after_loss_s"), [(61.0, None), (20.0, 20.0)])
def test_a_grid_that_was_gone_is_observed_for_a_time_of_its_own(
    usual_s: float, after_loss_s: float | None
) -> None:
    world = running_world({"observation_after_loss_s": after_loss_s}, load_w=0.0)
    world.contactor.command(False)
    world.advance_to(world.now_s + 10.0)
    world.contactor.command(True)
    assert connects_after_s(world) == pytest.approx(usual_s, abs=SWITCHED_S)


def test_a_dip_is_observed_for_the_usual_time_by_an_inverter_with_a_time_for_losses() -> None:
    world = tripped({"observation_after_loss_s": 20.0})
    assert connects_after_s(world) == pytest.approx(OBSERVATION_S, abs=0.6)


def test_a_loss_that_is_over_is_forgotten_at_the_next_disconnection() -> None:
    world = running_world({"observation_after_loss_s": 20.0}, load_w=0.0)
    world.contactor.command(False)
    world.advance_to(world.now_s + 10.0)
    world.contactor.command(True)
    world.advance_to(world.now_s + 25.0)
    assert world.inverter.state == "running"
    world.inverter.permit(False)
    world.inverter.permit(True)
    assert connects_after_s(world) == pytest.approx(OBSERVATION_S, abs=0.2)
