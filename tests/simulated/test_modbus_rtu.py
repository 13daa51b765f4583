"""The serial line against the bytes of the specification and against pymodbus's own clients."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.framer import FramerRTU

from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from instruments.simulated.devices.contactor_panel import ContactorPanel
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.registers.sunspec_registers import SunSpecRegisters
from instruments.simulated.transport import serial_line
from instruments.simulated.transport.modbus_rtu import RtuLine, crc, with_crc
from instruments.simulated.transport.passage import Passage
from instruments.simulated.transport.server_loop import RAW_SOCKET, ServerLoop
from instruments.simulated.transport.services import Address, Transport
from instruments.simulated.transport.transports import SERIAL
from tests.golden_frames import HELD, UNUSED, USED, Golden
from tests.links.modbus_frames import rtu
from tests.simulated.register_bench import QUICK
from tests.simulated.test_modbus_server import Registers

READ = with_crc(bytes.fromhex("01 03 00 6B 00 03"))


def a_line() -> RtuLine:
    return RtuLine({1: Registers({0x6B: 0x022B, 0x6D: 0x64}), 17: Registers()})


def frames_in(line: RtuLine, received: bytearray) -> list[bytes]:
    found = []
    while (frame := line.split(received)) is not None:
        found.append(frame)
    return found


def ask(line: RtuLine, frame: bytes) -> bytes:
    [found] = frames_in(line, bytearray(frame))
    return line.answer(found)


@given(data=st.binary(max_size=300))
def test_the_crc_is_that_of_pymodbus(data: bytes) -> None:
    assert crc(data) == FramerRTU.compute_CRC(data).to_bytes(2, "big")


def test_the_crc_is_that_of_the_specification() -> None:
    assert crc(bytes([0x02, 0x07])) == bytes([0x41, 0x12])


@pytest.mark.parametrize("golden", (*USED, *UNUSED), ids=lambda golden: golden.name)
def test_the_examples_of_the_specification_give_its_answers(golden: Golden) -> None:
    line = RtuLine({0x11: Registers(HELD)})
    assert ask(line, rtu(0x11, golden.request_pdu)) == rtu(0x11, golden.response_pdu)


@pytest.mark.parametrize(
    ("request_pdu", "response_pdu"), [("03 03 E7 00 02", "83 02"), ("41 00 00", "C1 01")]
)
def test_a_refusal_comes_under_the_number_of_the_unit(request_pdu: str, response_pdu: str) -> None:
    request = with_crc(b"\1" + bytes.fromhex(request_pdu))

    assert ask(a_line(), request) == with_crc(b"\1" + bytes.fromhex(response_pdu))


def test_a_request_for_another_unit_gets_no_answer() -> None:
    assert ask(a_line(), with_crc(bytes.fromhex("05 03 00 00 00 01"))) == b""


def test_a_broadcast_is_executed_by_all_and_answered_by_none() -> None:
    units = {1: Registers(), 17: Registers()}
    line = RtuLine(units)

    assert ask(line, with_crc(bytes.fromhex("00 06 00 05 00 07"))) == b""
    assert [unit.values[5] for unit in units.values()] == [7, 7]
    assert ask(line, with_crc(bytes.fromhex("00 03 00 05 00 01"))) == b""


@given(place=st.integers(0, 7), bit=st.integers(0, 7))
def test_one_wrong_bit_and_there_is_no_answer(place: int, bit: int) -> None:
    garbled = bytearray(READ)
    garbled[place] ^= 1 << bit

    assert frames_in(a_line(), garbled) == []


@given(noise=st.binary(max_size=20))
def test_a_request_is_found_behind_a_broken_one_and_noise(noise: bytes) -> None:
    line = a_line()

    assert frames_in(line, bytearray(READ[:-1] + b"\0" + noise + READ))[-1] == READ


@given(cuts=st.lists(st.integers(1, 40), max_size=8))
def test_frames_are_found_however_the_stream_is_cut(cuts: list[int]) -> None:
    write = with_crc(bytes.fromhex("11 10 00 01 00 02 04 00 0A 01 02"))
    line, received, found = a_line(), bytearray(), []
    stream = READ + write + READ
    for first, last in pairwise([0, *sorted(cuts), len(stream)]):
        received += stream[first:last]
        found += frames_in(line, received)

    assert found == [READ, write, READ]


def test_noise_without_end_is_forgotten() -> None:
    received = bytearray(b"\x55" * 5000)

    assert a_line().split(received) is None
    assert len(received) == 256


@pytest.fixture
def world() -> World:
    return World(QUICK)


@contextmanager
def served(world: World, transport: Transport) -> Iterator[Address]:
    """Serve an inverter as unit 1 and the contactor's PLC as unit 2 of one line."""
    passage = Passage(world)
    units = {1: SunSpecRegisters(world, passage), 2: ContactorPanel(world.contactor)}
    line = {"line": RtuLine(units)}
    loop = ServerLoop(line, passage.advance_by, seed=1, transports={"line": transport})
    loop.start()
    try:
        yield loop.addresses["line"]
    finally:
        loop.stop()
    assert loop.failure is None


