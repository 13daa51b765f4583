"""Several Modbus units behind one port, as a gateway of a site has them."""

from __future__ import annotations

from collections.abc import Mapping

from instruments.simulated.transport.modbus_server import ModbusServer, RegisterImage

UNIT_AT = 6
"""Where the unit stands in a Modbus TCP frame."""


class ModbusGateway:
    """Passes each request to its unit; others get exception 0x0B. Implements `Service`.

    Args:
        units: registers by unit identifier; at least one.
        latency_s: typical time from a request to its execution.
    """

    protocol = "modbus"

    def __init__(self, units: Mapping[int, RegisterImage], *, latency_s: float = 0.02) -> None:
        self.latency_s = latency_s
        self._servers = {unit: ModbusServer(image, unit=unit) for unit, image in units.items()}
        self._any = next(iter(self._servers.values()))

    def split(self, received: bytearray) -> bytes | None:
        """Remove and return the first complete frame."""
        return self._any.split(received)

    def answer(self, message: bytes) -> bytes:
        """Have the unit a frame is meant for execute it, and return the response frame."""
        return self._servers.get(message[UNIT_AT], self._any).answer(message)
