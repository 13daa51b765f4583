"""Modbus frames as troubles need them, of Modbus TCP and RTU: read a request, forge a response.

Independent of the server, which is one more instrument to them (MODBUS Application Protocol V1.1b3).
"""

from __future__ import annotations

from instruments.simulated.transport.modbus_rtu import CRC_BYTES, with_crc

HEADER_BYTES, SHORTEST_TCP_BYTES = 7, 9
READS, WRITES = (3, 4), (6, 16)
READ, WRITE_MULTIPLE = 3, 16


def describe_request(frame: bytes) -> str:
    """Return a request in words: `read 40070 2`, `write 0 1`, `function 43`."""
    pdu = _pdu(frame)
    address = int.from_bytes(pdu[1:3], "big")
    if pdu[0] in READS:
        return f"read {address} {int.from_bytes(pdu[3:5], 'big')}"
    if pdu[0] in WRITES:
        data = _written(pdu)
        values = [int.from_bytes(data[k : k + 2], "big") for k in range(0, len(data), 2)]
        return " ".join(["write", str(address), *map(str, values)])
    return f"function {pdu[0]}"


def is_write(frame: bytes) -> bool:
    """Whether a request writes registers."""
    return _pdu(frame)[0] in WRITES


def exception_response(request: bytes, code: int) -> bytes:
    """Return the response to `request` with an exception code."""
    return _framed(request, bytes([_pdu(request)[0] | 0x80, code]))


def write_acknowledgement(request: bytes) -> bytes:
    """Return the response a server gives to a write it has done: its first five bytes."""
    return _framed(request, _pdu(request)[:5])


def readdressed(response: bytes, request: bytes) -> bytes:
    """Return an older response with the transaction of `request`; RTU has none."""
    return request[:2] + response[2:] if _is_tcp(response) else response


def retransacted(response: bytes) -> bytes:
    """Return a response with the transaction after its own."""
    number = int.from_bytes(response[:2], "big") + 1 & 0xFFFF
    return number.to_bytes(2, "big") + response[2:]


def reading_what_is_written(request: bytes) -> bytes:
    """Return the request that reads the registers a write is about."""
    pdu = _pdu(request)
    count = len(_written(pdu)) // 2
    return _framed(request, bytes([READ]) + pdu[1:3] + count.to_bytes(2, "big"))


def writing_what_was_read(request: bytes, response: bytes) -> bytes:
    """Return the write that puts back what a response says was there before the write `request`."""
    data = _pdu(response)[2:]
    head = bytes([WRITE_MULTIPLE]) + _pdu(request)[1:3]
    return _framed(request, head + (len(data) // 2).to_bytes(2, "big") + bytes([len(data)]) + data)


def _written(pdu: bytes) -> bytes:
    return pdu[3:5] if pdu[0] == WRITES[0] else pdu[6:]


def _is_tcp(frame: bytes) -> bool:
    """Tell Modbus TCP from RTU: it has a header that states its length."""
    stated = int.from_bytes(frame[4:6], "big")
    return (
        len(frame) >= SHORTEST_TCP_BYTES
        and frame[2:4] == b"\0\0"
        and stated == len(frame) - HEADER_BYTES + 1
    )


def _pdu(frame: bytes) -> bytes:
    return frame[HEADER_BYTES:] if _is_tcp(frame) else frame[1:-CRC_BYTES]


def _framed(request: bytes, pdu: bytes) -> bytes:
    if not _is_tcp(request):
        return with_crc(request[:1] + pdu)
    return request[:4] + (len(pdu) + 1).to_bytes(2, "big") + request[6:7] + pdu
