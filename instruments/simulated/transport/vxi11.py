"""VXI-11 (TCP/IP instrument protocol, revision 1.0): core and abort channel on one port.

The program is called without a portmapper: pyvisa-py takes the port in the resource name. A read
that finds nothing takes its time-out in simulated time and none of the client's. Not served:
service requests and their interrupt channel (error 8).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from instruments.simulated.transport.message_exchange import MessageExchange
from instruments.simulated.transport.services import (
    HOST,
    Access,
    Address,
    Channel,
    OpenSession,
    Reply,
    Transport,
)
from instruments.simulated.transport.xdr import (
    Arguments,
    Call,
    CallError,
    RecordReader,
    int_bytes,
    opaque,
)

CORE, ABORT = 0x0607AF, 0x0607B0
PROGRAM_VERSION = 1
DEVICE = b"inst0"
MOST_RECEIVED = 1 << 20
SUCCESS, NOT_ACCESSIBLE, NO_SUCH_LINK, TOO_LONG, NOT_SUPPORTED = 0, 3, 4, 5, 8
OUT_OF_RESOURCES, LOCKED, NOT_LOCKED, TIMED_OUT = 9, 11, 12, 15
WAIT_FOR_LOCK, END, TERMINATOR_SET = 1, 8, 128
REQUESTED_COUNT, TERMINATOR, WHOLE = 1, 2, 4
MILLISECOND = 1e-3


@dataclass
class _Link:
    exchange: MessageExchange
    channel: Channel
    answer: bytearray = field(default_factory=bytearray)
    held: bool = False
    """The answer is not to be had before the next message: it is late."""
    cut: bool = False
    """Only the first half of the answer is to be had, without END."""

    def take(self, reply: Reply) -> None:
        """Have an answer to be read."""
        self.held, self.cut = reply.late, reply.cut
        self.answer[:] = reply.data[: len(reply.data) // 2] if reply.cut else reply.data


class Vxi11Server:
    """The VXI-11 side of one instrument: links, and which of them holds the lock."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.links: dict[int, _Link] = {}
        self.locked_by: int | None = None
        self._numbers = count(1)

    def open(self, channel: Channel) -> Vxi11Session:
        """Open a session on a new connection."""
        return Vxi11Session(self, channel)

    def admit(self, channel: Channel) -> int:
        """Make a link; return its number."""
        number = next(self._numbers)
        exchange = MessageExchange(self.access, lambda: self.links[number].answer.clear())
        self.links[number] = _Link(exchange, channel)
        return number

    def destroy(self, number: int) -> None:
        """Forget a link and its lock."""
        del self.links[number]
        if self.locked_by == number:
            self.locked_by = None

    def wait_for_lock(self, number: int, flags: int, timeout_ms: int) -> bool:
        """Whether a link may go on; one that waits for another's lock waits in simulated time."""
        if self.locked_by in (None, number):
            return True
        if flags & WAIT_FOR_LOCK:
            self.access.pass_time(timeout_ms * MILLISECOND)
        return False


