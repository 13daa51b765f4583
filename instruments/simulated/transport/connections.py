"""Connections and endpoints of the server loop."""

from __future__ import annotations

import os
import selectors
import socket
import struct
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from instruments.errors import ConfigurationError
from instruments.simulated.transport.serial_line import SerialLine
from instruments.simulated.transport.services import (
    HOST,
    Address,
    OpenSession,
    Reply,
    Service,
    Session,
    StatusService,
    Transport,
)
from instruments.simulated.transport.tls_stream import TlsStream

LATENCY_SPREAD = (0.8, 1.2)
RESET_ON_CLOSE = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Stream(Protocol):
    """What connections need of a socket or a serial line."""

    def fileno(self) -> int: ...

    def recv(self, most: int, /) -> bytes: ...

    def send(self, data: bytearray, /) -> int: ...

    def close(self) -> None: ...


class Hook(Protocol):
    """Something between the clients and an instrument, such as the troubles of `link_faults`."""

    def exchange(self, request: bytes, proceed: Callable[[bytes], Reply]) -> Reply:
        """Return what becomes of a message; `proceed` has the instrument execute one."""
        ...

    def admits(self, clients: int) -> bool:
        """Whether one more client is served beside `clients` others."""
        ...


class Endpoint:
    """A service at its address, and the latency of its next exchange. Implements `Access`.

    Args:
        port: to listen at, 0 for any; meaningless for a serial line.
        pass_time: lets time pass in the world.
        hook: between the clients and the service.
        opened: closes the endpoint if a later one cannot be opened.

    Raises:
        ConfigurationError: the service cannot be reached over the transport.
    """

    def __init__(
        self,
        role: str,
        service: Service,
        transport: Transport,
        *,
        port: int,
        latency_scale: float,
        seed: int,
        pass_time: Callable[[float], None],
        hook: Hook | None,
        opened: ExitStack,
    ) -> None:
        if transport.status and not isinstance(service, StatusService):
            raise ConfigurationError(
                f"{role}: transport {transport.name} needs an instrument with an IEEE 488.2 status "
                f"system, {type(service).__name__} has none; use socket"
            )
        self.service = service
        self.transport = transport
        self.pass_time = pass_time
        self.exchanges = 0
        self._hook = hook
        self._latency_s = service.latency_s * latency_scale
        self._random = Random(f"{seed} latency {role}")
        self.open_session: OpenSession = transport.sessions(self)
        self.line = SerialLine() if transport.serial else None
        self.listener = None if transport.serial else socket.create_server((HOST, port))
        opened.callback(self.close)

    @property
    def address(self) -> Address:
        """Port or device a client opens."""
        if self.line is not None:
            return self.line.device
        assert self.listener is not None
        return int(self.listener.getsockname()[1])

    def stream(self, client: socket.socket) -> Stream:
        """Return what carries a client's bytes: its connection, secured where the transport is."""
        context = self.transport.context
        return TlsStream(client, context) if context else client

    def execute(self, message: bytes) -> Reply:
        """Let the latency pass and have the message executed."""
        self.pass_time(self._latency_s * self._random.uniform(*LATENCY_SPREAD))
        self.exchanges += 1
        if self._hook is None:
            return Reply(self.service.answer(message))
        return self._hook.exchange(message, self._proceed)

    def admits(self, clients: int) -> bool:
        """Whether one more client is served beside `clients` others."""
        return self._hook is None or self._hook.admits(clients)

    def close(self) -> None:
        """Take the address away."""
        for opened in (self.listener, self.line):
            if opened is not None:
                opened.close()

    def _proceed(self, message: bytes) -> Reply:
        return Reply(self.service.answer(message))


@dataclass(eq=False)
class Connection:
    """One client. Implements `Channel`.

    Attributes:
        changed: told when the connection wants to write, no longer wants to, or has ended.
        serve: receives from the connection and handles what has come.
        watched: events the loop watches it for.
    """

    stream: Stream
    changed: Callable[[Connection], None]
    serve: Callable[[Connection], int]
    received: bytearray = field(default_factory=bytearray)
    outgoing: bytearray = field(default_factory=bytearray)
    held: bytearray = field(default_factory=bytearray)
    watched: int = 0
    closed: bool = False
    session: Session | None = None

    def send(self, data: bytes) -> None:
        """Send as soon as the client takes it."""
        if not self.closed:
            self.outgoing += data
            self.flush()

    def deliver(self, data: bytes, reply: Reply) -> None:
        """Send `data` as `reply` asks for."""
        if reply.cut:
            data = data[: len(data) // 2]
        if reply.late:
            self.held += data
        elif data:
            self.send(data)
        if reply.hang_up:
            self.hang_up()

    def release(self) -> None:
        """Send what has been held back."""
        if self.held:
            data, self.held = bytes(self.held), bytearray()
            self.send(data)

    def flush(self) -> None:
        """Send what the client takes now."""
        if not self.outgoing:
            return
        try:
            del self.outgoing[: self.stream.send(self.outgoing)]
        except BlockingIOError:
            pass
        except ConnectionError:
            self.hang_up()
            return
        if bool(self.outgoing) != bool(self.watched & selectors.EVENT_WRITE):
            self.changed(self)

    def catch_up(self) -> None:
        """Handle what has arrived already."""
        self.serve(self)

    def hang_up(self) -> None:
        """End the connection; the loop closes the stream."""
        if self.closed:
            return
        self.closed = True
        self.outgoing.clear()
        if self.session is not None:
            self.session.closed()
        self.changed(self)

    def reset(self) -> None:
        """Close at once, so that the client notices."""
        if isinstance(self.stream, socket.socket):
            self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.stream.close()
