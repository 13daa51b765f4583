"""Faults of Modbus links, and of links that mark the end of a message, as clients see them."""

from __future__ import annotations

import struct

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from tests.simulated.troubled import (
    CLOSE,
    READ_COMMAND,
    at_contactor,
    at_source,
    contactor_with,
    everything,
)
from tests.simulated.visa import opened


@pytest.mark.parametrize("code", [1, 2, 3, 4, 6, 11])
def test_a_modbus_exception_answers_a_request_that_is_not_executed(code: int) -> None:
    with contactor_with(at_contactor(f"modbus_exception_{code}")) as (_, client):
        assert client.ask(CLOSE) == bytes([0x90, code])

        assert client.ask(READ_COMMAND) == bytes([3, 4, 0, 0, 0, 0])


def test_an_exception_may_be_kept_for_one_register() -> None:
    trouble = at_contactor("modbus_exception_4", where="^write 0 1$", count=None)
    with contactor_with(trouble) as (_, client):
        assert client.ask(bytes([6, 0, 0, 0, 0]))[0] == 6
        assert client.ask(CLOSE) == bytes([0x90, 4])


def test_a_replayed_frame_carries_its_old_transaction() -> None:
    with contactor_with(at_contactor("replayed_frame", where="write")) as (_, client):
        client.read(0, 2)
        header, pdu = struct.pack("!HHHB", 77, 0, len(CLOSE) + 1, 1), CLOSE
        client.socket.sendall(header + pdu)

        assert everything(client) == bytes([0, 1, 0, 0, 0, 7, 1, 3, 4, 0, 0, 0, 0])
        assert client.read(0, 1) == [1]


def test_stale_registers_come_with_the_right_transaction() -> None:
    with contactor_with(at_contactor("stale_registers", from_s=1.0)) as (laboratory, client):
        assert client.read(0, 2) == [0, 0]
        client.ask(CLOSE)
        laboratory.clock.sleep(2.0)

        assert client.read(0, 2) == [0, 0]
        assert client.read(0, 2) == [1, 1]


@pytest.mark.parametrize("request_pdu", [CLOSE, bytes([6, 0, 0, 0, 1])])
def test_an_ignored_modbus_write_is_acknowledged_like_any_other(request_pdu: bytes) -> None:
    with contactor_with() as (_, client):
        expected = client.ask(request_pdu)

    with contactor_with(at_contactor("ignored_write")) as (_, client):
        assert client.ask(request_pdu) == expected
        assert client.read(0, 1) == [0]
        client.ask(request_pdu)
        assert client.read(0, 1) == [1]


def test_an_ordinary_modbus_client_sees_exception_silence_and_recovery() -> None:
    troubles = [at_contactor("modbus_exception_6"), at_contactor("silence")]
    with Laboratory(World(InverterParameters()), seed=1, troubles=troubles) as laboratory:
        client = ModbusTcpClient(
            "127.0.0.1", port=laboratory.ports["contactor"], retries=0, timeout=0.2
        )
        assert client.connect()
        try:
            assert client.read_holding_registers(0, count=1).exception_code == 6
            with pytest.raises(ModbusIOException):
                client.read_holding_registers(0, count=1)
            client.connect()
            assert client.read_holding_registers(0, count=1).registers == [0]
        finally:
            client.close()


@pytest.mark.parametrize("transport", ["hislip", "vxi11"])
def test_message_based_transports_never_take_a_late_answer_for_the_next(transport: str) -> None:
    with (
        Laboratory(
            World(InverterParameters()),
            seed=1,
            transports={"ac_source": transport},
            troubles=[at_source("late_answer")],
        ) as laboratory,
        opened(laboratory, "ac_source", timeout_s=0.2) as source,
    ):
        with pytest.raises(Exception, match="VI_ERROR_TMO"):
            source.query("*IDN?")

        assert source.query(":VOLT?") == "0.0"
        assert source.query(":SYST:ERR?").startswith("-410,")


@pytest.mark.parametrize("transport", ["hislip", "vxi11"])
def test_half_an_answer_is_never_taken_for_a_whole_one(transport: str) -> None:
    with (
        Laboratory(
            World(InverterParameters()),
            seed=1,
            transports={"ac_source": transport},
            troubles=[at_source("truncated_answer")],
        ) as laboratory,
        opened(laboratory, "ac_source", timeout_s=0.2) as source,
        pytest.raises(Exception, match="VI_ERROR_TMO"),
    ):
        source.query("*IDN?")


def test_a_connection_dropped_in_a_hislip_answer_is_noticed() -> None:
    with (
        Laboratory(
            World(InverterParameters()),
            seed=1,
            transports={"ac_source": "hislip"},
            troubles=[at_source("dropped_connection")],
        ) as laboratory,
        opened(laboratory, "ac_source") as source,
        pytest.raises(RuntimeError, match="dropped by server"),
    ):
        source.query("*IDN?")
