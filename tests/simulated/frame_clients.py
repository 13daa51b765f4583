"""HiSLIP and VXI-11 clients for what pyvisa-py cannot or will not send."""

from __future__ import annotations

import socket
import struct
from typing import Any

from pyvisa_py.tcpip import Vxi11CoreClient


class HislipConnection:
    """One of a HiSLIP client's two connections: messages out and in, nothing hidden."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> HislipConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, kind: int, control: int = 0, parameter: int = 0, payload: bytes = b"") -> None:
        header = struct.pack("!2sBBIQ", b"HS", kind, control, parameter, len(payload))
        self.socket.sendall(header + payload)

    def receive(self) -> tuple[int, int, int, bytes]:
        """Return kind, control, parameter and payload of the next message."""
        prologue, kind, control, parameter, length = struct.unpack("!2sBBIQ", self.exactly(16))
        assert prologue == b"HS"
        return kind, control, parameter, self.exactly(length)

    def ask(self, kind: int, *arguments: Any) -> tuple[int, int, int, bytes]:
        self.send(kind, *arguments)
        return self.receive()

    def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the instrument closed the connection")
            data += more
        return data


class HislipClient:
    """Both connections, initialised."""

    def __init__(self, port: int) -> None:
        self.synchronous = HislipConnection(port)
        _, _, parameter, _ = self.synchronous.ask(0, 0, 0x01007878, b"hislip0")
        self.asynchronous = HislipConnection(port)
        self.asynchronous.ask(17, 0, parameter & 0xFFFF)

    def __enter__(self) -> HislipClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.synchronous.socket.close()
        self.asynchronous.socket.close()


class Vxi11Client(Vxi11CoreClient):  # type: ignore[misc]
    """The remote procedures of pyvisa-py, called one by one."""

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port, 5000)

    def __enter__(self) -> Vxi11Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
