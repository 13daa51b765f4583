"""What gateways, communication boards and clouds in the field do to Modbus exchanges.

Which of it goes by which name is in `link_fault_kinds`.
"""

from __future__ import annotations

from dataclasses import dataclass

from instruments.simulated.transport.link_fault_acts import Outcome, Proceed, Scene
from instruments.simulated.transport.modbus_frames import (
    is_write,
    reading_what_is_written,
    retransacted,
    writing_what_was_read,
)
from instruments.simulated.transport.services import Reply


def ticking(scene: Scene, request: bytes, proceed: Proceed) -> Outcome:
    """Execute at the next tick of a gateway's clock, however short the request."""
    if scene.amount:
        scene.pass_time(scene.amount - scene.world.now_s % scene.amount)
    return proceed(request), True


def stranger(_scene: Scene, reply: Reply) -> Reply:
    """Answer under a transaction that nobody asked in."""
    return reply._replace(data=retransacted(reply.data))


@dataclass
class IdleClose:
    """Drops what comes after `amount` seconds of silence, and ends the connection."""

    scene: Scene
    heard_s: float | None = None

    def watch(self, request: bytes, reply: Reply) -> None:
        """What it does not concern does not keep the connection up."""

    def spoil(self, request: bytes, proceed: Proceed) -> Outcome:
        """Return what becomes of a request."""
        before_s, self.heard_s = self.heard_s, self.scene.world.now_s
        if before_s is None or self.heard_s - before_s <= self.scene.amount:
            return proceed(request), False
        return Reply(hang_up=True), True


def overwritten(scene: Scene, request: bytes, proceed: Proceed) -> Outcome:
    """Execute a write; `amount` seconds later a cloud writes back what was there before."""
    if not is_write(request):
        return proceed(request), False
    before = proceed(reading_what_is_written(request)).data
    back = writing_what_was_read(request, before)
    scene.world.schedule(scene.world.now_s + scene.amount, lambda: _discard(proceed(back)))
    return proceed(request), True


def _discard(_reply: Reply) -> None:
    """Nobody waits for the answer to a cloud."""
