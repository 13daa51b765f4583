"""A serial Modbus line with several units, as a stream of bytes (MODBUS over serial line V1.02).

On a wire a silence of 3.5 characters separates frames. A stream has no silence: a frame is found by the
length its function gives it and by its CRC, so that noise before a request costs nothing here where it
would cost the request on a wire. What is not for a unit of the line, and what has a wrong CRC, gets
no answer. Unit 0 is everybody: all execute, nobody answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from instruments.simulated.transport.modbus_server import RegisterImage, Responder

BROADCAST = 0
READS, WRITES = (3, 4), (6, 16)
CRC_BYTES = 2
SHORTEST_BYTES, LONGEST_BYTES = 4, 256
FIXED_BYTES = 8
COUNT_PLACE, COUNTED_BYTES = 6, 9


class RtuLine:
    """Units on one serial line.

    Args:
        units: register images by unit identifier, 1 to 247.
        latency_s: typical time from a request to its execution, the time on the wire included.
    """

    protocol = "modbus"

    def __init__(self, units: Mapping[int, RegisterImage], *, latency_s: float = 0.04) -> None:
        self.latency_s = latency_s
        self._responders = {unit: Responder(image) for unit, image in units.items()}

    def split(self, received: bytearray) -> bytes | None:
        """Remove and return the first frame with a right CRC, and drop what comes before it."""
        for start in range(len(received) - SHORTEST_BYTES + 1):
            length = _request_length(received, start)
            if is_intact(received[start : start + length]):
                frame = bytes(received[start : start + length])
                del received[: start + length]
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
