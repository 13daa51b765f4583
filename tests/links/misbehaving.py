"""A real TCP server on loopback that misbehaves on demand.

A behaviour is a function that gets the connected socket and plays one scene. A peer that is late or gone
cannot be had in virtual time: threads and time-outs are the operating system's here.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"
Scene = Callable[[socket.socket], None]


def line(connection: socket.socket) -> bytes:
    """Receive one line; empty when the client has gone."""
    received = b""
    while not received.endswith(b"\n"):
        data = connection.recv(4096)
        if not data:
            return b""
        received += data
    return received


def late(event: threading.Event, answer: bytes) -> Scene:
    """Answer the first question only when `event` is set, later ones at once, each with its own text."""

    def scene(connection: socket.socket) -> None:
        line(connection)
        event.wait(5.0)
        connection.sendall(answer)
        while question := line(connection):
            connection.sendall(b"answer to " + question)

    return scene


def says(*answers: bytes) -> Scene:
    """Answer each line with the next of `answers`, then no more."""

    def scene(connection: socket.socket) -> None:
        for answer in answers:
            if not line(connection):
                return
            connection.sendall(answer)
        silent(connection)

    return scene


def echoes(connection: socket.socket) -> None:
    """Answer every line with itself."""
    while question := line(connection):
        connection.sendall(question)


def hangs_up(connection: socket.socket) -> None:
    """Close after the first question."""
    line(connection)


def resets(connection: socket.socket) -> None:
    """Reset after the first question."""
    line(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(connection: socket.socket) -> None:
    """Never answer, until the client has gone."""
    while connection.recv(4096):
        pass


@contextmanager
def serving(*scenes: Scene) -> Iterator[int]:
    """Play one scene per connection, the last one for every further connection; yield the port."""
    with socket.create_server((HOST, 0)) as listener:
        played = 0
        stopping = threading.Event()
        connections: list[socket.socket] = []

        def accept() -> None:
            while True:
                connection, _ = listener.accept()
                if stopping.is_set():
                    connection.close()
                    return
                connections.append(connection)
                threads.append(threading.Thread(target=play, args=(connection,)))
                threads[-1].start()

        def play(connection: socket.socket) -> None:
            """Play the next scene when the first byte comes; a mere probe plays none."""
            nonlocal played
            with connection, suppress(ConnectionError):
                if not connection.recv(1, socket.MSG_PEEK):
                    return
                scene = scenes[min(played, len(scenes) - 1)]
                played += 1
                scene(connection)

        threads = [threading.Thread(target=accept)]
        threads[0].start()
        try:
            yield listener.getsockname()[1]
        finally:
            stopping.set()
            socket.create_connection(listener.getsockname()).close()
            threads[0].join()
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads[1:]:
                thread.join()


@contextmanager
def one_client_at_a_time() -> Iterator[tuple[int, list[str]]]:
    """Echo lines to one client; turn away, and list, who comes while there is one.

    A slow one: it takes 50 ms to notice that a client has gone.
    """
    clients: list[socket.socket] = []
    turned_away: list[str] = []
    leaving = threading.Event()

    def serve(connection: socket.socket) -> None:
        with suppress(ConnectionError):
            echoes(connection)
        leaving.wait(0.05)
        clients.remove(connection)
        connection.close()

    def accept() -> None:
        while not leaving.is_set():
            connection, address = listener.accept()
            if clients:
                turned_away.append(str(address))
                connection.close()
                continue
            clients.append(connection)
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    with socket.create_server((HOST, 0)) as listener:
        threads = [threading.Thread(target=accept)]
        threads[0].start()
        yield listener.getsockname()[1], turned_away
        for thread in threads[1:]:
            thread.join(5.0)
        leaving.set()
        socket.create_connection(listener.getsockname()).close()
        for thread in threads:
            thread.join()
