"""Plain clients for the simulated laboratory: nothing between the test and the bytes."""

from __future__ import annotations

import socket


class ScpiClient:
    """One raw connection that speaks lines."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()

    def __enter__(self) -> ScpiClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, text: str) -> None:
        self.socket.sendall(text.encode("ascii") + b"\n")

    def read_line(self) -> str:
        while b"\n" not in self.received:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the instrument closed the connection")
            self.received += data
        line, _, rest = bytes(self.received).partition(b"\n")
        self.received = bytearray(rest)
        return line.decode("ascii")

    def ask(self, text: str) -> str:
        self.send(text)
        return self.read_line()


class ModbusClient:
    """One raw Modbus TCP connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.transaction = 0

    def __enter__(self) -> ModbusClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, pdu: bytes, unit: int = 1) -> bytes:
        self.transaction = (self.transaction + 1) & 0xFFFF
        self.socket.sendall(request_frame(pdu, unit, self.transaction))
        header = self.exactly(7)
        assert int.from_bytes(header[:2], "big") == self.transaction
        return self.exactly(int.from_bytes(header[4:6], "big") - 1)

    def read(self, address: int, count: int) -> list[int]:
        answer = self.ask(bytes([3, *address.to_bytes(2, "big"), *count.to_bytes(2, "big")]))
        assert answer[:2] == bytes([3, 2 * count])
        return [int.from_bytes(answer[k : k + 2], "big") for k in range(2, len(answer), 2)]

    def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the device closed the connection")
            data += more
        return data


def request_frame(pdu: bytes, unit: int = 1, transaction: int = 1) -> bytes:
    """Wrap a PDU into a Modbus TCP frame."""
    length = (len(pdu) + 1).to_bytes(2, "big")
    return transaction.to_bytes(2, "big") + b"\0\0" + length + bytes([unit]) + pdu
