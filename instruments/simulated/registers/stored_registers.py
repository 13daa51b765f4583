"""Registers that only hold values: an inverter as its settings look from outside, without a world behind it.

A thousand of them cost no more than their memory, so that a fleet can be simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.world import World
from instruments.simulated.registers.sunspec_registers import SunSpecRegisters
from instruments.simulated.transport.modbus_server import ILLEGAL_ADDRESS, RefusedRegister
from instruments.simulated.transport.passage import Passage

STARTS = (40_000, 45_000)
"""Where the simulated inverter's SunSpec models and the registers of its maker begin."""
SERIAL_AT, SERIAL_WORDS = 40_052, 16
"""Serial number in SunSpec model 1."""


class StoredRegisters:
    """Holding registers that keep what is written. Implements `RegisterImage`.

    Args:
        words: value by wire address.
    """

    def __init__(self, words: Mapping[int, int]) -> None:
        self.words = dict(words)

    @classmethod
    def of(cls, parameters: InverterParameters) -> StoredRegisters:
        """Return the registers of a simulated inverter as they are before it is switched on."""
        world = World(parameters)
        image = SunSpecRegisters(world, Passage(world), parameters.communication)
        return cls({at: word for start in STARTS for at, word in _from(start, image.read)})

    def with_serial(self, serial: str) -> StoredRegisters:
        """Return the same registers with another serial number, of at most 32 bytes."""
        data = serial.encode().ljust(2 * SERIAL_WORDS, b"\0")
        words = [int.from_bytes(data[k : k + 2], "big") for k in range(0, len(data), 2)]
        return StoredRegisters(self.words | dict(enumerate(words, SERIAL_AT)))

    def read(self, address: int, count: int) -> list[int]:
        """Return registers. Raises RefusedRegister where there are none."""
        self._require(address, count)
        return [self.words[at] for at in range(address, address + count)]

    def write(self, address: int, values: list[int]) -> None:
        """Keep all values. Raises RefusedRegister where there are no registers."""
        self._require(address, len(values))
        self.words.update(enumerate(values, address))

    def _require(self, address: int, count: int) -> None:
        if any(at not in self.words for at in range(address, address + count)):
            raise RefusedRegister(ILLEGAL_ADDRESS)


def _from(start: int, read: Callable[[int, int], list[int]]) -> Iterator[tuple[int, int]]:
    """Yield address and value until there is no register."""
    address = start
    while True:
        try:
            [word] = read(address, 1)
        except RefusedRegister:
            return
        yield address, word
        address += 1
