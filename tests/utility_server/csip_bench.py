"""A simulated site that runs, a utility server for it, and what the site's powers are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from instruments.clock import Clock
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.utility import ControlOrder, DefaultOrder, PublishedControl, SiteLimits
from instruments.utility_server.stub import UtilityServerStub

QUICK = {"settings.observation_s": 5.0, "settings.ramp_pu_per_s": 0.2}


@dataclass
class CsipBench:
    """The site and its server."""

    world: World
    clock: Clock
    server: UtilityServerStub

    def power_w(self, window_s: float = 1.0) -> float:
        """Export over the last seconds."""
        now_s = self.world.now_s
        return sum(self.world.averages(now_s - window_s, now_s).grid_active_powers_w)

    def default(self, export_w: float, gradient: float | None = 0.0) -> None:
        self.server.publish_default(DefaultOrder(SiteLimits(export_w=export_w), gradient), 1)

    def control(
        self, export_w: float, after_s: float, duration_s: float, **more: Any
    ) -> PublishedControl:
        return self.server.publish_control(
            ControlOrder(
                SiteLimits(export_w=export_w), self.clock.now_s() + after_s, duration_s, **more
            )
        )

    def statuses(self, control: PublishedControl) -> list[int]:
        """What the client answered to a control."""
        answers = self.server.responses()
        return [one.status for one in answers if one.control_id == control.control_id]


@contextmanager
def csip_bench(
    changes: dict[str, Any] | None = None,
    seed: int = 1,
    load_w: float = 0.0,
    poll_s: int = 20,
    **serving: Any,
) -> Iterator[CsipBench]:
    """Give a site at full power that has visited its server once."""
    world = World(with_changes(InverterParameters(), QUICK | (changes or {})), load_w)
    with Laboratory(world, seed=seed, prompted=True) as laboratory:
        site = laboratory.csip_site
        server = UtilityServerStub("https://127.0.0.1:0", site.clock, audience=site, **serving)
        world.source.ramp_to((230.0, 230.0, 230.0), 50.0, 0.0)
        world.source.switch_output(True)
        world.contactor.command(True)
        laboratory.clock.sleep(15.0)
        server.open()
        server.set_rates(poll_s, 60)
        try:
            yield CsipBench(world, laboratory.clock, server)
        finally:
            server.close()
