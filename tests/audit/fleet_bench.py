"""Simulated inverters on real sockets for audits, and what was asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench.grid_code.profile import find_grid_code, load_grid_code
from bench.paths import DEFAULT_INVERTER
from bench.stations.simulation import parameter_paths, set_up_for
from bench.stations.station_file import load_inverter
from instruments.simulated.faults import inverter_with_faults
from instruments.simulated.registers.stored_registers import StoredRegisters
from instruments.simulated.transport.modbus_gateway import ModbusGateway
from instruments.simulated.transport.server_loop import ServerLoop

FUNCTION_AT = 7


class Gateway(ModbusGateway):
    """Remembers the functions it was asked for."""

    def __init__(self, units: Mapping[int, StoredRegisters]) -> None:
        super().__init__(units, latency_s=0.0)
        self.functions: list[int] = []

    def answer(self, message: bytes) -> bytes:
        self.functions.append(message[FUNCTION_AT])
        return super().answer(message)


class BusyGateway(Gateway):
    """Is busy every third time it is asked, or as often as told, and says so."""

    def __init__(self, units: Mapping[int, StoredRegisters], every: int = 3) -> None:
        super().__init__(units)
        self._every = every

    def answer(self, message: bytes) -> bytes:
        answer = super().answer(message)
        if len(self.functions) % self._every:
            return answer
        return message[:5] + bytes([3, message[6], message[FUNCTION_AT] | 0x80, 6])


def registers(*faults: str) -> StoredRegisters:
    """Return the registers of an inverter set up for Australia A."""
    file = set_up_for(load_inverter(DEFAULT_INVERTER), load_grid_code(find_grid_code("A")))
    return StoredRegisters.of(inverter_with_faults(faults, parameter_paths(file.simulated_changes)))


@contextmanager
def served(*gateways: ModbusGateway) -> Iterator[list[int]]:
    """Serve gateways and yield their ports."""
    services = {f"gateway {number}": gateway for number, gateway in enumerate(gateways)}
    loop = ServerLoop(services, lambda _: None, seed=1, latency_scale=0.0)
    loop.start()
    try:
        yield list(loop.ports.values())
    finally:
        loop.stop()
    assert loop.failure is None
