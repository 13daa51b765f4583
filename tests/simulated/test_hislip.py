"""HiSLIP message by message, where pyvisa-py shows too little (IVI-6.1)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.link_faults import Trouble
from tests.simulated.frame_clients import HislipClient, HislipConnection

DATA, DATA_END, CLEAR_COMPLETE, CLEAR_ACKNOWLEDGE = 6, 7, 8, 9
IDENTITY = b"CALIFORNIA INSTRUMENTS,SQ0045,SIM0001,1.0\n"
DELIVERED = 1


def served(*troubles: Trouble) -> Laboratory:
    return Laboratory(
        World(InverterParameters()),
        seed=1,
        transports={"ac_source": "hislip"},
        troubles=troubles,
    )


@pytest.fixture
def port() -> Iterator[int]:
    with served() as laboratory:
        yield laboratory.ports["ac_source"]


@pytest.fixture
def client(port: int) -> Iterator[HislipClient]:
    with HislipClient(port) as connected:
        yield connected


def test_an_answer_carries_the_number_of_its_question(client: HislipClient) -> None:
    for number in (0xFFFFFF00, 0xFFFFFF02, 0):
        answer = client.synchronous.ask(DATA_END, DELIVERED, number, b"*IDN?\n")

        assert answer == (DATA_END, 0, number, IDENTITY)


def test_a_message_ends_with_data_end_not_with_data(client: HislipClient) -> None:
    for piece in (b"*ID", b"N?;"):
        client.synchronous.send(DATA, DELIVERED, 2, piece)

    assert client.synchronous.ask(DATA_END, DELIVERED, 4, b"*ESE?") == (
        DATA_END,
        0,
        4,
        IDENTITY[:-1] + b";0\n",
    )


def test_an_interruption_is_told_on_both_connections(client: HislipClient) -> None:
    client.synchronous.ask(DATA_END, 0, 2, b"*IDN?")

    assert client.synchronous.ask(DATA_END, 0, 4, b"*ESE?") == (13, 0, 4, b"")
    assert client.synchronous.receive() == (DATA_END, 0, 4, b"0\n")
    assert client.asynchronous.receive() == (14, 0, 4, b"")


def test_an_answer_is_cut_to_what_the_client_takes(client: HislipClient) -> None:
    kind, _, _, largest = client.asynchronous.ask(15, 0, 0, (100).to_bytes(8, "big"))
    assert (kind, int.from_bytes(largest, "big")) == (16, 1 << 20)
    client.synchronous.send(DATA_END, 0, 2, b"*IDN?;*IDN?;*IDN?")

    pieces = [client.synchronous.receive()]
    while pieces[-1][0] == DATA:
        pieces.append(client.synchronous.receive())

    assert len(pieces) == 2
    assert all(len(payload) <= 100 - 16 for _, _, _, payload in pieces)
    assert b"".join(payload for _, _, _, payload in pieces).count(b"CALIFORNIA") == 3


def test_a_device_clear_drops_what_was_sent_until_it_is_complete(client: HislipClient) -> None:
    client.synchronous.ask(DATA_END, 0, 2, b"*IDN?")
    assert client.asynchronous.ask(19) == (23, 0, 0, b"")
    client.synchronous.send(DATA_END, 0, 4, b"*IDN?")

    assert client.synchronous.ask(CLEAR_COMPLETE) == (CLEAR_ACKNOWLEDGE, 0, 0, b"")
    answer = client.synchronous.ask(DATA_END, 0, 0xFFFFFF00, b":SYST:ERR?")
    assert answer == (DATA_END, 0, 0xFFFFFF00, b'0,"No error"\n')


def test_a_status_query_sees_the_message_sent_before_it(client: HislipClient) -> None:
    client.synchronous.ask(DATA_END, DELIVERED, 2, b"*CLS;*ESE?")
    for number in range(4, 204, 2):
        client.synchronous.send(DATA_END, DELIVERED, number, b"NONSENSE")
        assert client.asynchronous.ask(21, DELIVERED, number)[:2] == (22, 4)
        client.synchronous.send(DATA_END, DELIVERED, number, b"*CLS")
        assert client.asynchronous.ask(21, DELIVERED, number)[:2] == (22, 0)


def test_a_trigger_message_triggers(client: HislipClient) -> None:
    client.synchronous.send(12, DELIVERED, 2)

    assert client.synchronous.ask(DATA_END, DELIVERED, 4, b":SYST:ERR?")[3].startswith(b"-211,")


def test_locks_are_refused_and_remote_control_is_acknowledged(client: HislipClient) -> None:
    assert client.asynchronous.ask(4, 1, 1000)[:2] == (5, 3)
    assert client.asynchronous.ask(24)[:3] == (25, 0, 0)
    assert client.asynchronous.ask(10, 1, 0)[:2] == (11, 0)


def test_an_unknown_message_is_an_error_and_no_more(client: HislipClient) -> None:
    assert client.synchronous.ask(99, 0, 0, b"what?")[:2] == (3, 1)
    assert client.synchronous.ask(DATA_END, 0, 2, b"*ESE?")[3] == b"0\n"


def test_a_message_that_is_too_large_is_skipped(client: HislipClient) -> None:
    client.synchronous.send(DATA_END, 0, 2, bytes((1 << 20) + 1))
    assert client.synchronous.receive()[:2] == (3, 4)

    assert client.synchronous.ask(DATA_END, 0, 4, b"*ESE?")[3] == b"0\n"


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 1),
        (b"HS\x07\x00" + bytes(4) + bytes(8), 2),
        (b"HS\x11\x00" + (999).to_bytes(4, "big") + bytes(8), 3),
        (b"HS\x00\x00\x01\x00xx" + (5).to_bytes(8, "big") + b"inst9", 3),
    ],
)
def test_what_begins_wrongly_ends_with_a_fatal_error(port: int, first: bytes, code: int) -> None:
    with HislipConnection(port) as connection:
        connection.socket.sendall(first)

        assert connection.receive()[:2] == (2, code)
        assert connection.socket.recv(1) == b""


def test_a_client_too_many_is_told_so() -> None:
    with served(Trouble("single_client", "ac_source")) as laboratory:
        port = laboratory.ports["ac_source"]
        with HislipClient(port) as first:
            with HislipConnection(port) as second:
                assert second.ask(0, 0, 0x01007878, b"hislip0")[:2] == (2, 4)
            assert first.synchronous.ask(DATA_END, 0, 2, b"*ESE?")[3] == b"0\n"
        laboratory.clock.sleep(0.1)

        with HislipClient(port) as third:
            assert third.synchronous.ask(DATA_END, 0, 2, b"*ESE?")[3] == b"0\n"
