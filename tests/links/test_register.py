"""The register link against servers that misbehave, on TCP, RTU over TCP, and serial lines."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading

import pytest

from instruments.clock import WallClock
from instruments.errors import (
    LinkClosed,
    LinkError,
    LinkGarbled,
    LinkRefused,
    LinkTimeout,
    RegisterBusy,
    RegisterError,
)
from instruments.links.register import ModbusLine, ModbusRegisterLink
from instruments.links.transcript import Transcript
from tests.links import misbehaving as server
from tests.links.modbus_frames import mbap, read_reply, rtu, rtu_requests
from tests.links.register_server import (
    QUIET_S,
    TIMEOUT_S,
    Opener,
    connect,
    exception,
    registers,
    rtu_address,
    tcp,
    transcript,
)

__all__ = ["connect", "transcript"]


def test_the_frames_are_those_of_the_specification(connect: Opener) -> None:
    seen: list[bytes] = []

    def answer(frame: bytes) -> bytes:
        seen.append(frame[2:])
        if frame[7] == 16:
            return frame[:4] + b"\0\6" + frame[6:12]
        return registers(0xAE41, 0x5652, 0x4340)(frame)

    with server.serving(tcp(answer)) as port:
        link = connect(port)
        assert link.read(0x6B, 3) == [0xAE41, 0x5652, 0x4340]
        link.write(1, [0x000A, 0x0102])
        link.close()
    assert seen == [
        bytes.fromhex("0000 0006 11 03 006B 0003"),
        bytes.fromhex("0000 000B 11 10 0001 0002 04 000A 0102"),
    ]


def test_the_rtu_frame_is_that_of_the_specification(connect: Opener) -> None:
    seen: list[bytes] = []

    def answer(frame: bytes) -> bytes:
        seen.append(frame)
        return rtu(17, read_reply([0x022B, 0x0000, 0x0064]))

    with server.serving(lambda connection: rtu_requests(connection, answer)) as port:
        link = connect(port, "rtu")
        assert link.read(0x6B, 3) == [0x022B, 0, 0x64]
        link.close()
    assert seen == [bytes.fromhex("11 03 006B 0003 7687")]


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (2, RegisterError, "illegal data address"),
        (3, RegisterError, "illegal data value"),
        (4, RegisterError, "device failure"),
        (5, RegisterBusy, "still working"),
        (6, RegisterBusy, "busy"),
        (11, RegisterError, "gateway target"),
        (0x80, RegisterError, "not in the standard"),
    ],
)
def test_an_exception_code_is_raised_as_such(
    connect: Opener, code: int, kind: type[RegisterError], words: str
) -> None:
    with server.serving(tcp(exception(code))) as port:
        link = connect(port)
        with pytest.raises(kind, match=words) as caught:
            link.read(40_000, 2)
        assert caught.value.code == code
        assert isinstance(caught.value, RegisterBusy) == (code in (5, 6))
        link.close()


def test_a_refused_port_is_refused_at_open(connect: Opener) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(LinkRefused, match=str(port)):
        connect(port)


def test_silence_is_a_time_out(connect: Opener) -> None:
    with server.serving(server.silent) as port:
        link = connect(port)
        with pytest.raises(LinkTimeout, match=r"inverter.*read 2 at 100"):
            link.read(100, 2)
        link.close()


def hangs_up(connection: socket.socket) -> None:
    connection.recv(4096)


def resets(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("scene", [hangs_up, resets], ids=["closed", "reset"])
def test_a_lost_connection_is_closed_and_opened_again(connect: Opener, scene: server.Scene) -> None:
    with server.serving(scene, tcp(registers(7))) as port:
        link = connect(port, timeout_s=30.0)
        with pytest.raises(LinkClosed):
            link.read(0, 1)
        assert link.read(0, 1) == [7]
        link.close()


def test_a_wrong_count_is_garbled(connect: Opener) -> None:
    with server.serving(tcp(registers(1, 2, 3))) as port:
        link = connect(port)
        with pytest.raises(LinkGarbled, match="carries count 3, expected 2"):
            link.read(0, 2)
        link.close()


def test_an_answer_to_another_function_is_garbled(connect: Opener) -> None:
    def input_registers(frame: bytes) -> bytes:
        return frame[:4] + mbap(0, frame[6], b"\x04" + read_reply([5])[1:])[4:]

    with server.serving(tcp(input_registers)) as port:
        link = connect(port)
        with pytest.raises(LinkGarbled, match="function code 4, expected 3"):
            link.read(0, 1)
        link.close()


def test_an_exception_to_another_function_is_garbled(connect: Opener) -> None:
    def refuses_another(frame: bytes) -> bytes:
        return frame[:4] + mbap(0, frame[6], b"\x90\x02")[4:]

    with server.serving(tcp(refuses_another)) as port:
        link = connect(port)
        with pytest.raises(LinkGarbled, match="exception to function 16"):
            link.read(0, 1)
        link.close()


@pytest.mark.parametrize(
    ("acknowledged", "words"),
    [("0006 0002", "address 6, expected 5"), ("0005 0001", "count 1, expected 2")],
)
def test_a_write_acknowledged_for_other_registers_is_garbled(
    connect: Opener, acknowledged: str, words: str
) -> None:
    def echoes_another(frame: bytes) -> bytes:
        return frame[:4] + mbap(0, frame[6], b"\x10" + bytes.fromhex(acknowledged))[4:]

    with server.serving(tcp(echoes_another)) as port:
        link = connect(port)
        with pytest.raises(LinkGarbled, match=words):
            link.write(5, [1, 2])
        link.close()


def test_an_acknowledgement_cut_short_is_none(connect: Opener) -> None:
    def cut(frame: bytes) -> bytes:
        return frame[:4] + mbap(0, frame[6], b"\x10\x00")[4:]

    with server.serving(tcp(cut)) as port:
        link = connect(port)
        with pytest.raises(LinkError, match="decode"):
            link.write(0, [1])
        link.close()


def test_a_write_is_sent_once_even_when_nobody_acknowledges_it(connect: Opener) -> None:
    frames: list[bytes] = []

    def swallow(frame: bytes) -> None:
        frames.append(frame)

    with server.serving(tcp(swallow)) as port:
        link = connect(port)
        with pytest.raises(LinkTimeout, match="write 0001 at 0"):
            link.write(0, [1])
        link.close()
    assert len(frames) == 1


def test_a_single_register_is_written_with_function_16(connect: Opener) -> None:
    functions: list[int] = []

    def answer(frame: bytes) -> bytes:
        functions.append(frame[7])
        return frame[:4] + b"\0\6" + frame[6:12]

    with server.serving(tcp(answer)) as port:
        link = connect(port)
        link.write(5, [1])
        link.close()
    assert functions == [16]


@pytest.mark.parametrize(("count", "write"), [(126, False), (0, False), (124, True), (0, True)])
def test_more_registers_than_a_frame_holds_are_refused(
    connect: Opener, count: int, write: bool
) -> None:
    with server.serving(server.silent) as port:
        link = connect(port)
        with pytest.raises(ValueError, match=f"{count} registers"):
            link.write(0, [0] * count) if write else link.read(0, count)
        link.close()


def test_units_on_one_line_wait_for_each_other(transcript: Transcript, connect: Opener) -> None:
    def unit_number(frame: bytes) -> bytes:
        return registers(frame[6])(frame)

    wrong: list[int] = []
    with server.serving(tcp(unit_number)) as port:
        first = connect(port, timeout_s=5.0)
        line: ModbusLine = first._line
        links = [line.unit(number, f"unit {number}") for number in (1, 2)]

        def ask(link: ModbusRegisterLink, number: int) -> None:
            wrong.extend(value for _ in range(100) for value in link.read(0, 1) if value != number)

        threads = [
            threading.Thread(target=ask, args=(link, number))
            for number, link in enumerate(links, 1)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        first.close()
    assert wrong == []


def test_every_exchange_is_recorded_failures_too(connect: Opener, transcript: Transcript) -> None:
    with server.serving(tcp(exception(2))) as port:
        link = connect(port)
        with pytest.raises(RegisterError):
            link.read(9, 1)
        link.close()
    [exchange] = transcript.recent
    assert exchange.request == "read 1 at 9, unit 17"
    assert exchange.reply is None
    assert "exception 2" in exchange.error


def test_rtu_runs_over_a_serial_port_url(transcript: Transcript) -> None:
    def answer(request: bytes) -> bytes:
        return rtu_address(request)

    with server.serving(lambda connection: rtu_requests(connection, answer)) as port:
        link = ModbusRegisterLink.open_serial(
            f"socket://127.0.0.1:{port}",
            unit=3,
            name="inverter",
            clock=WallClock(),
            transcript=transcript,
            timeout_s=2.0,
        )
        assert link.read(1234, 1) == [1234]
        link.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_late_reply_on_a_serial_line_is_not_taken_for_the_next_one(
    transcript: Transcript,
) -> None:
    import pty
    import tty

    device, port = pty.openpty()
    tty.setraw(device)
    tty.setraw(port)
    answered = threading.Event()

    def serve() -> None:
        first = os.read(device, 256)
        answered.wait(5.0)
        os.write(device, rtu_address(first))
        for _ in range(2):
            os.write(device, rtu_address(os.read(device, 256)))

    thread = threading.Thread(target=serve)
    thread.start()
    link = ModbusRegisterLink.open_serial(
        os.ttyname(port),
        unit=3,
        name="inverter",
        clock=WallClock(),
        transcript=transcript,
        timeout_s=TIMEOUT_S,
        quiet_s=QUIET_S,
    )
    with pytest.raises(LinkTimeout):
        link.read(100, 1)
    answered.set()
    assert [link.read(address, 1) for address in (200, 300)] == [[200], [300]]
    thread.join()
    link.close()
    os.close(device)
    os.close(port)
