"""VXI-11 call by call, where pyvisa-py shows too little (VXI-11 revision 1.0)."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from pyvisa_py.protocols.rpc import RPCGarbageArgs

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.link_faults import Trouble
from instruments.simulated.transport.xdr import CallError, RecordReader
from tests.simulated.frame_clients import Vxi11Client

IDENTITY = b"CALIFORNIA INSTRUMENTS,SQ0045,SIM0001,1.0\n"
END, TERMINATOR_SET = 8, 128
REQUESTED, TERMINATOR, WHOLE = 1, 2, 4


def served(*troubles: Trouble) -> Laboratory:
    return Laboratory(
        World(InverterParameters()),
        seed=1,
        transports={"ac_source": "vxi11"},
        troubles=troubles,
    )


@pytest.fixture
def laboratory() -> Iterator[Laboratory]:
    with served() as running:
        yield running


@pytest.fixture
def client(laboratory: Laboratory) -> Iterator[Vxi11Client]:
    with Vxi11Client(laboratory.ports["ac_source"]) as connected:
        yield connected


def linked(client: Vxi11Client, name: str = "inst0", lock: bool = False) -> int:
    error, link, _, largest = client.create_link(1, lock, 1000, name)
    assert (error, largest) == (0, 1 << 20)
    return int(link)


def test_a_message_ends_where_the_flag_says_so(client: Vxi11Client) -> None:
    link = linked(client)
    assert client.device_write(link, 1000, 0, 0, b"*ID") == (0, 3)
    assert client.device_write(link, 1000, 0, END, b"N?") == (0, 2)

    assert client.device_read(link, 1000, 1000, 0, 0, 0) == (0, WHOLE, IDENTITY)


def test_a_read_says_why_it_stops(client: Vxi11Client) -> None:
    link = linked(client)
    client.device_write(link, 1000, 0, END, b"*IDN?")

    assert client.device_read(link, 4, 1000, 0, 0, 0) == (0, REQUESTED, b"CALI")
    assert client.device_read(link, 100, 1000, 0, TERMINATOR_SET, ord(",")) == (
        0,
        TERMINATOR,
        b"FORNIA INSTRUMENTS,",
    )
    rest = IDENTITY[23:]
    assert client.device_read(link, len(rest), 1000, 0, 0, 0) == (0, REQUESTED | WHOLE, rest)


def test_the_status_byte_knows_of_an_unread_answer(client: Vxi11Client) -> None:
    link = linked(client)
    client.device_write(link, 1000, 0, END, b"*IDN?")
    assert client.device_read_stb(link, 0, 0, 0) == (0, 16)

    client.device_read(link, 10, 1000, 0, 0, 0)
    assert client.device_read_stb(link, 0, 0, 0) == (0, 16)
    client.device_read(link, 1000, 1000, 0, 0, 0)

    assert client.device_read_stb(link, 0, 0, 0) == (0, 0)


def test_links_of_one_connection_have_their_own_answers(client: Vxi11Client) -> None:
    one, other = linked(client), linked(client)
    client.device_write(one, 1000, 0, END, b"*IDN?")
    client.device_write(other, 1000, 0, END, b":VOLT?")

    assert client.device_read(one, 1000, 1000, 0, 0, 0)[2] == IDENTITY
    assert client.device_read(other, 1000, 1000, 0, 0, 0)[2] == b"0.0\n"


def test_what_is_not_there_is_refused_with_its_number(client: Vxi11Client) -> None:
    assert client.create_link(1, False, 0, "gpib0,5")[0] == 3
    assert client.device_write(77, 0, 0, END, b"x")[0] == 4
    assert client.device_read(77, 1, 0, 0, 0, 0)[0] == 4
    assert client.destroy_link(77) == 4
    assert client.device_unlock(linked(client)) == 12
    assert client.device_enable_srq(linked(client), True, b"") == 8
    link = linked(client)
    assert client.device_write(link, 0, 0, END, bytes((1 << 20) + 1))[0] == 5


def test_a_destroyed_link_is_gone(client: Vxi11Client) -> None:
    link = linked(client)

    assert client.destroy_link(link) == 0
    assert client.device_clear(link, 0, 0, 0) == 4


def test_a_lock_is_waited_for_in_simulated_time(laboratory: Laboratory) -> None:
    port = laboratory.ports["ac_source"]
    with Vxi11Client(port) as one, Vxi11Client(port) as other:
        linked(one, lock=True)
        link = linked(other)
        before_s = laboratory.clock.now_s()

        assert other.device_lock(link, 1, 4000) == 11
        assert laboratory.clock.now_s() - before_s == pytest.approx(4.0)
        assert other.device_write(link, 0, 0, END, b"*RST")[0] == 11


def test_a_lock_ends_with_its_connection(laboratory: Laboratory) -> None:
    port = laboratory.ports["ac_source"]
    with Vxi11Client(port) as one:
        linked(one, lock=True)
    laboratory.clock.sleep(0.1)

    with Vxi11Client(port) as other:
        assert other.device_lock(linked(other), 0, 0) == 0


def test_remote_local_and_abort_are_acknowledged(client: Vxi11Client) -> None:
    link = linked(client)

    assert client.device_remote(link, 0, 0, 0) == 0
    assert client.device_local(link, 0, 0, 0) == 0
    client.prog = 0x0607B0
    assert client.make_call(1, link, client.packer.pack_int, client.unpacker.unpack_int) == 0


@pytest.mark.parametrize(
    ("program", "version", "procedure", "message"),
    [
        (100_000, 2, 3, "program_unavailable"),
        (0x0607AF, 7, 10, r"program_mismatch: \(1, 1\)"),
        (0x0607AF, 1, 99, "procedure_unavailable"),
    ],
)
def test_calls_of_something_else_are_answered_as_rpc_wants_it(
    client: Vxi11Client, program: int, version: int, procedure: int, message: str
) -> None:
    client.prog, client.vers = program, version

    with pytest.raises(Exception, match=message):
        client.make_call(procedure, 5, client.packer.pack_int, client.unpacker.unpack_int)

    client.prog, client.vers = 0x0607AF, 1
    client.call_0()
    linked(client)


def test_arguments_that_cannot_be_read_are_garbage_and_no_more(client: Vxi11Client) -> None:
    with pytest.raises(RPCGarbageArgs):
        client.make_call(18, 5, client.packer.pack_int, None)

    linked(client)


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n\r\n", b"\x80\0\0\x08" + bytes(8)])
def test_a_client_that_makes_no_calls_is_hung_up_on(laboratory: Laboratory, first: bytes) -> None:
    with socket.create_connection(("127.0.0.1", laboratory.ports["ac_source"]), 5) as connection:
        connection.sendall(first)

        assert connection.recv(1) == b""


def test_a_client_too_many_is_told_so() -> None:
    with served(Trouble("single_client", "ac_source")) as laboratory:
        port = laboratory.ports["ac_source"]
        with Vxi11Client(port) as first, Vxi11Client(port) as second:
            link = linked(first)
            assert second.create_link(1, False, 0, "inst0")[0] == 9
            first.destroy_link(link)

            assert second.create_link(1, False, 0, "inst0")[0] == 0


def test_a_record_may_come_in_fragments_and_pieces() -> None:
    reader, received = RecordReader(100), bytearray()
    found = []
    for byte in b"\0\0\0\x03abc\x80\0\0\x02de\x80\0\0\x01f":
        received.append(byte)
        found += [record] if (record := reader.take(received)) is not None else []

    assert found == [b"abcde", b"f"]


def test_a_record_that_is_too_large_is_no_record() -> None:
    with pytest.raises(CallError, match="100"):
        RecordReader(100).take(bytearray(b"\x80\0\0\x65"))


def test_half_an_answer_comes_without_its_end_and_the_next_message_drops_the_rest() -> None:
    with (
        served(Trouble("truncated_answer", "ac_source")) as laboratory,
        Vxi11Client(laboratory.ports["ac_source"]) as client,
    ):
        link = linked(client)
        client.device_write(link, 1000, 0, END, b"*IDN?")

        assert client.device_read(link, 1000, 1000, 0, 0, 0) == (0, 0, IDENTITY[:21])
        assert client.device_read(link, 1000, 1000, 0, 0, 0)[0] == 15
        client.device_write(link, 1000, 0, END, b":SYST:ERR?")
        assert client.device_read(link, 1000, 1000, 0, 0, 0)[2].startswith(b"-410,")
