"""All ports of the simulated laboratory in one loop in one thread.

A message is handled like this: time passes by the instrument's latency, the service answers, the
answer leaves. One lock covers all of it, so the world is never seen half-way. Before the virtual
clock moves, `drain` takes whatever clients have sent and not waited for, so that no command is left
behind in a socket while time passes.
"""

from __future__ import annotations

import os
import selectors
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from types import TracebackType
from typing import Protocol

HOST = "127.0.0.1"
RECEIVE_BYTES = 65_536
LATENCY_SPREAD = (0.8, 1.2)
RESET_ON_CLOSE = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class Service(Protocol):
    """One simulated instrument behind one port.

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


def take_line(received: bytearray) -> bytes | None:
    """Remove and return the first line without its end."""
    end = received.find(b"\n")
    if end < 0:
        return None
    line = bytes(received[:end])
    del received[: end + 1]
    return line


@dataclass
class Endpoint:
    """A service, its port, and the latency of its next exchange."""

    service: Service
    listener: socket.socket
    latency_scale: float
    random: Random

    @classmethod
    def opened(cls, service: Service, port: int, latency_scale: float, seed: str) -> Endpoint:
        """Return an endpoint that listens at `port`, 0 for any."""
        listener = socket.create_server((HOST, port))
        listener.setblocking(False)
        return cls(service, listener, latency_scale, Random(seed))

    def next_latency_s(self) -> float:
        """Draw the latency of one exchange."""
        return self.service.latency_s * self.latency_scale * self.random.uniform(*LATENCY_SPREAD)


@dataclass(eq=False)
class _Connection:
    socket: socket.socket
    endpoint: Endpoint
    received: bytearray = field(default_factory=bytearray)
    outgoing: bytearray = field(default_factory=bytearray)
    watched: int = 0
    closed: bool = False


class _Trap:
    """Keeps the first exception of a simulated instrument, for the thread that owns the loop.

    An interrupt from the keyboard is not one and passes through.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.error = self.error or error
        return True


