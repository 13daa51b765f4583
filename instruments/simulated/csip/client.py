"""A site's client in the simulated world: visits the server, keeps its schedule, moves the inverter's limits.

Its questions cross a real TLS connection while the world stands still; the answer takes effect a seeded latency
later.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from math import inf
from random import Random

from instruments.simulated.csip import documents
from instruments.simulated.csip.behaviour import CEASE, LAST, ClientBehaviour
from instruments.simulated.csip.choice import Default, InForce
from instruments.simulated.csip.gateway import CONNECT, Gateway
from instruments.simulated.csip.reading import Places, Visit, discover, visit
from instruments.simulated.csip.reporting import Reporter
from instruments.simulated.csip.schedule import Reply, Schedule
from instruments.simulated.csip.wire import Unreachable, Wire
from instruments.simulated.physics.world import World

SUPPLY_LOOK_S = 1.0
HALF_A_SECOND_S = 0.5


class SiteClient:
    """One client, from its first act until `stop`.

    Args:
        seed: of latencies and randomized starts.
    """

    def __init__(self, world: World, wire: Wire, behaviour: ClientBehaviour, seed: int) -> None:
        self._world = world
        self._wire = wire
        self._behaviour = behaviour
        self._random = Random(f"{seed}/site client")
        self._schedule = Schedule(behaviour, seed)
        self._gateway = Gateway(world.inverter, behaviour, self._at, lambda: world.now_s)
        self._reporter = Reporter(world)
        self._places: Places | None = None
        self._stored: tuple[Default, ...] = ()
        self._unsent: list[Reply] = []
        self._offset_s = behaviour.clock_skew_s
        self._life = 0
        self._wake_s = inf
        self._supplied = True
        self._running = True
        self._at(world.now_s, self._poll)
        self._at(world.now_s + SUPPLY_LOOK_S, self._look_at_supply)

    def stop(self) -> None:
        """End, and put the inverter's settings back as they were found."""
        self._running = False
        self._gateway.release()
        self._wire.close()

    @property
    def _now_s(self) -> float:
        """The server's time as this client knows it."""
        return self._world.now_s + self._offset_s

    def _at(self, time_s: float, action: Callable[[], None]) -> None:
        """Act at a time of the world, unless the client has ended or lost its supply before."""
        life = self._life

        def act() -> None:
            if self._running and self._life == life:
                action()

        self._world.schedule(time_s, act)

    def _poll(self) -> None:
        """Ask the server; take its answer over a latency later."""
        try:
            if self._places is None:
                self._places = discover(self._wire, self._now_s)
                self._reporter.register(self._wire, self._places)
            self._send_replies()
            found = visit(
                self._wire, self._places, heeds_multiplier=self._behaviour.heeds_multiplier
            )
        except Unreachable:
            self._gone()
            return
        latency_s = sum(self._latency_s() for _ in range(found.exchanges))
        self._at(self._world.now_s + latency_s, lambda: self._learned(found, latency_s))
        self._at(self._world.now_s + found.poll_s, self._poll)

    def _latency_s(self) -> float:
        return self._behaviour.latency_s * self._random.uniform(0.5, 1.5)

    def _gone(self) -> None:
        """Go on by what is known and try again."""
        if not self._behaviour.works_offline:
            self._schedule.drop_controls()
            self._carry_on()
        self._at(self._world.now_s + self._behaviour.retry_s, self._poll)

    def _learned(self, found: Visit, latency_s: float) -> None:
        self._offset_s = found.time_s + HALF_A_SECOND_S + latency_s - self._world.now_s
        replies = self._schedule.adopt(found.defaults, found.controls, self._now_s)
        if self._behaviour.remembers_default:
            self._stored = tuple(found.defaults)
        self._carry_on(replies)
        self._report()

    def _carry_on(self, replies: list[Reply] | None = None) -> None:
        """Begin and end what is due, move the limits, and wake at the next change."""
        now_s = self._now_s
        self._unsent += [*(replies or []), *self._schedule.progress(now_s)]
        self._aim()
        self._send_what_can_be_sent()
        wake_s = self._schedule.next_change_s(now_s) - self._offset_s
        self._wake_s = wake_s
        if wake_s < inf:
            self._at(wake_s, lambda: self._woken(wake_s))

    def _woken(self, wake_s: float) -> None:
        if wake_s == self._wake_s:
            self._carry_on()

    def _aim(self, *, at_once: bool = False) -> None:
        forces = self._schedule.in_force(self._now_s)
        by_control = any(one.event for one in forces.values())
        left_alone = self._schedule.knew_controls and not by_control
        if left_alone and self._behaviour.without_control == LAST:
            return
        if left_alone and self._behaviour.without_control == CEASE:
            forces = {CONNECT: InForce(False, None)}
        self._gateway.aim(forces, self._schedule.gradient_pct_per_s, at_once=at_once)

    def _report(self) -> None:
        """State what has changed; what does not arrive is stated after the next visit."""
        gradient = self._schedule.gradient_pct_per_s
        if self._places is not None:
            with suppress(Unreachable):
                self._reporter.report(self._wire, self._places, gradient, self._now_s)

    def _send_what_can_be_sent(self) -> None:
        """Answer to controls; what does not arrive is sent with the next visit."""
        with suppress(Unreachable):
            self._send_replies()

    def _send_replies(self) -> None:
        """Answer to controls; what cannot be sent waits. Raises Unreachable."""
        while self._unsent:
            reply = self._unsent[0]
            if self._behaviour.responds and reply.reply_to:
                body = documents.response(reply.mrid, self._wire.lfdi, reply.status, self._now_s)
                self._wire.ask("POST", reply.reply_to, body)
            del self._unsent[0]

    def _look_at_supply(self) -> None:
        """The client lives on the mains at the inverter's terminals."""
        supplied = self._world.fed
        if self._supplied and not supplied:
            self._supplied = False
            self._life += 1
        elif supplied and not self._supplied:
            self._supplied = True
            self._at(self._world.now_s + self._behaviour.boot_s, self._boot)
        self._at(self._world.now_s + SUPPLY_LOOK_S, self._look_at_supply)

    def _boot(self) -> None:
        """Begin with nothing but what is stored."""
        self._schedule.forget()
        self._unsent.clear()
        self._places = None
        self._offset_s = self._behaviour.clock_skew_s
        self._schedule.defaults = self._stored
        self._gateway.restart()
        self._aim(at_once=True)
        self._poll()
