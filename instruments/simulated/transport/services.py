"""What the parts of the server loop agree upon: services, sessions, channels and transports.

A *service* is an instrument. A *session* is one connection's side of a protocol: it takes bytes,
cuts them into messages, has them executed and frames the answers. A *channel* carries its bytes to the
client. A *transport* makes sessions and names the address. None of them does any input or output
itself, which is the business of `server_loop`.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from instruments.simulated.scpi.scpi_engine import ScpiEngine

HOST = "127.0.0.1"
Address = int | str
Resource = str | tuple[str, int]


class Reply(NamedTuple):
    """What becomes of a message.

    Attributes:
        data: the answer, empty for none.
        late: the answer is held back until the client speaks again or time moves.
        cut: only the first half of what the answer is framed in leaves.
        hang_up: the connection ends behind what leaves.
    """

    data: bytes = b""
    late: bool = False
    cut: bool = False
    hang_up: bool = False


class Service(Protocol):
    """One simulated instrument.

    Attributes:
        protocol: "scpi" or "modbus".
        latency_s: typical time from a message to its execution.
    """

    protocol: str
    latency_s: float

    def split(self, received: bytearray) -> bytes | None:
        """Remove and return the first complete message; None when there is none yet."""
        ...

    def answer(self, message: bytes) -> bytes:
        """Execute a message and return what is sent back, empty for nothing."""
        ...


@runtime_checkable
class StatusService(Protocol):
    """An instrument with the status system of IEEE 488.2, which message-based transports need."""

    engine: ScpiEngine


class Channel(Protocol):
    """The way back to one client."""

    def send(self, data: bytes) -> None:
        """Send as soon as the client takes it."""
        ...

    def deliver(self, data: bytes, reply: Reply) -> None:
        """Send `data`, the framed answer, in the way `reply` asks for."""
        ...

    def catch_up(self) -> None:
        """Handle what has arrived on this channel already."""
        ...

    def hang_up(self) -> None:
        """End the connection."""
        ...


class Session(Protocol):
    """One connection's side of a protocol."""

    def receive(self, received: bytearray) -> None:
        """Remove what is complete from `received` and act upon it."""
        ...

    def closed(self) -> None:
        """Take notice that the connection has ended."""
        ...


class Access(Protocol):
    """What a session may do with the instrument behind it."""

    @property
    def service(self) -> Service: ...

    def execute(self, message: bytes) -> Reply:
        """Let the latency pass and have the message executed."""
        ...

    def pass_time(self, duration_s: float) -> None:
        """Let time pass in the world."""
        ...

    def admits(self, clients: int) -> bool:
        """Whether one more client is served beside `clients` others."""
        ...


OpenSession = Callable[[Channel], Session]


@dataclass(frozen=True)
class Transport:
    """A way of carrying messages.

    Attributes:
        sessions: returns, for one instrument, what opens a session on a channel.
        resource: returns what a client opens, from the port or device.
        serial: whether it is a serial line, which is always connected, and not a port.
        status: whether it needs an instrument with an IEEE 488.2 status system.
        context: what its connections are secured with; None for plain ones.
    """

    name: str
    sessions: Callable[[Access], OpenSession]
    resource: Callable[[Address], Resource]
    serial: bool = False
    status: bool = False
    context: ssl.SSLContext | None = None


def take_line(received: bytearray) -> bytes | None:
    """Remove and return the first line without its end."""
    end = received.find(b"\n")
    if end < 0:
        return None
    line = bytes(received[:end])
    del received[: end + 1]
    return line
