"""The message link against servers that misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from instruments.clock import WallClock
from instruments.errors import (
    BenchError,
    ConfigurationError,
    LinkClosed,
    LinkGarbled,
    LinkRefused,
    LinkTimeout,
)
from instruments.links.message import VisaMessageLink
from instruments.links.transcript import Transcript
from tests.links import misbehaving as server
from tests.links.interruption import interrupted_by_ctrl_c

Opener = Callable[[int], VisaMessageLink]
TIMEOUT_S = 0.4


@pytest.fixture
def transcript() -> Transcript:
    return Transcript(None, WallClock())


@pytest.fixture
def connect(transcript: Transcript) -> Iterator[Opener]:
    links: list[VisaMessageLink] = []

    def opener(port: int) -> VisaMessageLink:
        links.append(
            VisaMessageLink.open(
                f"TCPIP::127.0.0.1::{port}::SOCKET",
                name="source",
                clock=WallClock(),
                transcript=transcript,
                timeout_s=TIMEOUT_S,
            )
        )
        return links[-1]

    yield opener
    for link in links:
        link.close()


def test_a_question_gets_its_answer_without_the_terminator(connect: Opener) -> None:
    with server.serving(server.says(b"CALIFORNIA,1,2,3\n")) as port:
        assert connect(port).query("*IDN?") == "CALIFORNIA,1,2,3"


def test_nagle_is_off(connect: Opener) -> None:
    with server.serving(server.echoes) as port:
        link = connect(port)
        assert link._socket is not None
        assert link._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        link.close()


def test_a_refused_port_is_refused_at_open(connect: Opener) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(LinkRefused, match=f"source.*port {port}"):
        connect(port)


def test_a_server_of_one_client_has_lost_the_probe_before_the_session_opens(
    transcript: Transcript,
) -> None:
    with server.one_client_at_a_time() as (port, turned_away):
        link = VisaMessageLink.open(
            f"TCPIP::127.0.0.1::{port}::SOCKET",
            name="source",
            clock=WallClock(),
            transcript=transcript,
        )
        assert link.query("OUTP?") == "OUTP?"
        link.close()
    assert turned_away == []


def test_silence_is_a_time_out_that_names_the_question(connect: Opener) -> None:
    with server.serving(server.silent) as port:
        link = connect(port)
        with pytest.raises(LinkTimeout, match=r"source.*'VOLT\?'.*0\.4 s"):
            link.query("VOLT?")
        link.close()


def test_a_closed_peer_is_noticed_without_waiting_for_the_time_out(transcript: Transcript) -> None:
    with server.serving(server.hangs_up) as port:
        link = VisaMessageLink.open(
            f"TCPIP::127.0.0.1::{port}::SOCKET",
            name="source",
            clock=WallClock(),
            transcript=transcript,
            timeout_s=60.0,
        )
        with pytest.raises(LinkClosed, match="source"):
            link.query("*IDN?")
    [exchange] = transcript.recent
    assert exchange.answered_s - exchange.requested_s < 30.0


def test_a_reset_is_a_closed_link(connect: Opener) -> None:
    with server.serving(server.resets) as port, pytest.raises(LinkClosed, match="source"):
        connect(port).query("*IDN?")


def test_a_late_answer_is_not_taken_for_the_next_one(connect: Opener) -> None:
    answered = threading.Event()
    with server.serving(server.late(answered, b"late\n"), server.echoes) as port:
        link = connect(port)
        with pytest.raises(LinkTimeout):
            link.query("first?")
        answered.set()
        assert link.query("second?") == "second?"
        link.close()


def test_an_answer_that_comes_after_ctrl_c_is_not_taken_for_the_next_one(
    transcript: Transcript,
) -> None:
    answered = threading.Event()
    with server.serving(server.late(answered, b"late\n"), server.echoes) as port:
        link = VisaMessageLink.open(
            f"TCPIP::127.0.0.1::{port}::SOCKET",
            name="source",
            clock=WallClock(),
            transcript=transcript,
            timeout_s=5.0,
        )
        with interrupted_by_ctrl_c(), pytest.raises(KeyboardInterrupt):
            link.query("first?")
        answered.set()
        assert link.query("OUTP?") == "OUTP?"
        link.close()
    assert "KeyboardInterrupt" in transcript.recent[0].error


@pytest.mark.parametrize("message", ["VOLT 1\nVOLT 2", "VOLT 1\n", "µ?", ""])
def test_what_is_not_one_line_of_ascii_is_not_sent(connect: Opener, message: str) -> None:
    with server.serving(server.echoes) as port:
        link = connect(port)
        with pytest.raises(ValueError, match="source"):
            link.query(message)
        assert link.query("next?") == "next?"
        link.close()


def test_bytes_nobody_asked_for_are_not_an_answer(connect: Opener) -> None:
    with server.serving(server.says(b"1\n2\n"), server.echoes) as port:
        link = connect(port)
        assert link.query("a?") == "1"
        with pytest.raises(LinkGarbled, match="2"):
            link.query("b?")
        assert link.query("c?") == "c?"
        link.close()


def test_answers_are_not_swapped_between_threads(connect: Opener) -> None:
    wrong: list[str] = []
    with server.serving(server.echoes) as port:
        link = connect(port)

        def ask(name: str) -> None:
            wrong.extend(text for k in range(200) if link.query(text := f"{name}{k}?") != text)

        threads = [threading.Thread(target=ask, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        link.close()
    assert wrong == []


def test_text_that_is_not_ascii_is_garbled(connect: Opener) -> None:
    with server.serving(server.says(b"\xb5V\n")) as port, pytest.raises(LinkGarbled):
        connect(port).query("UNIT?")


def test_a_block_may_hold_terminators(connect: Opener) -> None:
    payload = bytes(range(256)) * 40
    with server.serving(server.says(b"#5%05d" % len(payload) + payload + b"\n")) as port:
        assert connect(port).query_block("CURV?") == payload


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (b"#0abc\n", LinkGarbled, "indefinite"),
        (b"1.5\n", LinkGarbled, "expected a block"),
        (b"#2xx\n", LinkGarbled, "not a number"),
        (b"#13abcX", LinkGarbled, "followed by"),
        (b"#210abc", LinkTimeout, "no answer"),
    ],
    ids=["indefinite", "text", "length", "overlong", "short"],
)
def test_a_malformed_block_is_refused(
    connect: Opener, answer: bytes, error: type[BenchError], words: str
) -> None:
    with server.serving(server.says(answer), server.echoes) as port:
        link = connect(port)
        with pytest.raises(error, match=words):
            link.query_block("CURV?")
        assert link.query("next?") == "next?"
        link.close()


def test_a_resource_that_is_none_is_a_configuration_error(transcript: Transcript) -> None:
    with pytest.raises((ConfigurationError, LinkRefused), match="source"):
        VisaMessageLink.open("NONSENSE", name="source", clock=WallClock(), transcript=transcript)


def test_a_missing_vendor_library_is_a_configuration_error(transcript: Transcript) -> None:
    with pytest.raises(ConfigurationError, match="no_such_library"):
        VisaMessageLink.open(
            "TCPIP::127.0.0.1::INSTR",
            name="source",
            clock=WallClock(),
            transcript=transcript,
            back_end="no_such_library.so@ivi",
        )


def test_every_exchange_is_recorded_failures_too(connect: Opener, transcript: Transcript) -> None:
    transcript.mask("4711")
    with server.serving(server.says(b"ok\n"), server.silent) as port:
        link = connect(port)
        link.query("UNLOCK 4711;*OPC?")
        with pytest.raises(LinkTimeout):
            link.query("VOLT?")
        link.close()
    first, second = transcript.recent
    assert (first.request, first.reply, first.error) == ("UNLOCK ***;*OPC?", "ok", "")
    assert (second.request, second.reply) == ("VOLT?", None)
    assert "no answer" in second.error
    assert transcript.count == 2
