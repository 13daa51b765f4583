"""The register link against servers that misbehave, on TCP, RTU over TCP, and serial lines."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator

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
from tests.links.interruption import interrupted_by_ctrl_c
from tests.links.modbus_frames import mbap, read_reply, rtu, rtu_requests, tcp_requests

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


def tcp_address(request: bytes) -> bytes:
    return registers(int.from_bytes(request[8:10], "big"))(request)


def rtu_address(request: bytes) -> bytes:
    return rtu(request[0], read_reply([int.from_bytes(request[2:4], "big")]))


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
