"""What a client tells the server unasked: ratings, settings, state, and the powers it measures."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from xml.etree.ElementTree import ParseError

from instruments.simulated.csip import documents
from instruments.simulated.csip.documents import link, root
from instruments.simulated.csip.reading import WHOLE_LIST, Places
from instruments.simulated.csip.wire import Unreachable, Wire
from instruments.simulated.physics.world import World

WATT, VOLT = 38, 29
SITE, DEVICE = "5173000000000000000000000004777A", "DE71CE0000000000000000000004777A"
SITE_W, DEVICE_W, SITE_V = (f"{digit}EAD000000000000000000000004777A" for digit in "123")
POST_S = 60.0


@dataclass
class _Posts:
    """Where the client posts its readings; empty until it has registered them."""

    site: str = ""
    device: str = ""


class Reporter:
    """Reports a world's inverter and connection point.

    Attributes:
        due_s: when readings are posted next, on the world's clock.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._posts = _Posts()
        self._status: tuple[bool, bool] | None = None
        self._gradient: float | None = None
        self.due_s = inf

    def register(self, wire: Wire, places: Places) -> None:
        """State ratings and usage points. Raises Unreachable."""
        rated_w = self._world.inverter.parameters.rated_apparent_power_va
        wire.ask(
            "PUT", self._resource(wire, places, "DERCapabilityLink"), documents.capability(rated_w)
        )
        self._posts.site = self._usage_point(
            wire, places, SITE, {SITE_W: WATT, SITE_V: VOLT}, site=True
        )
        self._posts.device = self._usage_point(wire, places, DEVICE, {DEVICE_W: WATT}, site=False)
        self._status = self._gradient = None
        self.due_s = self._world.now_s + POST_S

    def report(self, wire: Wire, places: Places, gradient: float | None, now_s: float) -> None:
        """State what has changed, and readings when they are due. Raises Unreachable."""
        inverter = self._world.inverter
        status = (inverter.connected, inverter.state == "running")
        if gradient is not None and gradient != self._gradient:
            rated_w = inverter.parameters.rated_apparent_power_va
            body = documents.settings(rated_w, gradient, now_s)
            wire.ask("PUT", self._resource(wire, places, "DERSettingsLink"), body)
            self._gradient = gradient
        if status != self._status:
            body = documents.status(connected=status[0], operating=status[1], now_s=now_s)
            wire.ask("PUT", self._resource(wire, places, "DERStatusLink"), body)
            self._status = status
        if self._world.now_s >= self.due_s:
            self._post(wire, now_s)

    def _post(self, wire: Wire, now_s: float) -> None:
        world = self._world
        means = world.averages(max(0.0, world.now_s - POST_S), world.now_s)
        start_s = now_s - POST_S
        site = {SITE_W: sum(means.grid_active_powers_w), SITE_V: means.voltages_v[0]}
        device = {DEVICE_W: sum(means.active_powers_w)}
        wire.ask("POST", self._posts.site, documents.meter_readings(site, start_s, POST_S))
        wire.ask("POST", self._posts.device, documents.meter_readings(device, start_s, POST_S))
        self.due_s = world.now_s + POST_S

    @staticmethod
    def _usage_point(
        wire: Wire, places: Places, mrid: str, meters: dict[str, int], *, site: bool
    ) -> str:
        body = documents.usage_point(mrid, wire.lfdi, meters, site=site)
        return wire.ask("POST", places.mirrors, body).location

    @staticmethod
    def _resource(wire: Wire, places: Places, name: str) -> str:
        try:
            listed = root(wire.get(places.devices + WHOLE_LIST))
        except ParseError as error:
            raise Unreachable(f"what the server says is no XML: {error}") from error
        found = [link(one, name) for one in listed]
        if not found or not found[0]:
            raise Unreachable(f"{places.devices}: no {name}")
        return found[0]
