"""Requests and responses printed in the MODBUS Application Protocol Specification V1.1b3, section 6 and 7."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from instruments.links.register import ModbusRegisterLink

HELD = {0x6B: 0x022B, 0x6C: 0, 0x6D: 0x64, 8: 0x0A}
"""What the registers of the examples hold."""


@dataclass(frozen=True)
class Golden:
    """One example, and how a client is made to ask for it.

    Attributes:
        ask: a call of a link; None for a function the bench does not use.
        returns: what the call returns.
    """

    name: str
    request: str
    response: str
    ask: Callable[[ModbusRegisterLink], Any] | None = field(default=None, compare=False)
    returns: list[int] | None = None

    @property
    def request_pdu(self) -> bytes:
        return bytes.fromhex(self.request)

    @property
    def response_pdu(self) -> bytes:
        return bytes.fromhex(self.response)


USED = (
    Golden(
        "6.3 read holding registers",
        "03 006B 0003",
        "03 06 022B 0000 0064",
        lambda link: link.read(0x6B, 3),
        [0x022B, 0, 0x64],
    ),
    Golden(
        "6.4 read input registers",
        "04 0008 0001",
        "04 02 000A",
        lambda link: link.read_input(8, 1),
        [0x0A],
    ),
    Golden(
        "6.6 write single register",
        "06 0001 0003",
        "06 0001 0003",
        lambda link: link.write_single(1, 3),
    ),
    Golden(
        "6.12 write multiple registers",
        "10 0001 0002 04 000A 0102",
        "10 0001 0002",
        lambda link: link.write(1, [0x0A, 0x0102]),
    ),
)
UNUSED = (
    Golden("6.1 read coils", "01 0013 0013", "81 01"),
    Golden("6.2 read discrete inputs", "02 00C4 0016", "82 01"),
    Golden("6.5 write single coil", "05 00AC FF00", "85 01"),
    Golden("6.11 write multiple coils", "0F 0013 000A 02 CD01", "8F 01"),
    Golden("6.16 mask write register", "16 0004 00F2 0025", "96 01"),
    Golden("6.17 read and write", "17 0003 0006 000E 0003 06 00FF 00FF 00FF", "97 01"),
)
"""Functions of the specification that inverters rarely have and the bench never asks for."""
EXCEPTIONS = (
    Golden("7 illegal function", "03 006B 0003", "83 01", lambda link: link.read(0x6B, 3)),
    Golden("7 illegal data address", "04 0008 0001", "84 02", lambda link: link.read_input(8, 1)),
    Golden("7 illegal data value", "06 0001 0003", "86 03", lambda link: link.write_single(1, 3)),
    Golden("7 device failure", "10 0001 0001 02 000A", "90 04", lambda link: link.write(1, [10])),
    Golden("7 acknowledge", "03 006B 0003", "83 05", lambda link: link.read(0x6B, 3)),
    Golden("7 device busy", "03 006B 0003", "83 06", lambda link: link.read(0x6B, 3)),
    Golden("7 gateway path", "03 006B 0003", "83 0A", lambda link: link.read(0x6B, 3)),
    Golden("7 gateway target", "03 006B 0003", "83 0B", lambda link: link.read(0x6B, 3)),
)
"""Answers of the form of section 7, as a client meets them."""
