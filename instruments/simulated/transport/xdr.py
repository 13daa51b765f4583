"""Remote procedure calls over TCP as VXI-11 needs them (RFC 1831, with XDR as in RFC 1832)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

LAST_FRAGMENT = 0x80000000
CALL, REPLY, RPC_VERSION = 0, 1, 2
UNKNOWN_PROGRAM, WRONG_VERSION, UNKNOWN_PROCEDURE, GARBAGE = 1, 2, 3, 4


class CallError(Exception):
    """A client speaks something that is not a call; its connection cannot go on."""


def int_bytes(*values: int) -> bytes:
    """Return integers in XDR."""
    return b"".join((value & 0xFFFFFFFF).to_bytes(4, "big") for value in values)


def opaque(data: bytes) -> bytes:
    """Return variable-length data in XDR."""
    return int_bytes(len(data)) + data + bytes(-len(data) % 4)


class Arguments:
    """Reads XDR values one after the other. Raises struct.error at the end of the data."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def numbers(self, kinds: str) -> tuple[int, ...]:
        """Return four-byte integers; `kinds` is `i` or `I` for each, as in `struct`."""
        values = struct.unpack_from(f"!{kinds}", self._data, self._position)
        self._position += 4 * len(kinds)
        return values

    def opaque(self) -> bytes:
        """Return variable-length data."""
        (length,) = self.numbers("I")
        start = self._position
        if start + length > len(self._data):
            raise struct.error(f"{length} bytes announced, {len(self._data) - start} there")
        self._position += length + -length % 4
        return self._data[start : start + length]


class RecordReader:
    """Joins the fragments of records (RFC 1831, section 10).

    Args:
        largest: bytes of the largest record taken.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._record = bytearray()

    def take(self, received: bytearray) -> bytes | None:
        """Remove and return the first complete record. Raises CallError when it is too large."""
        while len(received) >= 4:
            mark = int.from_bytes(received[:4], "big")
            length = mark & ~LAST_FRAGMENT
            if len(self._record) + length > self._largest:
                raise CallError(f"record of more than {self._largest} bytes")
            if len(received) < 4 + length:
                return None
            self._record += received[4 : 4 + length]
            del received[: 4 + length]
            if mark & LAST_FRAGMENT:
                record, self._record = bytes(self._record), bytearray()
                return record
        return None


@dataclass(frozen=True)
class Call:
    """One call, and the forms of its reply."""

    number: int
    program: int
    version: int
    procedure: int
    arguments: Arguments

    @classmethod
    def parsed(cls, record: bytes) -> Call:
        """Read a record. Raises CallError when it is no call."""
        reader = Arguments(record)
        try:
            number, kind, rpc_version, program, version, procedure = reader.numbers("IIIIII")
            for _ in ("credentials", "verifier"):
                reader.numbers("I")
                reader.opaque()
        except struct.error as error:
            raise CallError(str(error)) from error
        if (kind, rpc_version) != (CALL, RPC_VERSION):
            raise CallError(f"message type {kind} of RPC version {rpc_version}")
        return cls(number, program, version, procedure, reader)

    def succeeded(self, results: bytes) -> bytes:
        """Return the reply with results."""
        return self._reply(0, results)

    def unknown_program(self) -> bytes:
        """Return the reply to a call of a program that is not served."""
        return self._reply(UNKNOWN_PROGRAM)

    def wrong_version(self, served: int) -> bytes:
        """Return the reply to a call of another version than `served`."""
        return self._reply(WRONG_VERSION, int_bytes(served, served))

    def unknown_procedure(self) -> bytes:
        """Return the reply to a call of a procedure that does not exist."""
        return self._reply(UNKNOWN_PROCEDURE)

    def garbage(self) -> bytes:
        """Return the reply to arguments that cannot be read."""
        return self._reply(GARBAGE)

    def _reply(self, status: int, results: bytes = b"") -> bytes:
        body = int_bytes(self.number, REPLY, 0, 0, 0, status) + results
        return int_bytes(LAST_FRAGMENT | len(body)) + body
