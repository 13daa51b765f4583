"""Modbus TCP frames as troubles need them: read a request, forge a response.

Independent of the server, which is one more instrument to them (MODBUS Application Protocol V1.1b3).
"""

from __future__ import annotations

HEADER_BYTES = 7
READS, WRITES = (3, 4), (6, 16)


def describe_request(frame: bytes) -> str:
    """Return a request in words: `read 40070 2`, `write 0 1`, `function 43`."""
    function, pdu = frame[HEADER_BYTES], frame[HEADER_BYTES:]
    address = int.from_bytes(pdu[1:3], "big")
    if function in READS:
        return f"read {address} {int.from_bytes(pdu[3:5], 'big')}"
    if function in WRITES:
        data = pdu[3:5] if function == 6 else pdu[6:]
        values = [int.from_bytes(data[k : k + 2], "big") for k in range(0, len(data), 2)]
        return " ".join(["write", str(address), *map(str, values)])
    return f"function {function}"


def is_write(frame: bytes) -> bool:
    """Whether a request writes registers."""
    return frame[HEADER_BYTES] in WRITES


def exception_response(request: bytes, code: int) -> bytes:
    """Return the response to `request` with an exception code."""
    return _framed(request, bytes([request[HEADER_BYTES] | 0x80, code]))


def write_acknowledgement(request: bytes) -> bytes:
    """Return the response a server gives to a write it has done: its first five bytes."""
    return _framed(request, request[HEADER_BYTES : HEADER_BYTES + 5])


def readdressed(response: bytes, request: bytes) -> bytes:
    """Return an older response with the transaction of `request`."""
    return request[:2] + response[2:]


def _framed(request: bytes, pdu: bytes) -> bytes:
    return request[:4] + (len(pdu) + 1).to_bytes(2, "big") + request[6:7] + pdu
