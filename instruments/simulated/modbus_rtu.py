"""A serial Modbus line with several units, as a stream of bytes (MODBUS over serial line V1.02).

On a wire a silence of 3.5 characters separates frames. A stream has no silence: a frame is found by the
length its function gives it and by its CRC, so that noise before a request costs nothing here where it
would cost the request on a wire. What is not for a unit of the line, and what has a wrong CRC, gets
no answer. Unit 0 is everybody: all execute, nobody answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from instruments.simulated.modbus_server import RegisterImage, Responder

BROADCAST = 0
READS, WRITES = (3, 4), (6, 16)
CRC_BYTES = 2
SHORTEST_BYTES, LONGEST_BYTES = 4, 256
FIXED_BYTES = 8
COUNT_PLACE, COUNTED_BYTES = 6, 9
RESPONSE_OVERHEAD_BYTES = 5
BITS_PER_CHARACTER = 11
SILENT_CHARACTERS = 3.5


class RtuLine:
    """Units on one serial line.

    Args:
        units: register images by unit identifier, 1 to 247.
        latency_s: typical time from a request to its execution, without the time on the wire.
        baud: bits per second; frames then take their time on the wire. None for none.
    """

    protocol = "modbus"

    def __init__(
        self,
        units: Mapping[int, RegisterImage],
        *,
        latency_s: float = 0.02,
        baud: int | None = None,
    ) -> None:
        self._responders = {unit: Responder(image) for unit, image in units.items()}
        self._latency_s = latency_s
        self._baud = baud
        self._characters = 0.0

    @property
    def latency_s(self) -> float:
        """Typical time of the exchange that `split` found last."""
        wire_s = self._characters * BITS_PER_CHARACTER / self._baud if self._baud else 0.0
        return self._latency_s + wire_s

    def split(self, received: bytearray) -> bytes | None:
        """Remove and return the first frame with a right CRC, and drop what comes before it."""
        for start in range(len(received) - SHORTEST_BYTES + 1):
            length = _request_length(received, start)
            if is_intact(received[start : start + length]):
                frame = bytes(received[start : start + length])
                del received[: start + length]
                self._characters = length + _response_length(frame) + 2 * SILENT_CHARACTERS
                return frame
        if len(received) > LONGEST_BYTES:
            del received[:-LONGEST_BYTES]
        return None

    def answer(self, message: bytes) -> bytes:
        """Execute one request frame and return the response frame, empty for silence."""
        unit, pdu = message[0], message[1:-CRC_BYTES]
        if unit == BROADCAST:
            self._broadcast(pdu)
            return b""
        if unit not in self._responders:
            return b""
        response = self._responders[unit].respond(pdu)
        return with_crc(bytes([unit, response.function_code]) + response.encode())

    def _broadcast(self, pdu: bytes) -> None:
        if pdu[0] in WRITES:
            for responder in self._responders.values():
                responder.respond(pdu)


def _request_length(received: bytearray, start: int) -> int:
    """Return the length of the request frame that begins at `start`, 0 when it is not all there.

    One whose function has no known form is all that was received, but only when nothing precedes it.
    """
    data = received[start:]
    if data[1] == 16:
        length = COUNTED_BYTES + data[COUNT_PLACE] if len(data) > COUNT_PLACE else LONGEST_BYTES
    elif data[1] in (*READS, *WRITES):
        length = FIXED_BYTES
    else:
        length = len(data) if start == 0 else 0
    return length if len(data) >= length else 0


def _response_length(frame: bytes) -> int:
    count = int.from_bytes(frame[4:6], "big") if frame[1] in READS else 0
    return RESPONSE_OVERHEAD_BYTES + 2 * count if count else FIXED_BYTES


def crc(data: bytes | bytearray) -> bytes:
    """Return the CRC-16 of the serial line, low byte first."""
    remainder = 0xFFFF
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0xA001 if remainder & 1 else 0)
    return remainder.to_bytes(2, "little")


def with_crc(data: bytes) -> bytes:
    """Return a frame with its CRC behind it."""
    return data + crc(data)


def is_intact(frame: bytes | bytearray) -> bool:
    """Return whether a frame ends in the CRC of what comes before."""
    return len(frame) >= SHORTEST_BYTES and crc(frame[:-CRC_BYTES]) == frame[-CRC_BYTES:]
