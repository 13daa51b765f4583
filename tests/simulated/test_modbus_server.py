"""The Modbus server against the bytes of the specification, and against pymodbus's own client."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import ModbusTcpClient

from instruments.simulated.transport.modbus_server import (
    ILLEGAL_ADDRESS,
    ModbusServer,
    RefusedRegister,
)
from instruments.simulated.transport.server_loop import ServerLoop
from tests.golden_frames import HELD, UNUSED, USED, Golden
from tests.simulated.clients import ModbusClient, request_frame


class Registers:
    """A thousand registers at address 0; register 13 cannot be written."""

    def __init__(self, values: dict[int, int] | None = None) -> None:
        self.values = [0] * 1000
        for address, value in (values or {}).items():
            self.values[address] = value

    def read(self, address: int, count: int) -> list[int]:
        if address + count > len(self.values):
            raise RefusedRegister(ILLEGAL_ADDRESS)
        return self.values[address : address + count]

    def write(self, address: int, values: list[int]) -> None:
        if address + len(values) > len(self.values) or address <= 13 < address + len(values):
            raise RefusedRegister(ILLEGAL_ADDRESS)
        self.values[address : address + len(values)] = values


def ask(server: ModbusServer, pdu: str, unit: int = 1, transaction: int = 0x1501) -> str:
    """Send a PDU in hexadecimal; check the header of the answer and return the answer's PDU."""
    received = bytearray(request_frame(bytes.fromhex(pdu), unit, transaction))
    message = server.split(received)
    assert message is not None
    answer = server.answer(message)
    assert not received
    assert answer[:4] == transaction.to_bytes(2, "big") + b"\0\0"
    assert int.from_bytes(answer[4:6], "big") == len(answer) - 6
    assert answer[6] == unit
    return answer[7:].hex(" ").upper()


@pytest.mark.parametrize("golden", (*USED, *UNUSED), ids=lambda golden: golden.name)
def test_the_examples_of_the_specification_give_its_answers(golden: Golden) -> None:
    server = ModbusServer(Registers(HELD))
    assert bytes.fromhex(ask(server, golden.request)) == golden.response_pdu


@pytest.mark.parametrize(
    ("request_pdu", "response_pdu"),
    [
        ("03 00 00 00 00", "83 03"),
        ("03 00 00 00 7E", "83 03"),
        ("04 00 00 00 7E", "84 03"),
        ("10 00 00 00 7C F8" + " 00 00" * 124, "90 03"),
        ("10 00 00 00 02 02 00 01", "90 03"),
        ("10 00 00 00 02 04 00 01", "90 03"),
        ("03 00 00", "83 03"),
        ("06 00 01", "86 03"),
        ("03 03 E7 00 02", "83 02"),
        ("03 FF FF 00 02", "83 02"),
        ("10 FF FF 00 02 04 00 01 00 01", "90 02"),
        ("06 00 0D 00 01", "86 02"),
        ("41 00 00", "C1 01"),
        ("01 00 00 00 01", "81 01"),
        ("17 00 00 00 01 00 00 00 01 02 00 01", "97 01"),
    ],
)
def test_exceptions_have_the_form_of_the_specification(request_pdu: str, response_pdu: str) -> None:
    assert ask(ModbusServer(Registers()), request_pdu) == response_pdu


def test_a_request_for_another_unit_is_answered_like_a_gateway_whose_target_is_silent() -> None:
    assert ask(ModbusServer(Registers(), unit=3), "03 00 00 00 01", unit=4) == "83 0B"


def test_a_refused_write_changes_nothing() -> None:
    registers = Registers()

    ask(ModbusServer(registers), "10 00 0C 00 02 04 00 07 00 07")

    assert registers.values[12:14] == [0, 0]


def test_bytes_that_are_not_modbus_tcp_are_dropped() -> None:
    server, received = ModbusServer(Registers()), bytearray(b"GET / HTTP/1.1\r\n")

    assert server.split(received) is None
    assert not received


@given(cuts=st.lists(st.integers(1, 35), max_size=6), count=st.integers(1, 3))
def test_frames_are_found_however_the_stream_is_cut(cuts: list[int], count: int) -> None:
    server, received, found = ModbusServer(Registers()), bytearray(), []
    stream = b"".join(
        request_frame(bytes.fromhex("03006B0003"), transaction=number) for number in range(count)
    )
    edges = [0, *sorted(cuts), len(stream)]

    for first, last in pairwise(edges):
        received += stream[first:last]
        while (message := server.split(received)) is not None:
            found.append(message)

    assert b"".join(found) == stream
    assert len(found) == count


@given(pdu=st.binary(min_size=1, max_size=250))
def test_every_request_gets_an_answer_to_its_own_function(pdu: bytes) -> None:
    server = ModbusServer(Registers())

    answer = bytes.fromhex(ask(server, pdu.hex()))

    assert answer[0] & 0x7F == pdu[0] & 0x7F
    assert len(answer) == 2 or answer[0] in (3, 4, 6, 16)


@pytest.fixture
def port() -> Iterator[int]:
    image = Registers({number: number for number in range(125)})
    loop = ServerLoop({"device": ModbusServer(image)}, lambda _: None, seed=1)
    loop.start()
    yield loop.ports["device"]
    loop.stop()


def test_requests_in_one_segment_are_all_answered_under_their_own_number(port: int) -> None:
    with ModbusClient(port) as client:
        client.socket.sendall(
            b"".join(
                request_frame(bytes([3, 0, number, 0, 1]), transaction=100 + number)
                for number in range(20)
            )
        )

        for number in range(20):
            answer = client.exactly(11)
            assert int.from_bytes(answer[:2], "big") == 100 + number
            assert answer[-1] == number


def test_an_ordinary_client_reads_and_writes(port: int) -> None:
    client = ModbusTcpClient("127.0.0.1", port=port, retries=0)
    assert client.connect()
    try:
        assert client.read_holding_registers(0, count=125).registers == list(range(125))
        assert not client.write_registers(20, [7, 65535]).isError()
        assert not client.write_register(22, 9).isError()
        assert client.read_input_registers(20, count=3).registers == [7, 65535, 9]
        assert client.write_register(13, 1).exception_code == 2
        assert client.read_holding_registers(0, count=1, device_id=9).exception_code == 11
        assert client.read_coils(0).exception_code == 1
    finally:
        client.close()
