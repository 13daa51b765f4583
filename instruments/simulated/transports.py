"""The transports by name, as `Laboratory` takes them."""

from __future__ import annotations

from collections.abc import Mapping

from instruments.errors import ConfigurationError
from instruments.simulated.hislip import HISLIP
from instruments.simulated.server_loop import RAW_SOCKET
from instruments.simulated.services import HOST, Address, Service, Transport
from instruments.simulated.stream_session import stream_sessions
from instruments.simulated.vxi11 import VXI11


def _modbus_resource(address: Address) -> tuple[str, int]:
    return HOST, int(address)


MODBUS_TCP = Transport("modbus", stream_sessions, _modbus_resource)
SERIAL = Transport("serial", stream_sessions, lambda device: f"ASRL{device}::INSTR", serial=True)
TRANSPORTS = {transport.name: transport for transport in (RAW_SOCKET, HISLIP, VXI11, SERIAL)}


def choose_transports(
    services: Mapping[str, Service], names: Mapping[str, str]
) -> dict[str, Transport]:
    """Return the transport of each role: as `names` says, else a raw socket or Modbus TCP.

    Raises:
        ConfigurationError: no such role or transport, or another than Modbus TCP for a Modbus device.
    """
    for role, name in names.items():
        if role not in services:
            raise ConfigurationError(f"transports: no role {role!r}; roles: {', '.join(services)}")
        if name not in TRANSPORTS:
            raise ConfigurationError(
                f"transports: {role} = {name!r}; transports: {', '.join(TRANSPORTS)}"
            )
        if services[role].protocol != "scpi":
            raise ConfigurationError(
                f"transports: {role} is a Modbus device and has Modbus TCP only"
            )
    return {
        role: TRANSPORTS[names.get(role, RAW_SOCKET.name)]
        if service.protocol == "scpi"
        else MODBUS_TCP
        for role, service in services.items()
    }
