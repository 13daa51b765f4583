"""All addresses of the simulated laboratory in one loop in one thread.

A message is handled like this: time passes by the instrument's latency, the service answers, the
answer leaves. One lock covers all of it, so the world is never seen half-way. Before the virtual
clock moves, `drain` takes whatever clients have sent and not waited for, so that no command is left
behind in a socket while time passes.

A loop that is prompted leaves receiving to `attend`, which a client in the same process calls after it has
sent: the answer is there before it asks for it, and no exchange waits for another thread to wake up.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from types import TracebackType

from instruments.simulated.transport.connections import Connection, Endpoint, Hook, Stream
from instruments.simulated.transport.services import HOST, Address, Service, Transport, take_line
from instruments.simulated.transport.stream_session import stream_sessions

__all__ = ["HOST", "RAW_SOCKET", "ServerLoop", "Service", "take_line"]

RECEIVE_BYTES = 65_536
RAW_SOCKET = Transport(
    "socket", stream_sessions, lambda address: f"TCPIP::{HOST}::{address}::SOCKET"
)


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
    """Serves several instruments on ports of the loopback interface and on serial lines.

    Args:
        services: instruments by role.
        pass_time: lets the given number of seconds pass in the world.
        seed: of the latencies; each role has its own sequence.
        latency_scale: multiplies every latency; 0 answers at once.
        ports: fixed port numbers by role; the others are chosen by the system.
        transports: by role; the others are served on raw sockets.
        hooks: by role, what stands between the clients and an instrument.
        prompted: messages are handled when somebody calls `attend`, and only then.

    Attributes:
        lock: held while a message is handled; whoever touches the world takes it.
        addresses: port numbers, or devices of serial lines, by role.
        ports: port numbers by role, without the serial lines.
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
        transports: Mapping[str, Transport] | None = None,
        hooks: Mapping[str, Hook] | None = None,
        prompted: bool = False,
    ) -> None:
        with ExitStack() as opened:
            self._endpoints = {
                role: Endpoint(
                    role,
                    service,
                    (transports or {}).get(role, RAW_SOCKET),
                    port=(ports or {}).get(role, 0),
                    latency_scale=latency_scale,
                    seed=seed,
                    pass_time=pass_time,
                    hook=(hooks or {}).get(role),
                    opened=opened,
                )
                for role, service in services.items()
            }
            opened.pop_all()
        self.lock = threading.Lock()
        self.prompted = prompted
        self.late_bytes = 0
        self._events = 0 if prompted else selectors.EVENT_READ
        self._trap = _Trap()
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._peek = selectors.DefaultSelector()
        self._connections: set[Connection] = set()
        self._changed: list[Connection] = []
        self._wake_receiver, self._wake_sender = socket.socketpair()
        self.addresses: dict[str, Address] = {
            role: endpoint.address for role, endpoint in self._endpoints.items()
        }
        self.ports = {role: port for role, port in self.addresses.items() if isinstance(port, int)}
        self._thread = threading.Thread(target=self._run, name="simulated laboratory", daemon=True)

    @property
    def exchanges(self) -> int:
        """Messages handled so far."""
        return sum(endpoint.exchanges for endpoint in self._endpoints.values())

    def start(self) -> None:
        """Begin to serve."""
        self._selector.register(self._wake_receiver, selectors.EVENT_READ, self._woken)
        for endpoint in self._endpoints.values():
            if endpoint.listener is not None:
                self._listen(endpoint, endpoint.listener)
            elif endpoint.line is not None:
                self._connect(endpoint, endpoint.line)
        self._watch_changed()
        self._thread.start()

    def stop(self) -> None:
        """Close every address and end the thread. May be called again."""
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
        self.late_bytes += self.attend()
        with self._trap:
            for connection in self._connections:
                connection.release()
        self._stop_if_failed()

    def attend(self) -> int:
        """Handle what has arrived and return how many bytes that were. The caller holds the lock."""
        handled = 0
        with self._trap:
            while ready := self._peek.select(0):
                counts = [key.data() for key, _ in ready]
                handled += sum(counts)
                # A short piece is the end of what was sent; nothing of a client is an end or a beginning.
                if all(0 < count < RECEIVE_BYTES for count in counts):
                    break
        self._stop_if_failed()
        return handled

    def _stop_if_failed(self) -> None:
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

    def _listen(self, endpoint: Endpoint, listener: socket.socket) -> None:
        listener.setblocking(False)
        accept = partial(self._accept, endpoint, listener)
        if self._events:
            self._selector.register(listener, self._events, accept)
        self._peek.register(listener, selectors.EVENT_READ, accept)

    def _accept(self, endpoint: Endpoint, listener: socket.socket) -> int:
        try:
            client, _ = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return 0
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connect(endpoint, endpoint.stream(client))
        return 0

    def _connect(self, endpoint: Endpoint, stream: Stream) -> None:
        connection = Connection(stream, self._change, self._serve)
        self._connections.add(connection)
        self._peek.register(stream, selectors.EVENT_READ, partial(self._serve, connection))
        connection.session = endpoint.open_session(connection)
        if not connection.closed:
            self._change(connection)

    def _serve(self, connection: Connection) -> int:
        """Send what is waiting, receive, answer; return how many bytes came."""
        if connection.closed or connection.session is None:
            return 0
        connection.flush()
        try:
            data = connection.stream.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return 0
        except ConnectionError:
            data = b""
        if not data:
            connection.hang_up()
            return 0
        connection.release()
        connection.received += data
        connection.session.receive(connection.received)
        return len(data)

    def _change(self, connection: Connection) -> None:
        """Let the loop, which alone may touch its selector, follow a change of a connection."""
        self._changed.append(connection)
        if connection.closed:
            self._peek.unregister(connection.stream)
        if threading.current_thread() is not self._thread and self._thread.is_alive():
            self._wake()

    def _watch_changed(self) -> None:
        while self._changed:
            connection = self._changed.pop()
            if connection.closed:
                self._forget(connection)
            else:
                self._watch(connection)

    def _watch(self, connection: Connection) -> None:
        events = self._events | (selectors.EVENT_WRITE if connection.outgoing else 0)
        if events == connection.watched:
            return
        if connection.watched:
            self._selector.unregister(connection.stream)
        if events:
            serve = partial(self._serve, connection)
            self._selector.register(connection.stream, events, serve)
        connection.watched = events

    def _forget(self, connection: Connection) -> None:
        if connection.watched:
            self._selector.unregister(connection.stream)
            connection.watched = 0
        connection.stream.close()
        self._connections.discard(connection)

    def _abandon(self) -> None:
        """Reset every client, so that none waits for an answer that will not come."""
        for endpoint in self._endpoints.values():
            endpoint.close()
        for connection in self._connections:
            connection.reset()

    def _close_all(self) -> None:
        for connection in self._connections:
            connection.stream.close()
        for endpoint in self._endpoints.values():
            endpoint.close()
        for end in (self._wake_receiver, self._wake_sender, self._selector, self._peek):
            end.close()
