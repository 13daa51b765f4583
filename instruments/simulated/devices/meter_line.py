"""The box in the line between the inverter and the meter it listens to: two Modbus holding registers.

Register 0 is what is asked for: 0 passes readings on, 1 answers nothing, 2 repeats the last reading, 3 turns
the sign. Register 1 is what the box does, read only. Power-up passes readings on.
"""

from __future__ import annotations

from instruments.simulated.inverter.limits import SiteMeter
from instruments.simulated.transport.modbus_server import (
    ILLEGAL_ADDRESS,
    ILLEGAL_VALUE,
    RefusedRegister,
)

COMMAND = 0
FAULTS = ("", "lost", "frozen", "reversed")


class MeterLineBox:
    """Register image of the box."""

    def __init__(self, meter: SiteMeter) -> None:
        self._meter = meter
        meter.fault = FAULTS[0]

    def read(self, address: int, count: int) -> list[int]:
        registers = [FAULTS.index(self._meter.fault)] * 2
        if address + count > len(registers):
            raise RefusedRegister(ILLEGAL_ADDRESS)
        return registers[address : address + count]

    def write(self, address: int, values: list[int]) -> None:
        if address != COMMAND or len(values) != 1:
            raise RefusedRegister(ILLEGAL_ADDRESS)
        if not 0 <= values[0] < len(FAULTS):
            raise RefusedRegister(ILLEGAL_VALUE)
        self._meter.fault = FAULTS[values[0]]
