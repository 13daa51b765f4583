"""HiSLIP (IVI-6.1, version 1.0) in synchronised mode, as an instrument serves it.

A client opens two connections: messages travel on the synchronous one, device clear and status
queries on the asynchronous one. What has arrived on the synchronous one is dealt with first, so that
a status query sees the message sent before it. Not served: overlapped mode, locks (refused with response 3),
service requests sent without being asked for, and TLS.
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

HEADER = struct.Struct("!2sBBIQ")
PROLOGUE = b"HS"
VERSION = 0x0100
VENDOR = int.from_bytes(b"IC", "big")
SUB_ADDRESS = b"hislip0"
LARGEST_MESSAGE = 1 << 20
SMALLEST_PAYLOAD = 64

INITIALIZE, INITIALIZE_RESPONSE, FATAL_ERROR, ERROR, LOCK, LOCK_RESPONSE = range(6)
DATA, DATA_END, CLEAR_COMPLETE, CLEAR_ACKNOWLEDGE, REMOTE_LOCAL, REMOTE_LOCAL_RESPONSE = range(
    6, 12
)
TRIGGER, INTERRUPTED, ASYNC_INTERRUPTED, MESSAGE_SIZE, MESSAGE_SIZE_RESPONSE = range(12, 17)
ASYNC_INITIALIZE, ASYNC_INITIALIZE_RESPONSE, ASYNC_CLEAR, SERVICE_REQUEST = range(17, 21)
STATUS_QUERY, STATUS_RESPONSE, ASYNC_CLEAR_ACKNOWLEDGE, LOCK_INFO, LOCK_INFO_RESPONSE = range(
    21, 26
)

BAD_HEADER, BOTH_CHANNELS_NEEDED, BAD_INITIALIZATION, TOO_MANY_CLIENTS = 1, 2, 3, 4
UNKNOWN_MESSAGE, MESSAGE_TOO_LARGE = 1, 4
LOCK_ERROR = 3
RMT_DELIVERED = 1


@dataclass(frozen=True)
class Message:
    """One HiSLIP message."""

    kind: int
    control: int = 0
    parameter: int = 0
    payload: bytes = b""

    def packed(self) -> bytes:
        """Return it as it is sent."""
        header = HEADER.pack(PROLOGUE, self.kind, self.control, self.parameter, len(self.payload))
        return header + self.payload


@dataclass
class _Client:
    """What the two connections of one client share."""

    synchronous: Channel
    exchange: MessageExchange = field(init=False)
    asynchronous: Channel | None = None
    newest_message: int = 0
    clearing: bool = False
    largest_message: int = LARGEST_MESSAGE

    def interrupted(self) -> None:
        """Tell both ends that an answer has been dropped."""
        self.synchronous.send(Message(INTERRUPTED, 0, self.newest_message).packed())
        if self.asynchronous is not None:
            self.asynchronous.send(Message(ASYNC_INTERRUPTED, 0, self.newest_message).packed())

    def note_delivery(self, message: Message) -> None:
        """Take notice that the client has read the last answer to its end."""
        if message.control & RMT_DELIVERED:
            self.exchange.unread = False


class HislipServer:
    """The HiSLIP side of one instrument."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.clients: dict[int, _Client] = {}
        self._numbers = count(1)

    def open(self, channel: Channel) -> HislipSession:
        """Open a session on a new connection."""
        return HislipSession(self, channel)

    def admit(self, channel: Channel) -> tuple[int, _Client]:
        """Take a new client."""
        client = _Client(channel)
        client.exchange = MessageExchange(self.access, client.interrupted)
        number = next(self._numbers) & 0xFFFF
        self.clients[number] = client
        return number, client