def use(client: Any, world: World) -> None:
    """Read the inverter, close the contactor, read the inverter again."""
    assert client.connect()
    try:
        answer = client.read_holding_registers(40_000, count=4, device_id=1)
        assert answer.registers == [0x5375, 0x6E53, 1, 66]
        assert not client.write_register(0, 1, device_id=2).isError()
        assert client.read_holding_registers(0, count=1, device_id=2).registers == [1]
        assert client.read_holding_registers(40_070, count=125, device_id=1).registers[0] == 701
        assert client.read_holding_registers(0, count=1, device_id=1).exception_code == 2
    finally:
        client.close()
    assert world.contactor.main_closed


def test_two_units_share_a_line_over_tcp(world: World) -> None:
    with served(world, RAW_SOCKET) as port:
        client = ModbusTcpClient("127.0.0.1", port=port, framer=FramerType.RTU, retries=0)
        use(client, world)


@pytest.mark.skipif(not serial_line.AVAILABLE, reason="the system has no pseudo-terminals")
def test_two_units_share_a_serial_line(world: World) -> None:
    with served(world, SERIAL) as device:
        use(ModbusSerialClient(device, baudrate=115_200, retries=0), world)


def test_a_broadcast_is_silent_and_the_next_request_answered(world: World) -> None:
    with served(world, RAW_SOCKET) as port:
        client = ModbusTcpClient("127.0.0.1", port=port, framer=FramerType.RTU, retries=0)
        assert client.connect()
        try:
            client.write_register(0, 1, device_id=0, no_response_expected=True)
            assert client.read_holding_registers(0, count=1, device_id=2).registers == [1]
        finally:
            client.close()


@pytest.mark.parametrize(
    "transport",
    [
        "tcp",
        "rtu_tcp",
        pytest.param(
            "rtu",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals"),
        ),
    ],
)
def test_the_laboratory_serves_the_inverter_over_every_modbus_transport(
    world: World, transport: str
) -> None:
    with Laboratory(world, seed=1, transports={"inverter": transport}) as laboratory:
        link = link_to(laboratory, transport)
        try:
            assert link.read(40_000, 4) == [0x5375, 0x6E53, 1, 66]
        finally:
            link.close()


def link_to(laboratory: Laboratory, transport: str) -> ModbusRegisterLink:
    common = {
        "unit": 1,
        "name": "inverter",
        "clock": laboratory.clock,
        "transcript": Transcript(None, laboratory.clock),
        "timeout_s": 5.0,
    }
    resource = laboratory.resources["inverter"]
    if transport == "rtu":
        return ModbusRegisterLink.open_serial(str(resource), **common)
    framer = "socket" if transport == "tcp" else "rtu"
    return ModbusRegisterLink.open_tcp("127.0.0.1", resource[1], framer=framer, **common)
