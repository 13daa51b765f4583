"""The PLC that drives the grid contactor: two Modbus holding registers.

Register 0 is the command (1 closes), register 1 the auxiliary contact and read only. Power-up
clears the command, so the contactor opens.
"""

from __future__ import annotations

from instruments.simulated.physics.grid import GridContactor
from instruments.simulated.transport.modbus_server import (
    ILLEGAL_ADDRESS,
    ILLEGAL_VALUE,
    RefusedRegister,
)

COMMAND, AUXILIARY = 0, 1


class ContactorPanel:
    """Register image of the PLC."""

    def __init__(self, contactor: GridContactor) -> None:
        self._contactor = contactor
        self._command = 0
        contactor.command(False)

    def read(self, address: int, count: int) -> list[int]:
        registers = [self._command, int(self._contactor.auxiliary_closed)]
        if address + count > len(registers):
            raise RefusedRegister(ILLEGAL_ADDRESS)
        return registers[address : address + count]

    def write(self, address: int, values: list[int]) -> None:
        if address != COMMAND or len(values) != 1:
            raise RefusedRegister(ILLEGAL_ADDRESS)
        if values[0] not in (0, 1):
            raise RefusedRegister(ILLEGAL_VALUE)
        self._command = values[0]
        self._contactor.command(self._command == 1)
