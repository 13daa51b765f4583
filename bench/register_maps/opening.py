"""From an address on the command line to the registers behind it, paced as a map asks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from instruments.clock import Clock
from instruments.errors import ConfigurationError
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from instruments.register_maps.model import RegisterMap

SERIAL = "serial://"
SCHEMES = {"tcp": "socket", "rtu+tcp": "rtu"}
"""Scheme of an address → framing."""


def open_registers(
    address: str, register_map: RegisterMap, unit: int | None, clock: Clock
) -> ModbusRegisterLink:
    """Open `tcp://host:port`, `rtu+tcp://host:port` or `serial://port`.

    Args:
        unit: None for that of the map.

    Raises:
        ConfigurationError: another form of address.
        LinkRefused: nobody listens there.
    """
    connection, pacing = register_map.connection, register_map.pacing
    common: dict[str, Any] = {
        "unit": connection.unit if unit is None else unit,
        "name": register_map.name,
        "clock": clock,
        "transcript": Transcript(None, clock),
        "timeout_s": pacing.timeout_s,
        "gap_s": pacing.gap_s,
    }
    if address.startswith(SERIAL):
        return ModbusRegisterLink.open_serial(
            address.removeprefix(SERIAL),
            baud_rate=connection.baud_rate,
            parity=connection.parity,
            stop_bits=connection.stop_bits,
            **common,
        )
    parts = urlsplit(address)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ConfigurationError(
            f"--at {address}: expected tcp://host:port, rtu+tcp://host:port or {SERIAL}port"
        )
    return ModbusRegisterLink.open_tcp(
        parts.hostname, parts.port or connection.port, framer=SCHEMES[parts.scheme], **common
    )
