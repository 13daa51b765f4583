"""The transports by name, as `Laboratory` takes them."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import replace

from instruments.errors import ConfigurationError
from instruments.simulated.transport.hislip import HISLIP
from instruments.simulated.transport.modbus_rtu import RtuLine
from instruments.simulated.transport.modbus_server import ModbusServer
from instruments.simulated.transport.server_loop import RAW_SOCKET
from instruments.simulated.transport.services import HOST, Address, Service, Transport
from instruments.simulated.transport.stream_session import stream_sessions
from instruments.simulated.transport.vxi11 import VXI11


def _host_and_port(address: Address) -> tuple[str, int]:
    return HOST, int(address)


SERIAL = Transport("serial", stream_sessions, lambda device: f"ASRL{device}::INSTR", serial=True)
MODBUS_TCP = Transport("tcp", stream_sessions, _host_and_port)
MODBUS_RTU_TCP = Transport("rtu_tcp", stream_sessions, _host_and_port)
MODBUS_RTU = Transport("rtu", stream_sessions, str, serial=True)


def modbus_tls(context: ssl.SSLContext) -> Transport:
    """Return Modbus TCP on TLS, which has no name: it needs the server's certificate."""
    return replace(MODBUS_TCP, name="tls", context=context)


TRANSPORTS: Mapping[str, Mapping[str, Transport]] = {
    "scpi": {transport.name: transport for transport in (RAW_SOCKET, HISLIP, VXI11, SERIAL)},
    "modbus": {transport.name: transport for transport in (MODBUS_TCP, MODBUS_RTU_TCP, MODBUS_RTU)},
}
"""Transports by protocol and name; the first of each protocol is the one used unless told otherwise."""


def choose_transports(
    services: Mapping[str, Service], names: Mapping[str, str | Transport]
) -> dict[str, Transport]:
    """Return the transport of each role: as `names` says, else a raw socket or Modbus TCP.

    Raises:
        ConfigurationError: no such role, or no such transport for its protocol.
    """
    for role, name in names.items():
        if role not in services:
            raise ConfigurationError(f"transports: no role {role!r}; roles: {', '.join(services)}")
        known = TRANSPORTS[services[role].protocol]
        if isinstance(name, str) and name not in known:
            raise ConfigurationError(
                f"transports: {role} = {name!r}; transports of this instrument: {', '.join(known)}"
            )
    return {
        role: _transport(TRANSPORTS[service.protocol], names.get(role))
        for role, service in services.items()
    }


def framed(service: Service, transport: Transport) -> Service:
    """Return the service with the frames of its transport: Modbus TCP and RTU differ."""
    if transport in (MODBUS_RTU, MODBUS_RTU_TCP) and isinstance(service, ModbusServer):
        return RtuLine({service.unit: service.image})
    return service


def _transport(known: Mapping[str, Transport], name: str | Transport | None) -> Transport:
    if isinstance(name, Transport):
        return name
    return known[name] if name else next(iter(known.values()))
