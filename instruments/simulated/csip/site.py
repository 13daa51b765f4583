"""The simulated site as a utility server finds it: a clock, and a client that comes when it serves."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from instruments.simulated.physics.world import World

if TYPE_CHECKING:
    from instruments.simulated.csip.client import SiteClient


class WorldClock:
    """The world's time for what answers the client, while the world stands still and is locked."""

    name = "virtual"

    def __init__(self, world: World) -> None:
        self._world = world

    def now_s(self) -> float:
        return self._world.now_s

    def sleep(self, duration_s: float) -> None:
        """Raises RuntimeError: a server does not move the world."""
        raise RuntimeError(f"a utility server asked the world to pass {duration_s:g} s")

    def prompt(self) -> None: ...


class CsipSite:
    """Has a client at the connection point while a server serves. Implements the server's `Audience`.

    Args:
        lock: held by whoever touches the world.
        seed: of the client.
    """

    def __init__(self, world: World, lock: Lock, seed: int) -> None:
        self.clock = WorldClock(world)
        self._world = world
        self._lock = lock
        self._seed = seed
        self._admissions = 0
        self._client: SiteClient | None = None

    def admitted(self, url: str, certificates: Path) -> None:
        """Have a client visit a server from the next instant on."""
        # Here, because TLS and HTTP would take a tenth of a second of every start.
        from instruments.simulated.csip.client import SiteClient
        from instruments.simulated.csip.wire import Wire

        behaviour = self._world.inverter.parameters.csip
        with self._lock:
            self._admissions += 1
            seed = self._seed + 1000 * self._admissions
            self._client = SiteClient(self._world, Wire(url, certificates), behaviour, seed)

    def dismissed(self) -> None:
        """Have the client end."""
        with self._lock:
            if self._client is not None:
                self._client.stop()
            self._client = None
