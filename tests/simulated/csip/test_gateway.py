"""The inverter's limits on their way: at once without a gradient, in ticks along one."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import pytest

from instruments.simulated.csip.behaviour import ClientBehaviour
from instruments.simulated.csip.choice import InForce
from instruments.simulated.csip.gateway import EXPORT, Gateway
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.world import World


class Ticking:
    """A world that stands still but for the gateway's ticks."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.inverter = World(InverterParameters()).inverter
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self.gateway = Gateway(self.inverter, ClientBehaviour(), self._schedule, lambda: self.now_s)

    def _schedule(self, time_s: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time_s, len(self._due), action))

    def advance_to(self, time_s: float) -> None:
        while self._due and self._due[0][0] <= time_s:
            self.now_s, _, action = heapq.heappop(self._due)
            action()
        self.now_s = time_s

    def limit_w(self) -> float | None:
        return self.inverter.settings.export_limit.limit_w


def export(limit_w: float) -> dict[str, InForce]:
    return {EXPORT: InForce(limit_w, None)}


def test_without_a_gradient_a_limit_is_there_with_the_next_tick() -> None:
    site = Ticking()
    site.gateway.aim(export(3000.0), None)
    site.advance_to(0.5)
    assert site.limit_w() == 3000.0


@pytest.mark.parametrize(
    ("time_s", "limit_w"), [(10.0, 9000.0), (50.0, 5000.0), (80.0, 2000.0), (99.0, 2000.0)]
)
def test_along_a_gradient_a_limit_falls_in_ticks(time_s: float, limit_w: float) -> None:
    site = Ticking()
    site.gateway.aim(export(2000.0), 1.0)
    site.advance_to(time_s)
    assert site.limit_w() == pytest.approx(limit_w)


def test_a_second_order_at_the_same_instant_changes_nothing_else() -> None:
    site = Ticking()
    site.gateway.aim(export(3000.0), 1.0)
    site.gateway.aim(export(4000.0), 1.0)
    site.advance_to(70.0)
    settings = site.inverter.settings
    assert (settings.export_limit.limit_w, settings.generation_limit.limit_w) == (4000.0, None)


def test_release_puts_the_settings_back() -> None:
    site = Ticking()
    before = site.inverter.settings
    site.gateway.aim(export(3000.0), 1.0)
    site.advance_to(20.0)
    site.gateway.release()
    assert site.inverter.settings == before
