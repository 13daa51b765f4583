"""The register link takes no late, replayed or foreign reply for an answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from instruments.errors import (
    LinkError,
    LinkTimeout,
)
from instruments.links.transcript import Transcript
from tests.links import misbehaving as server
from tests.links.interruption import interrupted_by_ctrl_c
from tests.links.modbus_frames import mbap, read_reply, rtu_requests
from tests.links.register_server import (
    Opener,
    connect,
    rtu_address,
    tcp,
    tcp_address,
    transcript,
)

__all__ = ["connect", "transcript"]


def test_a_reply_sent_twice_is_not_the_answer_to_the_next_question(connect: Opener) -> None:
    def twice(request: bytes) -> bytes:
        return rtu_address(request) * 2

    with server.serving(lambda connection: rtu_requests(connection, twice)) as port:
        link = connect(port, "rtu")
        assert [link.read(address, 1) for address in (100, 200, 300)] == [[100], [200], [300]]
        link.close()


@pytest.mark.parametrize(
    ("framer", "frame_of"), [("socket", "tcp_address"), ("rtu", "rtu_address")], ids=["tcp", "rtu"]
)
def test_an_answer_that_comes_after_ctrl_c_is_not_taken_for_the_next_one(
    connect: Opener, transcript: Transcript, framer: str, frame_of: str
) -> None:
    answered = threading.Event()
    scene = late_echo(answered, globals()[frame_of])
    with server.serving(scene, scene) as port:
        link = connect(port, framer, timeout_s=5.0)
        with interrupted_by_ctrl_c(), pytest.raises(KeyboardInterrupt):
            link.read(100, 1)
        answered.set()
        assert link.read(200, 1) == [200]
        link.close()
    assert "KeyboardInterrupt" in transcript.recent[0].error


def test_another_transaction_is_not_an_answer(connect: Opener) -> None:
    def stranger(frame: bytes) -> bytes:
        return mbap(int.from_bytes(frame[:2], "big") + 1, frame[6], read_reply([5]))

    with server.serving(tcp(stranger)) as port:
        link = connect(port)
        with pytest.raises(LinkError):
            link.read(0, 1)
        link.close()


def late_echo(answered: threading.Event, frame_of: Callable[[bytes], bytes]) -> server.Scene:
    """Answer the first request late, then every request with its own address as value."""

    def scene(connection: socket.socket) -> None:
        first = connection.recv(4096)
        answered.wait(5.0)
        connection.sendall(frame_of(first))
        while request := connection.recv(4096):
            connection.sendall(frame_of(request))

    return scene


@pytest.mark.parametrize(
    ("framer", "frame_of"), [("socket", tcp_address), ("rtu", rtu_address)], ids=["tcp", "rtu"]
)
def test_a_late_reply_is_not_taken_for_the_next_one(
    connect: Opener, framer: str, frame_of: Callable[[bytes], bytes]
) -> None:
    answered = threading.Event()
    scene = late_echo(answered, frame_of)
    with server.serving(scene, scene) as port:
        link = connect(port, framer)
        with pytest.raises(LinkTimeout):
            link.read(100, 1)
        answered.set()
        assert [link.read(address, 1) for address in (200, 300)] == [[200], [300]]
        link.close()


def test_a_storm_of_late_replies_gives_no_wrong_value(connect: Opener) -> None:
    """Every second reply comes after the time-out: whatever is returned belongs to its question."""
    release = threading.Semaphore(0)

    def stormy(connection: socket.socket) -> None:
        asked = 0
        while request := connection.recv(4096):
            asked += 1
            if asked % 2:
                release.acquire(timeout=0.45)
            connection.sendall(rtu_address(request))

    wrong, late = [], 0
    with server.serving(stormy) as port:
        link = connect(port, "rtu")
        for address in range(1, 13):
            try:
                wrong += [value for value in link.read(address, 1) if value != address]
            except LinkTimeout:
                late += 1
        link.close()
    assert wrong == []
    assert 3 <= late <= 9