class Vxi11Session:
    """One connection with remote procedure calls."""

    def __init__(self, server: Vxi11Server, channel: Channel) -> None:
        self._server = server
        self._channel = channel
        self._records = RecordReader(MOST_RECEIVED + 1024)
        core: dict[int, Callable[[Arguments], bytes]] = {
            10: self._create_link,
            11: self._write,
            12: self._read,
            13: self._read_status_byte,
            14: self._trigger,
            15: self._clear,
            16: self._generic,
            17: self._generic,
            18: self._lock,
            19: self._unlock,
            20: lambda _: int_bytes(NOT_SUPPORTED),
            22: lambda _: int_bytes(NOT_SUPPORTED) + opaque(b""),
            23: self._destroy_link,
            25: lambda _: int_bytes(NOT_SUPPORTED),
            26: lambda _: int_bytes(NOT_SUPPORTED),
        }
        self._programs: dict[int, dict[int, Callable[[Arguments], bytes]]] = {
            CORE: core,
            ABORT: {1: self._abort},
        }

    def receive(self, received: bytearray) -> None:
        try:
            while (record := self._records.take(received)) is not None:
                self._call(record)
        except CallError:
            self._channel.hang_up()

    def closed(self) -> None:
        for number in [
            n for n, link in self._server.links.items() if link.channel is self._channel
        ]:
            self._server.destroy(number)

    def _call(self, record: bytes) -> None:
        call = Call.parsed(record)
        procedures = self._programs.get(call.program)
        if procedures is None:
            self._channel.send(call.unknown_program())
        elif call.version != PROGRAM_VERSION:
            self._channel.send(call.wrong_version(PROGRAM_VERSION))
        elif call.procedure == 0:
            self._channel.send(call.succeeded(b""))
        elif call.procedure not in procedures:
            self._channel.send(call.unknown_procedure())
        else:
            self._perform(call, procedures[call.procedure])

    def _perform(self, call: Call, procedure: Callable[[Arguments], bytes]) -> None:
        try:
            results = procedure(call.arguments)
        except struct.error:
            self._channel.send(call.garbage())
            return
        self._channel.send(call.succeeded(results))

    def _create_link(self, arguments: Arguments) -> bytes:
        _, lock, timeout_ms = arguments.numbers("iII")
        server = self._server
        error, number = SUCCESS, 0
        if arguments.opaque().lower() != DEVICE:
            error = NOT_ACCESSIBLE
        elif not server.access.admits(len(server.links)):
            error = OUT_OF_RESOURCES
        elif lock and not server.wait_for_lock(0, WAIT_FOR_LOCK, timeout_ms):
            error = LOCKED
        else:
            number = server.admit(self._channel)
            server.locked_by = number if lock else server.locked_by
        return int_bytes(error, number, 0, MOST_RECEIVED)

    def _write(self, arguments: Arguments) -> bytes:
        number, _, lock_timeout_ms, flags = arguments.numbers("iIIi")
        data = arguments.opaque()
        error = self._refused(number, flags, lock_timeout_ms)
        if error or len(data) > MOST_RECEIVED:
            return int_bytes(error or TOO_LONG, 0)
        self._take(self._server.links[number], data, bool(flags & END))
        return int_bytes(SUCCESS, len(data))

    def _take(self, link: _Link, data: bytes, end: bool) -> None:
        for reply in link.exchange.write(data, end):
            link.take(reply)
            if reply.hang_up:
                self._channel.hang_up()

    def _read(self, arguments: Arguments) -> bytes:
        number, most, timeout_ms, lock_timeout_ms, flags, terminator = arguments.numbers("iIIIii")
        error = self._refused(number, flags, lock_timeout_ms)
        if error:
            return int_bytes(error, 0) + opaque(b"")
        link = self._server.links[number]
        if not link.answer or link.held:
            if not (link.held or link.cut):
                link.exchange.read_nothing()
            self._server.access.pass_time(timeout_ms * MILLISECOND)
            return int_bytes(TIMED_OUT, 0) + opaque(b"")
        data, reason = _first_part(
            link.answer, most, terminator if flags & TERMINATOR_SET else None
        )
        if link.cut:
            return int_bytes(SUCCESS, reason & ~WHOLE) + opaque(data)
        link.exchange.unread = bool(link.answer)
        return int_bytes(SUCCESS, reason) + opaque(data)

    def _read_status_byte(self, arguments: Arguments) -> bytes:
        number, error = self._checked(arguments)
        status = 0 if error else self._server.links[number].exchange.status_byte()
        return int_bytes(error, status)

    def _trigger(self, arguments: Arguments) -> bytes:
        number, error = self._checked(arguments)
        if not error:
            link = self._server.links[number]
            for reply in link.exchange.trigger():
                link.take(reply)
        return int_bytes(error)

    def _clear(self, arguments: Arguments) -> bytes:
        number, error = self._checked(arguments)
        if not error:
            link = self._server.links[number]
            link.answer.clear()
            link.exchange.clear()
        return int_bytes(error)

    def _generic(self, arguments: Arguments) -> bytes:
        return int_bytes(self._checked(arguments)[1])

    def _lock(self, arguments: Arguments) -> bytes:
        number, flags, timeout_ms = arguments.numbers("iiI")
        error = self._refused(number, flags, timeout_ms)
        if not error:
            self._server.locked_by = number
        return int_bytes(error)

    def _unlock(self, arguments: Arguments) -> bytes:
        (number,) = arguments.numbers("i")
        if number not in self._server.links:
            return int_bytes(NO_SUCH_LINK)
        if self._server.locked_by != number:
            return int_bytes(NOT_LOCKED)
        self._server.locked_by = None
        return int_bytes(SUCCESS)

    def _destroy_link(self, arguments: Arguments) -> bytes:
        (number,) = arguments.numbers("i")
        if number not in self._server.links:
            return int_bytes(NO_SUCH_LINK)
        self._server.destroy(number)
        return int_bytes(SUCCESS)

    def _abort(self, arguments: Arguments) -> bytes:
        """No call is ever under way here, so there is nothing to abort."""
        (number,) = arguments.numbers("i")
        return int_bytes(SUCCESS if number in self._server.links else NO_SUCH_LINK)

    def _checked(self, arguments: Arguments) -> tuple[int, int]:
        number, flags, lock_timeout_ms, _ = arguments.numbers("iiII")
        return number, self._refused(number, flags, lock_timeout_ms)

    def _refused(self, number: int, flags: int, lock_timeout_ms: int) -> int:
        if number not in self._server.links:
            return NO_SUCH_LINK
        free = self._server.wait_for_lock(number, flags, lock_timeout_ms)
        return SUCCESS if free else LOCKED


def _first_part(answer: bytearray, most: int, terminator: int | None) -> tuple[bytes, int]:
    """Take from an answer what one read returns, and why it stops there."""
    size, reason = min(most, len(answer)), 0
    if terminator is not None and (found := answer.find(terminator & 0xFF, 0, size)) >= 0:
        size, reason = found + 1, TERMINATOR
    data = bytes(answer[:size])
    del answer[:size]
    reason |= REQUESTED_COUNT if size == most else 0
    return data, reason | (0 if answer else WHOLE)


def _sessions(access: Access) -> OpenSession:
    return Vxi11Server(access).open


def _resource(address: Address) -> str:
    """The port behind the comma is pyvisa-py's; other VISAs ask a portmapper."""
    return f"TCPIP::{HOST},{address}::inst0::INSTR"


VXI11 = Transport("vxi11", _sessions, _resource, status=True)