class ServerLoop:
    """Serves several instruments on ports of the loopback interface.

    Args:
        services: instruments by role.
        pass_time: lets the given number of seconds pass in the world.
        seed: of the latencies; each role has its own sequence.
        latency_scale: multiplies every latency; 0 answers at once.
        ports: fixed port numbers by role; the others are chosen by the system.

    Attributes:
        lock: held while a message is handled; whoever touches the world takes it.
        ports: port numbers by role.
        exchanges: messages handled so far.
        late_bytes: bytes found by `drain`, which their senders had not waited for.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        pass_time: Callable[[float], None],
        *,
        seed: int,
        latency_scale: float = 1.0,
        ports: Mapping[str, int] | None = None,
    ) -> None:
        self.lock = threading.Lock()
        self.exchanges = 0
        self.late_bytes = 0
        self._pass_time = pass_time
        self._trap = _Trap()
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._peek = selectors.DefaultSelector()
        self._connections: set[_Connection] = set()
        self._changed: list[_Connection] = []
        self._wake_receiver, self._wake_sender = socket.socketpair()
        self._endpoints = {
            role: Endpoint.opened(
                service, (ports or {}).get(role, 0), latency_scale, f"{seed} latency {role}"
            )
            for role, service in services.items()
        }
        self.ports = {role: e.listener.getsockname()[1] for role, e in self._endpoints.items()}
        self._thread = threading.Thread(target=self._run, name="simulated laboratory", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._selector.register(self._wake_receiver, selectors.EVENT_READ, self._woken)
        for endpoint in self._endpoints.values():
            accept = partial(self._accept, endpoint)
            self._selector.register(endpoint.listener, selectors.EVENT_READ, accept)
            self._peek.register(endpoint.listener, selectors.EVENT_READ, accept)
        self._thread.start()

    def stop(self) -> None:
        """Close every socket and end the thread. May be called again."""
        if self._thread.is_alive():
            self._stopping = True
            self._wake()
            self._thread.join()
        self._close_all()

    @property
    def failure(self) -> Exception | None:
        """What a simulated instrument failed with, if one did; the loop has ended then."""
        return self._trap.error

    def drain(self) -> None:
        """Handle what has arrived, and count it. The caller holds the lock and asks `failure`."""
        with self._trap:
            while ready := self._peek.select(0):
                for key, _ in ready:
                    self.late_bytes += key.data()
        if self._trap.error is not None:
            self._stopping = True
            self._wake()

    def _run(self) -> None:
        with self._trap:
            while not self._stopping:
                for key, _ in self._selector.select():
                    with self.lock:
                        key.data()
                        self._watch_changed()
        if self._trap.error is not None:
            with self.lock:
                self._abandon()

    def _wake(self) -> None:
        self._wake_sender.send(b"\0")

    def _woken(self) -> int:
        return len(self._wake_receiver.recv(RECEIVE_BYTES))

    def _accept(self, endpoint: Endpoint) -> int:
        try:
            client, _ = endpoint.listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return 0
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(client, endpoint)
        self._connections.add(connection)
        self._peek.register(client, selectors.EVENT_READ, partial(self._serve, connection))
        self._change(connection)
        return 0

    def _serve(self, connection: _Connection) -> int:
        """Send what is waiting, receive, answer; return how many bytes came."""
        if connection.closed:
            return 0
        self._send(connection)
        try:
            data = connection.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return 0
        except ConnectionError:
            data = b""
        if not data:
            self._hang_up(connection)
            return 0
        connection.received += data
        self._answer(connection)
        return len(data)

    def _answer(self, connection: _Connection) -> None:
        endpoint = connection.endpoint
        while (message := endpoint.service.split(connection.received)) is not None:
            self._pass_time(endpoint.next_latency_s())
            connection.outgoing += endpoint.service.answer(message)
            self.exchanges += 1
            self._send(connection)

    def _send(self, connection: _Connection) -> None:
        if not connection.outgoing:
            return
        try:
            del connection.outgoing[: connection.socket.send(connection.outgoing)]
        except BlockingIOError:
            pass
        except ConnectionError:
            self._hang_up(connection)
            return
        if bool(connection.outgoing) != bool(connection.watched & selectors.EVENT_WRITE):
            self._change(connection)

    def _hang_up(self, connection: _Connection) -> None:
        """Stop serving a client that has gone; its socket is closed by the loop."""
        if not connection.closed:
            connection.closed = True
            connection.outgoing.clear()
            self._peek.unregister(connection.socket)
            self._change(connection)

    def _change(self, connection: _Connection) -> None:
        """Let the loop, which alone may touch its selector, follow a change of a connection."""
        self._changed.append(connection)
        if threading.current_thread() is not self._thread:
            self._wake()

    def _watch_changed(self) -> None:
        while self._changed:
            connection = self._changed.pop()
            if connection.closed:
                self._forget(connection)
            else:
                self._watch(connection)

    def _watch(self, connection: _Connection) -> None:
        events = selectors.EVENT_READ
        if connection.outgoing:
            events |= selectors.EVENT_WRITE
        if not connection.watched:
            serve = partial(self._serve, connection)
            self._selector.register(connection.socket, events, serve)
        elif events != connection.watched:
            self._selector.modify(
                connection.socket, events, self._selector.get_key(connection.socket).data
            )
        connection.watched = events

    def _forget(self, connection: _Connection) -> None:
        if connection.watched:
            self._selector.unregister(connection.socket)
            connection.watched = 0
        connection.socket.close()
        self._connections.discard(connection)

    def _abandon(self) -> None:
        """Reset every client, so that none waits for an answer that will not come."""
        for endpoint in self._endpoints.values():
            endpoint.listener.close()
        for connection in self._connections:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            connection.socket.close()

    def _close_all(self) -> None:
        for connection in self._connections:
            connection.socket.close()
        for endpoint in self._endpoints.values():
            endpoint.listener.close()
        for end in (self._wake_receiver, self._wake_sender, self._selector, self._peek):
            end.close()
