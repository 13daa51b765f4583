"""The client's bytes are those of the specification, on Modbus TCP and RTU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from instruments.clock import WallClock
from instruments.errors import RegisterError
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from tests.golden_frames import EXCEPTIONS, USED, Golden
from tests.links import misbehaving as server
from tests.links.modbus_frames import mbap, rtu, rtu_requests, tcp_requests

UNIT = 0x11
FRAMERS = ("socket", "rtu")


@contextmanager
def answered(golden: Golden, framer: str) -> Iterator[tuple[ModbusRegisterLink, list[bytes]]]:
    """Open a link to a server that notes the requests and answers each with the example."""
    seen: list[bytes] = []

    def answer_tcp(frame: bytes) -> bytes:
        assert frame == mbap(int.from_bytes(frame[:2], "big"), UNIT, frame[7:])
        seen.append(frame[7:])
        return mbap(int.from_bytes(frame[:2], "big"), UNIT, golden.response_pdu)

    def answer_rtu(frame: bytes) -> bytes:
        assert frame == rtu(UNIT, frame[1:-2])
        seen.append(frame[1:-2])
        return rtu(UNIT, golden.response_pdu)

    def scene(connection: server.socket.socket) -> None:
        if framer == "socket":
            tcp_requests(connection, answer_tcp)
        else:
            rtu_requests(connection, answer_rtu)

    clock = WallClock()
    with server.serving(scene) as port:
        link = ModbusRegisterLink.open_tcp(
            "127.0.0.1",
            port,
            unit=UNIT,
            name="inverter",
            clock=clock,
            transcript=Transcript(None, clock),
            framer=framer,
        )
        yield link, seen
        link.close()


@pytest.mark.parametrize("framer", FRAMERS)
@pytest.mark.parametrize("golden", USED, ids=lambda golden: golden.name)
def test_what_the_bench_asks_for_is_asked_as_printed(golden: Golden, framer: str) -> None:
    assert golden.ask is not None
    with answered(golden, framer) as (link, seen):
        assert golden.ask(link) == golden.returns
    assert seen == [golden.request_pdu]


@pytest.mark.parametrize("framer", FRAMERS)
@pytest.mark.parametrize("golden", EXCEPTIONS, ids=lambda golden: golden.name)
def test_an_exception_is_raised_with_its_code_after_one_request(
    golden: Golden, framer: str
) -> None:
    assert golden.ask is not None
    with answered(golden, framer) as (link, seen), pytest.raises(RegisterError) as caught:
        golden.ask(link)
    assert caught.value.code == golden.response_pdu[1]
    assert seen == [golden.request_pdu]
