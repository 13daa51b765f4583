"""Registers over Modbus TCP, TLS and RTU. The client side's only import of pymodbus and pyserial.

pymodbus accepts a late RTU reply as the answer to the next request, does not compare function and address with
what was asked, and by default sends writes again. Here retries are off, every answer is checked against its
request, and a line that failed or has bytes nobody asked for is closed or drained before it is used again.
"""

from __future__ import annotations

import logging
import select
import socket
import ssl
import struct
from collections.abc import Callable, Mapping, Sequence
from threading import RLock
from typing import Any

from pymodbus import FramerType, ModbusException
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusIOException

from instruments.clock import Clock
from instruments.errors import (
    LinkClosed,
    LinkGarbled,
    LinkRefused,
    LinkTimeout,
    RegisterError,
)
from instruments.links import tls
from instruments.links.frame_gap import frame_gap_s
from instruments.links.read_only import Line, ReadOnlyLine
from instruments.links.refusals import refusal
from instruments.links.transcript import MASK, Exchange, Transcript, words_text

MOST_READ, MOST_WRITTEN = 125, 123
READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS = 3, 4
WRITE_SINGLE_REGISTER, WRITE_MULTIPLE_REGISTERS = 6, 16
Client = ModbusTcpClient | ModbusSerialClient

logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)


class _PromptingTcpClient(ModbusTcpClient):
    """Prompts the clock between request and answer; on TLS when it is given a context."""

    def __init__(
        self, clock: Clock, host: str, context: ssl.SSLContext | None, **options: Any
    ) -> None:
        super().__init__(host, **options)
        self._clock = clock
        self._context = context

    def connect(self) -> bool:
        if self.socket is None and super().connect() and self._context:  # type: ignore[no-untyped-call]
            plain: Any = self.socket
            self.socket = None
            self.socket = tls.secured(plain, self._context, self.comm_params.host)
        return self.socket is not None

    def send(self, request: bytes, addr: tuple[Any, ...] | None = None) -> int:
        sent: int = super().send(request, addr)
        self._clock.prompt()
        return sent


