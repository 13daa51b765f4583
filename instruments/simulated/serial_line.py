"""A serial port for a simulated instrument: a pseudo-terminal tied to one of the laboratory's ports.

Only where the system has pseudo-terminals; elsewhere the port itself carries the same bytes.
"""

from __future__ import annotations

import os
import selectors
import socket
import threading
from types import TracebackType

from instruments.errors import ConfigurationError
from instruments.simulated.server_loop import HOST

try:
    import pty
    import tty
except ImportError:
    HAS_PSEUDO_TERMINALS = False
else:
    HAS_PSEUDO_TERMINALS = True

CHUNK_BYTES = 4096


class SerialLine:
    """Copies bytes between a pseudo-terminal and a TCP port; a context manager.

    Args:
        port: of a service that speaks as on a serial line.

    Attributes:
        path: what a client opens as its serial port.

    Raises:
        ConfigurationError: the system has no pseudo-terminals.
    """

    def __init__(self, port: int) -> None:
        if not HAS_PSEUDO_TERMINALS:
            raise ConfigurationError(
                "a simulated serial port was asked for, but this system has no pseudo-terminals; "
                f"use port {port} of {HOST} with RTU frames over TCP"
            )
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._socket = socket.create_connection((HOST, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wake_receiver, self._wake_sender = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="serial line", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up both ends."""
        self._wake_sender.send(b"\0")
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)
        for end in (self._socket, self._wake_receiver, self._wake_sender):
            end.close()

    def __enter__(self) -> SerialLine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self) -> None:
        """Copy until told to stop or the laboratory is gone."""
        with selectors.DefaultSelector() as selector:
            for end in (self._master, self._socket, self._wake_receiver):
                selector.register(end, selectors.EVENT_READ)
            try:
                while self._copied({key.fileobj for key, _ in selector.select()}):
                    pass
            except ConnectionError:
                return

    def _copied(self, ready: set[object]) -> bool:
        """Copy what is ready; return False when there will be no more."""
        if self._wake_receiver in ready:
            return False
        if self._master in ready:
            self._socket.sendall(os.read(self._master, CHUNK_BYTES))
        if self._socket not in ready:
            return True
        data, sent = self._socket.recv(CHUNK_BYTES), 0
        while sent < len(data):
            sent += os.write(self._master, data[sent:])
        return len(data) > 0
