"""A world tied to a clock, with a clock that is moved by hand."""

from __future__ import annotations

import pytest

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.world import World
from instruments.simulated.transport.passage import Pace, Passage


class HandClock:
    """A clock that stands still unless somebody sleeps or moves it."""

    name = "hand"

    def __init__(self) -> None:
        self.time_s = 1000.0

    def now_s(self) -> float:
        return self.time_s

    def sleep(self, duration_s: float) -> None:
        self.time_s += max(0.0, duration_s)


@pytest.mark.parametrize("speed", [0.5, 1.0, 60.0])
def test_an_exchange_catches_up_with_the_clock_and_takes_its_latency(speed: float) -> None:
    clock, world = HandClock(), World(InverterParameters())
    passage = Passage(world, Pace(clock, speed))
    clock.time_s += 30.0
    passage.advance_by(0.02)
    assert world.now_s == pytest.approx(30.0 * speed + 0.02)
    assert clock.time_s == pytest.approx(1030.0 + 0.02 / speed)


def test_a_world_that_is_ahead_waits_for_its_clock() -> None:
    clock, world = HandClock(), World(InverterParameters())
    passage = Passage(world, Pace(clock, 1.0))
    passage.advance_by(5.0)
    assert (world.now_s, clock.time_s) == (5.0, 1005.0)
