"""Modbus frames written out by hand from the specification, as an oracle independent of any library."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence


def mbap(transaction: int, unit: int, pdu: bytes) -> bytes:
    """Return a Modbus TCP frame (MODBUS Messaging on TCP/IP V1.0b, 3.1)."""
    length = len(pdu) + 1
    return (
        transaction.to_bytes(2, "big") + b"\0\0" + length.to_bytes(2, "big") + bytes([unit]) + pdu
    )


def rtu(unit: int, pdu: bytes) -> bytes:
    """Return an RTU frame; CRC-16 with polynomial 0xA001, low byte first (V1.02, 6.2.2)."""
    frame = bytes([unit]) + pdu
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return frame + crc.to_bytes(2, "little")


def read_reply(values: Sequence[int]) -> bytes:
    """Return the PDU that answers function 3."""
    data = b"".join(value.to_bytes(2, "big") for value in values)
    return bytes([3, len(data)]) + data


Frame = Callable[[bytes], bytes]
Answer = Callable[[bytes], bytes | None]


def tcp_requests(connection: socket.socket, answer: Answer) -> None:
    """Serve Modbus TCP: `answer` gets whole request frames and returns reply frames or None."""
    received = b""
    while data := connection.recv(4096):
        received += data
        while len(received) >= 6 and len(received) >= 6 + received[5]:
            frame, received = received[: 6 + received[5]], received[6 + received[5] :]
            if (reply := answer(frame)) is not None:
                connection.sendall(reply)


def rtu_requests(connection: socket.socket, answer: Answer) -> None:
    """Serve RTU frames over TCP; a client sends one whole request at a time."""
    while data := connection.recv(4096):
        if (reply := answer(data)) is not None:
            connection.sendall(reply)