class HislipSession:
    """One of a client's two connections."""

    def __init__(self, server: HislipServer, channel: Channel) -> None:
        self._server = server
        self._channel = channel
        self._client: _Client | None = None
        self._number: int | None = None
        self._to_skip = 0
        self._synchronous: dict[int, Callable[[_Client, Message], None]] = {
            DATA: self._data,
            DATA_END: self._data,
            TRIGGER: self._trigger,
            CLEAR_COMPLETE: self._clear_complete,
        }
        self._asynchronous: dict[int, Callable[[_Client, Message], None]] = {
            MESSAGE_SIZE: self._message_size,
            STATUS_QUERY: self._status_query,
            ASYNC_CLEAR: self._async_clear,
            LOCK: lambda _, __: self._send(LOCK_RESPONSE, LOCK_ERROR),
            LOCK_INFO: lambda _, __: self._send(LOCK_INFO_RESPONSE),
            REMOTE_LOCAL: lambda _, __: self._send(REMOTE_LOCAL_RESPONSE),
        }

    def receive(self, received: bytearray) -> None:
        while (message := self._take(received)) is not None:
            self._handle(message)

    def closed(self) -> None:
        if self._number is not None:
            del self._server.clients[self._number]

    def _take(self, received: bytearray) -> Message | None:
        self._skip(received)
        if self._to_skip or len(received) < HEADER.size:
            return None
        prologue, kind, control, parameter, length = HEADER.unpack_from(received)
        if prologue != PROLOGUE:
            received.clear()
            self._fail(BAD_HEADER, "poorly formed message header")
            return None
        if length > LARGEST_MESSAGE:
            self._to_skip = HEADER.size + length
            self._send(ERROR, MESSAGE_TOO_LARGE, payload=b"message too large")
            return self._take(received)
        end = HEADER.size + length
        if len(received) < end:
            return None
        message = Message(kind, control, parameter, bytes(received[HEADER.size : end]))
        del received[:end]
        return message

    def _skip(self, received: bytearray) -> None:
        skipped = min(self._to_skip, len(received))
        self._to_skip -= skipped
        del received[:skipped]

    def _handle(self, message: Message) -> None:
        if message.kind == INITIALIZE:
            self._initialize(message)
        elif message.kind == ASYNC_INITIALIZE:
            self._async_initialize(message)
        elif message.kind == FATAL_ERROR:
            self._channel.hang_up()
        elif message.kind != ERROR:
            self._dispatch(message)

    def _dispatch(self, message: Message) -> None:
        client = self._client
        if client is None or client.asynchronous is None:
            self._fail(BOTH_CHANNELS_NEEDED, "both channels have to be established first")
            return
        table = self._asynchronous if self._number is None else self._synchronous
        if message.kind in table:
            table[message.kind](client, message)
        else:
            self._send(ERROR, UNKNOWN_MESSAGE, payload=b"unrecognized message type")

    def _initialize(self, message: Message) -> None:
        server = self._server
        if self._client is not None or message.payload.lower() not in (SUB_ADDRESS, b""):
            self._fail(BAD_INITIALIZATION, f"no sub-address {message.payload[:40]!r}")
        elif not server.access.admits(len(server.clients)):
            self._fail(TOO_MANY_CLIENTS, "maximum number of clients exceeded")
        else:
            self._number, self._client = server.admit(self._channel)
            self._send(INITIALIZE_RESPONSE, parameter=VERSION << 16 | self._number)

    def _async_initialize(self, message: Message) -> None:
        client = self._server.clients.get(message.parameter)
        if self._client is not None or client is None or client.asynchronous is not None:
            self._fail(BAD_INITIALIZATION, f"no session {message.parameter} waits")
            return
        self._client = client
        client.asynchronous = self._channel
        self._send(ASYNC_INITIALIZE_RESPONSE, parameter=VENDOR)

    def _data(self, client: _Client, message: Message) -> None:
        if client.clearing:
            return
        client.note_delivery(message)
        client.newest_message = message.parameter
        for reply in client.exchange.write(message.payload, message.kind == DATA_END):
            self._answer(client, reply)

    def _trigger(self, client: _Client, message: Message) -> None:
        client.note_delivery(message)
        client.newest_message = message.parameter
        for reply in client.exchange.trigger():
            self._answer(client, reply)

    def _answer(self, client: _Client, reply: Reply) -> None:
        """Send an answer in pieces the client takes, the last with END."""
        size = client.largest_message
        pieces = [reply.data[k : k + size] for k in range(0, len(reply.data), size)]
        messages = [Message(DATA, 0, client.newest_message, piece) for piece in pieces[:-1]]
        messages += [Message(DATA_END, 0, client.newest_message, piece) for piece in pieces[-1:]]
        self._channel.deliver(b"".join(message.packed() for message in messages), reply)

    def _message_size(self, client: _Client, message: Message) -> None:
        size = int.from_bytes(message.payload, "big")
        client.largest_message = max(SMALLEST_PAYLOAD, min(size, LARGEST_MESSAGE) - HEADER.size)
        self._send(MESSAGE_SIZE_RESPONSE, payload=LARGEST_MESSAGE.to_bytes(8, "big"))

    def _status_query(self, client: _Client, message: Message) -> None:
        client.synchronous.catch_up()
        client.note_delivery(message)
        self._send(STATUS_RESPONSE, client.exchange.status_byte())

    def _async_clear(self, client: _Client, _: Message) -> None:
        client.synchronous.catch_up()
        client.clearing = True
        client.exchange.clear()
        self._send(ASYNC_CLEAR_ACKNOWLEDGE)

    def _clear_complete(self, client: _Client, _: Message) -> None:
        client.clearing = False
        self._send(CLEAR_ACKNOWLEDGE)

    def _fail(self, code: int, text: str) -> None:
        self._send(FATAL_ERROR, code, payload=text.encode("ascii", "replace"))
        self._channel.hang_up()

    def _send(self, kind: int, control: int = 0, parameter: int = 0, payload: bytes = b"") -> None:
        self._channel.send(Message(kind, control, parameter, payload).packed())


def _sessions(access: Access) -> OpenSession:
    return HislipServer(access).open


def _resource(address: Address) -> str:
    """The port behind the comma is pyvisa-py's; other VISAs know port 4880 only."""
    return f"TCPIP::{HOST}::hislip0,{address}::INSTR"


HISLIP = Transport("hislip", _sessions, _resource, status=True)