class ModbusLine:
    """One TCP connection or serial line, shared by all units on it.

    Args:
        client: a pymodbus client, not yet connected.
        address: host and port, or serial port, for messages.
        quiet_s: silence to wait for after a failure on a line without transaction numbers; None when
            the connection is simply opened anew.
        gap_s: least time between two requests.
    """

    def __init__(
        self,
        client: Client,
        *,
        address: str,
        clock: Clock,
        transcript: Transcript,
        quiet_s: float | None,
        gap_s: float,
    ) -> None:
        self.address = address
        self.clock = clock
        self.transcript = transcript
        self._client: Any = client
        self._quiet_s = quiet_s
        self._gap_s = gap_s
        self._lock = RLock()
        self._dirty = False
        self._last_s: float | None = None
        self._connect("the line")

    def unit(self, number: int, name: str) -> ModbusRegisterLink:
        """Return the link to one unit on this line."""
        return ModbusRegisterLink(self, number, name)

    def exchange(
        self,
        name: str,
        request: str,
        send: Callable[[Client], Any],
        expected: Mapping[str, int],
    ) -> list[int]:
        """Send one request, once, and return the registers of its answer.

        Args:
            expected: what the answer must carry: its `function_code`, the `count` of registers sent back
                or acknowledged, and the `address` where the function echoes it.
        """
        with self._lock:
            self._pause()
            requested_s = self.clock.now_s()
            try:
                registers = self._converse(f"{name} ({self.address}): {request}", send, expected)
            except BaseException as error:
                # Also after Ctrl-C: the answer still on its way must not be taken for the next one.
                self._dirty = not isinstance(error, RegisterError)
                self._record(name, request, None, requested_s, str(error) or type(error).__name__)
                raise
            finally:
                self._last_s = self.clock.now_s()
            self._record(name, request, words_text(registers), requested_s, "")
            return registers

    def close(self) -> None:
        """Close the line. May be called again."""
        self._client.close()

    def _converse(
        self, what: str, send: Callable[[Client], Any], expected: Mapping[str, int]
    ) -> list[int]:
        if self._dirty or self._bytes_waiting():
            self._recover(what)
        try:
            answer = send(self._client)
        except ModbusIOException as error:
            raise LinkTimeout(f"{what}: no usable answer: {error}") from error
        except (ConnectionException, OSError) as error:
            raise LinkClosed(f"{what}: the connection was lost: {error}") from error
        except (ModbusException, ValueError, IndexError, struct.error) as error:
            raise LinkGarbled(f"{what}: the answer cannot be decoded: {error}") from error
        return _checked(what, answer, expected)

    def _bytes_waiting(self) -> bool:
        """Tell whether the line holds bytes before anything was asked: a duplicate, a straggler, noise."""
        stream: Any = self._client.socket
        if stream is None:
            return False
        if isinstance(stream, ssl.SSLSocket):
            return tls.holds_data(stream)
        if isinstance(stream, socket.socket):
            return bool(select.select([stream], [], [], 0)[0])
        return bool(stream.in_waiting)

    def _recover(self, what: str) -> None:
        if self._quiet_s is None or not self._client.connected:
            self._client.close()
            self._connect(what)
        else:
            self._drain(self._quiet_s)
        self._dirty = False

    def _connect(self, what: str) -> None:
        if not self._client.connect():
            raise LinkRefused(
                f"{what}: {self.address} cannot be opened. Is the device on, and is this its address?"
            )
        stream = self._client.socket
        if isinstance(stream, socket.socket):
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _drain(self, quiet_s: float) -> None:
        """Read and drop until nothing has come for `quiet_s`, so that a late reply has passed."""
        stream: Any = self._client.socket
        if isinstance(stream, socket.socket):
            while select.select([stream], [], [], quiet_s)[0]:
                if not _received(stream):
                    self._client.close()
                    self._connect("the line")
                    return
            return
        before, stream.timeout = stream.timeout, quiet_s
        while stream.read(256):
            pass
        stream.timeout = before

    def _pause(self) -> None:
        if self._last_s is not None and self._gap_s > 0:
            self.clock.sleep(max(0.0, self._last_s + self._gap_s - self.clock.now_s()))

    def _record(
        self, name: str, request: str, reply: str | None, requested_s: float, error: str
    ) -> None:
        self.transcript.record(
            Exchange(name, request, reply, requested_s, self.clock.now_s(), error)
        )


