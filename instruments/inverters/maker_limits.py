"""Limits of export and generation in a maker's own registers, beside the SunSpec models.

One limit is a block of four registers that are written together: switch, whether it is hard, and the limit in
W as 32 bits, high word first.
"""

from __future__ import annotations

from collections.abc import Mapping

from instruments.clock import Clock, Deadline, wait_until
from instruments.commands import ControlMode, Written
from instruments.errors import BenchError, InstrumentError, ReadBackMismatch
from instruments.interfaces import RegisterLink

WORDS = 4
POLL_S = 0.1
BLOCKS: Mapping[ControlMode, tuple[str, int]] = {
    ControlMode.EXPORT_LIMIT: ("export", 0),
    ControlMode.HARD_EXPORT_LIMIT: ("export", 1),
    ControlMode.HARD_GENERATION_LIMIT: ("generation", 1),
}
"""Mode → which block, and whether the limit in it is hard."""


class MakerLimits:
    """The limits of one inverter.

    Args:
        link: register link to the inverter's unit.
        clock: used to wait for written limits to be read back.
        addresses: wire address of the block of "export" and "generation", as far as there are any.
        settle_s: longest time between an acknowledged write and its read-back.
    """

    def __init__(
        self, link: RegisterLink, clock: Clock, addresses: Mapping[str, int], settle_s: float
    ) -> None:
        self._link = link
        self._clock = clock
        self._addresses = addresses
        self._settle_s = settle_s
        self._before: dict[int, list[int]] = {}

    def offers(self, mode: ControlMode) -> bool:
        return mode in BLOCKS and BLOCKS[mode][0] in self._addresses

    def command(self, mode: ControlMode, value: float) -> Written:
        watts = round(value)
        return self._write(mode, [1, BLOCKS[mode][1], watts >> 16, watts & 0xFFFF])

    def release(self, mode: ControlMode) -> Written:
        held = self._link.read(self._address(mode), WORDS)
        return self._write(mode, [0, *held[1:]])

    def restore(self) -> list[str]:
        """Put back what was changed; return what could not be."""
        problems = []
        for address, words in list(self._before.items()):
            try:
                self._confirmed(address, words)
                del self._before[address]
            except BenchError as error:
                problems.append(f"registers from {address}: {error}")
        return problems

    def _address(self, mode: ControlMode) -> int:
        if not self.offers(mode):
            raise InstrumentError(
                f"{self._link.name}: the inverter's file gives no registers for the {mode}"
            )
        return self._addresses[BLOCKS[mode][0]]

    def _write(self, mode: ControlMode, words: list[int]) -> Written:
        address = self._address(mode)
        if address not in self._before:
            self._before[address] = self._link.read(address, WORDS)
        return self._confirmed(address, words)

    def _confirmed(self, address: int, words: list[int]) -> Written:
        sent_s = self._clock.now_s()
        self._link.write(address, words)
        acknowledged_s = self._clock.now_s()
        deadline = Deadline.after(self._clock, self._settle_s)
        if not wait_until(lambda: self._link.read(address, WORDS) == words, deadline, POLL_S):
            raise ReadBackMismatch(
                f"{self._link.name}: registers from {address} were set to {words} and still read "
                f"{self._link.read(address, WORDS)} after {self._settle_s:g} s"
            )
        return Written(sent_s, acknowledged_s)
