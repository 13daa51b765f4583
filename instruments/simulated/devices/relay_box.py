"""The relay box on the demand response port of the inverter: two Modbus holding registers.

Register 0 holds the commanded relays as bits, register 1 the auxiliary contacts and is read only. Bit 0 shorts
the contact of DRM 0, bits 1 to 4 pins 1 to 4. Power-up releases everything.
"""

from __future__ import annotations

from instruments.simulated.physics.world import World
from instruments.simulated.transport.modbus_server import (
    ILLEGAL_ADDRESS,
    ILLEGAL_VALUE,
    RefusedRegister,
)

COMMAND = 0
RELAYS = 5
OPERATE_S = 0.006


class RelayBox:
    """Register image of the box; acts upon the inverter when the contacts have moved."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._command = 0
        self._contacts = 0

    def read(self, address: int, count: int) -> list[int]:
        registers = [self._command, self._contacts]
        if address + count > len(registers):
            raise RefusedRegister(ILLEGAL_ADDRESS)
        return registers[address : address + count]

    def write(self, address: int, values: list[int]) -> None:
        if address != COMMAND or len(values) != 1:
            raise RefusedRegister(ILLEGAL_ADDRESS)
        if not 0 <= values[0] < 1 << RELAYS:
            raise RefusedRegister(ILLEGAL_VALUE)
        self._command = values[0]
        self._world.schedule(self._world.now_s + OPERATE_S, self._move)

    def _move(self) -> None:
        if self._contacts != self._command:
            self._contacts = self._command
            self._world.inverter.respond_to_demand(self._mode())

    def _mode(self) -> int | None:
        """Return the mode the contacts mean: the lowest has priority, pins 1 to 4 by the flow of power."""
        closed = [relay for relay in range(RELAYS) if self._contacts >> relay & 1]
        if not closed:
            return None
        consumes = self._world.inverter.powers_at(self._world.now_s)[0] < 0
        return closed[0] if closed[0] == 0 or consumes else closed[0] + RELAYS - 1