class ModbusRegisterLink:
    """One unit. Implements `WideRegisterLink`; use `open_tcp`, `open_serial` or `ModbusLine.unit`."""

    def __init__(self, line: Line, unit: int, name: str) -> None:
        self.name = name
        self._line = line
        self._unit = unit

    @classmethod
    def open_tcp(
        cls,
        host: str,
        port: int,
        *,
        unit: int,
        name: str,
        clock: Clock,
        transcript: Transcript,
        timeout_s: float = 1.0,
        gap_s: float = 0.0,
        framer: str = "socket",
        quiet_s: float | None = None,
        context: ssl.SSLContext | None = None,
    ) -> ModbusRegisterLink:
        """Open Modbus TCP, on TLS with a `context`, or RTU frames over TCP with `framer` "rtu".

        Raises:
            LinkRefused: the address cannot be reached, or the device did not prove who it is.
        """
        client = _PromptingTcpClient(
            clock, host, context, port=port, framer=FramerType(framer), timeout=timeout_s, retries=0
        )
        rtu_quiet_s = quiet_s if quiet_s is not None else timeout_s
        line = ModbusLine(
            client,
            address=f"{host}:{port}",
            clock=clock,
            transcript=transcript,
            quiet_s=rtu_quiet_s if framer == "rtu" else None,
            gap_s=gap_s,
        )
        return line.unit(unit, name)

    @classmethod
    def open_serial(
        cls,
        port: str,
        *,
        unit: int,
        name: str,
        clock: Clock,
        transcript: Transcript,
        baud_rate: int = 9600,
        parity: str = "N",
        stop_bits: int = 1,
        timeout_s: float = 1.0,
        gap_s: float = 0.0,
        quiet_s: float | None = None,
    ) -> ModbusRegisterLink:
        """Open Modbus RTU on a serial port.

        Args:
            quiet_s: silence awaited after a failure; at least the device's slowest answer.
            gap_s: least time between two requests, never below the silence between frames.

        Raises:
            LinkRefused: the port cannot be opened.
        """
        client = ModbusSerialClient(
            port,
            baudrate=baud_rate,
            parity=parity,
            stopbits=stop_bits,
            timeout=timeout_s,
            retries=0,
        )
        line = ModbusLine(
            client,
            address=port,
            clock=clock,
            transcript=transcript,
            quiet_s=timeout_s if quiet_s is None else quiet_s,
            gap_s=max(gap_s, frame_gap_s(baud_rate)),
        )
        return line.unit(unit, name)

    def read_only(self, attempts: int = 1, pause_s: float = 0.0) -> ModbusRegisterLink:
        """Return this link for reading alone: whatever would write raises WriteForbidden, nothing is sent.

        Args:
            attempts: how often a request is sent at most; reading again changes nothing.
            pause_s: time left to the device before it is asked again.
        """
        return ModbusRegisterLink(
            ReadOnlyLine(self._line, attempts, pause_s), self._unit, self.name
        )

    def read(self, address: int, count: int) -> list[int]:
        """Return `count` registers.

        Raises:
            ValueError: more registers than one request can ask for.
            RegisterError, LinkError: the device refused, or the line failed.
        """
        _check_count(count, MOST_READ)
        return self._line.exchange(
            self.name,
            f"read {count} at {address}, unit {self._unit}",
            lambda client: client.read_holding_registers(
                address, count=count, device_id=self._unit
            ),
            {"function_code": READ_HOLDING_REGISTERS, "count": count},
        )

    def write(self, address: int, values: Sequence[int]) -> None:
        """Write registers with function 16, once.

        Raises:
            ValueError: more registers than one request can carry.
            RegisterError, LinkError: the device refused, or the line failed; whether the write was
                executed is then known only by reading back.
        """
        self._write(address, values, words_text(values))

    def write_secret(self, address: int, values: Sequence[int]) -> None:
        """Write registers as `write` does, without a record of what they hold."""
        self._write(address, values, MASK)

    def read_input(self, address: int, count: int) -> list[int]:
        """Return `count` input registers; raises as `read` does."""
        _check_count(count, MOST_READ)
        return self._line.exchange(
            self.name,
            f"read input {count} at {address}, unit {self._unit}",
            lambda client: client.read_input_registers(address, count=count, device_id=self._unit),
            {"function_code": READ_INPUT_REGISTERS, "count": count},
        )

    def write_single(self, address: int, value: int) -> None:
        """Write one register with function 6, once; raises as `write` does."""
        self._line.exchange(
            self.name,
            f"write single {words_text([value])} at {address}, unit {self._unit}",
            lambda client: client.write_register(address, value, device_id=self._unit),
            {"function_code": WRITE_SINGLE_REGISTER, "address": address},
        )

    def _write(self, address: int, values: Sequence[int], shown: str) -> None:
        _check_count(len(values), MOST_WRITTEN)
        self._line.exchange(
            self.name,
            f"write {shown} at {address}, unit {self._unit}",
            lambda client: client.write_registers(address, list(values), device_id=self._unit),
            {"function_code": WRITE_MULTIPLE_REGISTERS, "address": address, "count": len(values)},
        )

    def close(self) -> None:
        """Close the line this unit is on."""
        self._line.close()


def _received(stream: socket.socket) -> bytes:
    """Return what has arrived, nothing when the peer has ended the connection in whatever way."""
    try:
        return stream.recv(4096)
    except ConnectionError:
        return b""


def _checked(what: str, answer: Any, expected: Mapping[str, int]) -> list[int]:
    """Return the registers of an answer that belongs to its request."""
    if answer.isError():
        if answer.function_code & 0x7F != expected["function_code"]:
            raise LinkGarbled(
                f"{what}: an exception to function {answer.function_code & 0x7F} came"
            )
        raise refusal(what, answer.exception_code)
    registers = list(answer.registers)
    carried = {
        "function_code": answer.function_code,
        "address": answer.address,
        "count": len(registers) if registers else answer.count,
    }
    for item, value in expected.items():
        if carried[item] != value:
            raise LinkGarbled(
                f"{what}: the answer carries {item.replace('_', ' ')} {carried[item]}, expected {value}"
            )
    return registers


def _check_count(count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise ValueError(f"{count} registers in one request; 1 to {most} are possible")
