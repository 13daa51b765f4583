"""The server loop: messages, latency, the drain barrier, failures and clean ends, on real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from instruments.simulated.transport.server_loop import ServerLoop, take_line
from tests.simulated.clients import ScpiClient


class Recorder:
    """A service that answers lines in capitals and remembers when it was asked."""

    protocol = "scpi"
    split = staticmethod(take_line)

    def __init__(self, latency_s: float = 0.01) -> None:
        self.latency_s = latency_s
        self.messages: list[bytes] = []
        self.moments_s: list[float] = []
        self.passed_s = 0.0

    def answer(self, message: bytes) -> bytes:
        self.messages.append(message)
        self.moments_s.append(self.passed_s)
        if message == b"fail":
            raise ZeroDivisionError("a simulated instrument failed")
        if message.startswith(b"big "):
            return b"x" * int(message[4:]) + b"\n"
        return message.upper() + b"\n" if message.endswith(b"?") else b""


@contextmanager
def serving(services: dict[str, Recorder], **options: float) -> Iterator[ServerLoop]:
    def pass_time(duration_s: float) -> None:
        for service in services.values():
            service.passed_s += duration_s

    loop = ServerLoop(services, pass_time, **{"seed": 1, **options})
    loop.start()
    try:
        yield loop
    finally:
        loop.stop()


def drained(loop: ServerLoop) -> int:
    with loop.lock:
        loop.drain()
    return loop.late_bytes


def latencies_s(seed: int, asked: list[str]) -> list[float]:
    """Moments at which the recorder in role "a" was asked, one after each name in `asked`."""
    services = {"a": Recorder(), "b": Recorder(0.0)}
    with serving(services, seed=seed) as loop:
        clients = {role: ScpiClient(port) for role, port in loop.ports.items()}
        for role in asked:
            clients[role].ask("now?")
        for client in clients.values():
            client.socket.close()
    return services["a"].moments_s


def test_messages_in_one_segment_are_answered_in_order() -> None:
    with serving({"a": Recorder()}) as loop, ScpiClient(loop.ports["a"]) as client:
        client.send("one?\ntwo?\nthree?")

        assert [client.read_line() for _ in range(3)] == ["ONE?", "TWO?", "THREE?"]
        assert loop.exchanges == 3


def test_a_message_may_arrive_in_pieces() -> None:
    with serving({"a": Recorder()}) as loop, ScpiClient(loop.ports["a"]) as client:
        for piece in (b"vo", b"lt", b"?", b"\n"):
            client.socket.sendall(piece)

        assert client.read_line() == "VOLT?"


def test_time_passes_by_the_latency_before_a_message_is_executed() -> None:
    moments_s = latencies_s(1, ["a"] * 200)
    steps_s = [b - a for a, b in zip([0.0, *moments_s], moments_s, strict=False)]

    assert all(0.008 <= step_s <= 0.012 for step_s in steps_s)
    assert max(steps_s) - min(steps_s) > 0.003


def test_latencies_follow_from_the_seed() -> None:
    assert latencies_s(7, ["a"] * 20) == latencies_s(7, ["a"] * 20)
    assert latencies_s(7, ["a"] * 20) != latencies_s(8, ["a"] * 20)


def test_an_instrument_has_the_same_latencies_whatever_others_are_asked() -> None:
    assert latencies_s(7, ["a", "b", "b", "a"]) == latencies_s(7, ["a", "a"])


def test_a_latency_scale_of_zero_answers_at_once() -> None:
    service = Recorder()
    with serving({"a": service}, latency_scale=0.0) as loop, ScpiClient(loop.ports["a"]) as client:
        client.ask("now?")

    assert service.moments_s == [0.0]


def test_an_acknowledged_exchange_leaves_nothing_late() -> None:
    with serving({"a": Recorder()}) as loop, ScpiClient(loop.ports["a"]) as client:
        for _ in range(500):
            client.ask("set;done?")

            assert drained(loop) == 0


def test_drain_executes_and_counts_what_nobody_waited_for() -> None:
    service = Recorder()
    with serving({"a": service}) as loop, ScpiClient(loop.ports["a"]) as client:
        client.ask("ready?")
        with loop.lock:
            client.send("first\nsecond")
            loop.drain()

            assert service.messages == [b"ready?", b"first", b"second"]
        assert loop.late_bytes == len("first\nsecond\n")


def test_drain_finds_a_client_that_has_only_just_connected() -> None:
    service = Recorder()
    with serving({"a": service}) as loop:
        with loop.lock:
            client = ScpiClient(loop.ports["a"])
            client.send("set")
            loop.drain()

            assert service.messages == [b"set"]
        assert client.ask("still there?") == "STILL THERE?"
        client.socket.close()


def test_no_unacknowledged_command_is_left_behind_by_drain() -> None:
    service = Recorder()
    with serving({"a": service}) as loop, ScpiClient(loop.ports["a"]) as client:
        client.ask("ready?")
        for number in range(1000):
            client.send(f"set {number}")
            drained(loop)

            assert service.messages[-1] == f"set {number}".encode()


def test_a_client_that_hangs_up_disturbs_nobody() -> None:
    with serving({"a": Recorder()}) as loop, ScpiClient(loop.ports["a"]) as client:
        with ScpiClient(loop.ports["a"]) as other:
            other.socket.sendall(b"half a mess")
        drained(loop)

        assert client.ask("still there?") == "STILL THERE?"


def test_a_large_answer_arrives_whole_while_others_are_served() -> None:
    with (
        serving({"a": Recorder(), "b": Recorder()}) as loop,
        ScpiClient(loop.ports["a"]) as slow,
        ScpiClient(loop.ports["b"]) as client,
    ):
        slow.socket.sendall(b"big 20000000\n")
        assert client.ask("meanwhile?") == "MEANWHILE?"

        assert len(slow.read_line()) == 20_000_000


def test_a_large_answer_found_by_drain_does_not_wait_for_its_reader() -> None:
    with serving({"a": Recorder()}) as loop, ScpiClient(loop.ports["a"]) as client:
        client.ask("ready?")
        with loop.lock:
            client.send("big 20000000")
            loop.drain()

        assert len(client.read_line()) == 20_000_000


def test_many_clients_at_once_each_get_their_own_answers() -> None:
    wrong: list[str] = []

    def chat(port: int, name: int) -> None:
        with ScpiClient(port) as client:
            for number in range(200):
                if client.ask(f"c{name} {number}?") != f"C{name} {number}?":
                    wrong.append(f"{name} {number}")

    with serving({"a": Recorder(), "b": Recorder()}) as loop:
        ports = list(loop.ports.values()) * 3
        threads = [threading.Thread(target=chat, args=(p, n)) for n, p in enumerate(ports)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert not wrong
        assert loop.exchanges == 6 * 200


def test_a_failing_instrument_is_kept_and_resets_its_clients() -> None:
    with serving({"a": Recorder()}) as loop, ScpiClient(loop.ports["a"]) as client:
        with pytest.raises(ConnectionError):
            client.ask("fail")
        loop.stop()

        assert isinstance(loop.failure, ZeroDivisionError)


def test_a_client_waiting_at_another_port_is_reset_too() -> None:
    with (
        serving({"a": Recorder(), "b": Recorder()}) as loop,
        ScpiClient(loop.ports["a"]) as client,
        ScpiClient(loop.ports["b"]) as other,
    ):
        other.ask("ready?")
        client.send("fail")

        with pytest.raises(ConnectionError):
            other.read_line()


def test_stopping_ends_the_thread_and_frees_the_port() -> None:
    threads = threading.active_count()
    with serving({"a": Recorder()}) as loop, ScpiClient(loop.ports["a"]) as client:
        client.ask("ready?")
        port = loop.ports["a"]
    assert threading.active_count() == threads
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)

    again = ServerLoop({"a": Recorder()}, lambda _: None, seed=1, ports={"a": port})
    again.start()
    with ScpiClient(port) as client:
        assert client.ask("again?") == "AGAIN?"
    again.stop()


def test_a_loop_that_never_started_can_be_stopped() -> None:
    loop = ServerLoop({"a": Recorder()}, lambda _: None, seed=1)

    loop.stop()
    loop.stop()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", loop.ports["a"]), timeout=1)


def test_two_hundred_starts_and_stops_leave_no_thread_behind() -> None:
    threads = threading.active_count()

    for _ in range(200):
        with serving({"a": Recorder()}) as loop, ScpiClient(loop.ports["a"]) as client:
            client.ask("ready?")

    assert threading.active_count() == threads
