"""What a Modbus server answers, and Modbus TCP as a service of the simulated laboratory.

Only what a conforming server must do is here (MODBUS Application Protocol V1.1b3): functions 3, 4, 6
and 16 on one image of registers, and the exceptions in the form the specification gives them, on
pymodbus's framer and PDU classes. Serial lines are in `modbus_rtu`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersResponse,
    ReadInputRegistersResponse,
    WriteMultipleRegistersResponse,
    WriteSingleRegisterResponse,
)

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, GATEWAY_NO_RESPONSE = 1, 2, 3, 11
HEADER_BYTES = 7
MOST_FRAME_BYTES = 300
"""Beyond the 260 of the specification, so that a write that is too long gets its exception."""
MOST_WRITTEN = 123
READ_BYTES = 5
WRITE_HEADER_BYTES = 6


class RefusedRegister(Exception):
    """A register that cannot be read or written as asked.

    Attributes:
        code: Modbus exception code.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code}")
        self.code = code


class RegisterImage(Protocol):
    """Holding registers of one device; addresses are those on the wire, from 0."""

    def read(self, address: int, count: int) -> list[int]:
        """Return registers. Raises RefusedRegister."""
        ...

    def write(self, address: int, values: list[int]) -> None:
        """Write all registers or none. Raises RefusedRegister."""
        ...


@runtime_checkable
class TwoTables(Protocol):
    """A device whose input registers are others than its holding registers."""

    def read_input(self, address: int, count: int) -> list[int]:
        """Return input registers. Raises RefusedRegister."""
        ...

    def write_single(self, address: int, value: int) -> None:
        """Execute function 6. Raises RefusedRegister."""
        ...


class Responder:
    """Executes requests on the registers of one unit."""

    def __init__(self, image: RegisterImage) -> None:
        self._image = image
        self._decoder = DecodePDU(is_server=True)
        self._functions: dict[int, Callable[[ModbusPDU, bytes], ModbusPDU]] = {
            3: self._read_holding,
            4: self._read_input,
            6: self._write_single,
            16: self._write_multiple,
        }

    def respond(self, pdu: bytes) -> ModbusPDU:
        """Execute a request, function code first, and return the response."""
        function = pdu[0]
        if function not in self._functions:
            return ExceptionResponse(function, ILLEGAL_FUNCTION)
        try:
            return self._functions[function](self._request(pdu), pdu)
        except RefusedRegister as refusal:
            return ExceptionResponse(function, refusal.code)

    def _request(self, pdu: bytes) -> ModbusPDU:
        """Decode a request; one that is too short or has an illegal count is an illegal value."""
        request_class, _ = self._decoder.pdu_table[pdu[0]]
        request = request_class()
        try:
            request.decode(pdu[1:])
        except (ValueError, IndexError, struct.error) as error:
            raise RefusedRegister(ILLEGAL_VALUE) from error
        return request

    def _read_holding(self, request: ModbusPDU, pdu: bytes) -> ModbusPDU:
        return ReadHoldingRegistersResponse(registers=self._read(request, pdu))

    def _read_input(self, request: ModbusPDU, pdu: bytes) -> ModbusPDU:
        if not isinstance(self._image, TwoTables):
            return ReadInputRegistersResponse(registers=self._read(request, pdu))
        _require_readable(request, pdu)
        found = self._image.read_input(request.address, request.count)
        return ReadInputRegistersResponse(registers=found)

    def _read(self, request: ModbusPDU, pdu: bytes) -> list[int]:
        _require_readable(request, pdu)
        return self._image.read(request.address, request.count)

    def _write_single(self, request: ModbusPDU, pdu: bytes) -> ModbusPDU:
        _require(len(pdu) == READ_BYTES, ILLEGAL_VALUE)
        values = list(request.registers)
        if isinstance(self._image, TwoTables):
            self._image.write_single(request.address, values[0])
        else:
            self._image.write(request.address, values)
        return WriteSingleRegisterResponse(address=request.address, registers=values)

    def _write_multiple(self, request: ModbusPDU, pdu: bytes) -> ModbusPDU:
        _require(1 <= request.count <= MOST_WRITTEN, ILLEGAL_VALUE)
        _require(pdu[5] == 2 * request.count == len(pdu) - WRITE_HEADER_BYTES, ILLEGAL_VALUE)
        _require(request.address + request.count <= 0x10000, ILLEGAL_ADDRESS)
        self._image.write(request.address, list(request.registers))
        return WriteMultipleRegistersResponse(address=request.address, count=request.count)


class ModbusServer:
    """One unit behind one port; requests for other units get exception 0x0B, as from a gateway.

    Args:
        image: the registers.
        latency_s: typical time from a request to its execution.
        unit: unit identifier the device answers to.
    """

    protocol = "modbus"

    def __init__(self, image: RegisterImage, *, latency_s: float = 0.02, unit: int = 1) -> None:
        self.latency_s = latency_s
        self.image = image
        self.unit = unit
        self._responder = Responder(image)
        self._framer = FramerSocket(DecodePDU(is_server=True))

    def split(self, received: bytearray) -> bytes | None:
        """Remove and return the first complete frame; drop what cannot be Modbus TCP."""
        if len(received) < HEADER_BYTES:
            return None
        length = HEADER_BYTES - 1 + int.from_bytes(received[4:6], "big")
        if received[2:4] != b"\0\0" or not HEADER_BYTES < length <= MOST_FRAME_BYTES:
            received.clear()
            return None
        if len(received) < length:
            return None
        frame = bytes(received[:length])
        del received[:length]
        return frame

    def answer(self, message: bytes) -> bytes:
        """Execute one request frame and return the response frame."""
        _, unit, transaction, pdu = self._framer.decode(message)
        response = self._respond(unit, pdu)
        response.dev_id, response.transaction_id = unit, transaction
        return self._framer.buildFrame(response)

    def _respond(self, unit: int, pdu: bytes) -> ModbusPDU:
        if unit != self.unit:
            return ExceptionResponse(pdu[0], GATEWAY_NO_RESPONSE)
        return self._responder.respond(pdu)


def _require_readable(request: ModbusPDU, pdu: bytes) -> None:
    _require(len(pdu) == READ_BYTES, ILLEGAL_VALUE)
    _require(request.address + request.count <= 0x10000, ILLEGAL_ADDRESS)


def _require(condition: bool, code: int) -> None:
    if not condition:
        raise RefusedRegister(code)
