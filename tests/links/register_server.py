"""A server that answers registers as a test says, and links that are closed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from instruments.clock import WallClock
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from tests.links import misbehaving as server
from tests.links.modbus_frames import mbap, read_reply, rtu, tcp_requests

TIMEOUT_S = 0.3
QUIET_S = 0.6
Opener = Callable[..., ModbusRegisterLink]


@pytest.fixture
def transcript() -> Transcript:
    return Transcript(None, WallClock())


@pytest.fixture
def connect(transcript: Transcript) -> Iterator[Opener]:
    links: list[ModbusRegisterLink] = []

    def opener(
        port: int, framer: str = "socket", timeout_s: float = TIMEOUT_S
    ) -> ModbusRegisterLink:
        links.append(
            ModbusRegisterLink.open_tcp(
                "127.0.0.1",
                port,
                unit=17,
                name="inverter",
                clock=WallClock(),
                transcript=transcript,
                timeout_s=timeout_s,
                framer=framer,
                quiet_s=QUIET_S,
            )
        )
        return links[-1]

    yield opener
    for link in links:
        link.close()


def tcp(answer: Callable[[bytes], bytes | None]) -> server.Scene:
    return lambda connection: tcp_requests(connection, answer)


def registers(*values: int) -> Callable[[bytes], bytes]:
    """Answer every TCP request with these registers."""
    return lambda frame: frame[:4] + mbap(0, frame[6], read_reply(values))[4:]


def exception(code: int) -> Callable[[bytes], bytes]:
    return lambda frame: frame[:4] + mbap(0, frame[6], bytes([frame[7] | 0x80, code]))[4:]


def tcp_address(request: bytes) -> bytes:
    return registers(int.from_bytes(request[8:10], "big"))(request)


def rtu_address(request: bytes) -> bytes:
    return rtu(request[0], read_reply([int.from_bytes(request[2:4], "big")]))
