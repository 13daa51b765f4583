"""What registers held before the bench wrote to them, and the way back.

For settings a driver does not keep account of by their names: the memory outlives the process, so that what a
killed run changed is put back by the next one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

from instruments.clock import Clock, Deadline, wait_until
from instruments.errors import BenchError, InstrumentError, ReadBackMismatch, RegisterError
from instruments.interfaces import RegisterLink
from instruments.links.refusals import DOUBTFUL_CODES, PASSING_CODES
from instruments.register_maps.access import WideRegisterLink

SETTLE_S, POLL_S = 3.0, 0.1
PLACE = re.compile(r"\d+\+\d+")
"""Name under which registers are remembered: wire address and count."""
Memory = MutableMapping[str, Any]


class RememberedRegisters:
    """Implements `RegisterLink` on another link, and remembers what it overwrites.

    Args:
        memory: gives where is kept what registers held, in the order of the first writes; asked at each
            write, as it is not known whose registers these are before the device has been identified.
    """

    def __init__(self, link: RegisterLink, clock: Clock, memory: Callable[[], Memory]) -> None:
        self.name = link.name
        self.read = link.read
        self.close = link.close
        self._link = link
        self._clock = clock
        self._memory = memory
        self._sent: dict[int, int] = {}

    def write(self, address: int, values: Sequence[int]) -> None:
        """Remember what the registers hold, then write them; raises as the link does."""
        self.send(address, values, lambda: self._link.write(address, values))

    def send(self, address: int, values: Sequence[int], write: Callable[[], None]) -> None:
        """Remember what the registers hold, then let `write` write them."""
        self._remember(address, len(values))
        self._send(address, values, write)

    def put_back(self) -> None:
        """Write what registers held before, last written first, where they hold something else now.

        Raises:
            InstrumentError: names every register that could not be put back, and what it held.
        """
        problems = []
        for place in reversed([name for name in self._memory() if are_registers(name)]):
            try:
                self._put_back(place)
            except BenchError as error:
                problems.append(f"registers {place}, which held {self._memory()[place]}: {error}")
        if problems:
            raise InstrumentError(
                f"{self.name}: registers the bench changed could not be put back; do it by hand: "
                f"{'; '.join(problems)}"
            )

    def _remember(self, address: int, count: int) -> None:
        memory, place = self._memory(), f"{address}+{count}"
        if place not in memory:
            memory[place] = self._held(address, count)

    def _send(self, address: int, values: Sequence[int], write: Callable[[], None]) -> None:
        """Write, and note what was sent unless the device says that it did not take it."""
        before = self._sent
        self._sent = {**before, **dict(enumerate(values, address))}
        try:
            write()
        except RegisterError as error:
            if error.code not in DOUBTFUL_CODES:
                self._sent = before
            raise

    def _held(self, address: int, count: int) -> list[int] | None:
        """Return what registers hold; None for those that can only be written."""
        try:
            return self._link.read(address, count)
        except RegisterError as error:
            if error.code in PASSING_CODES:
                raise
            return None

    def _put_back(self, place: str) -> None:
        address, count = map(int, place.split("+"))
        held = self._memory()[place]
        if held is None:
            raise InstrumentError("could not be read before they were written")
        # A device may show an old value for a while: what was sent last counts as well.
        sent = [self._sent.get(address + at, word) for at, word in enumerate(held)]
        if sent != held or self._link.read(address, count) != held:
            self._send(address, held, lambda: self._link.write(address, held))
            self._require(address, held)
        del self._memory()[place]

    def _require(self, address: int, held: list[int]) -> None:
        deadline = Deadline.after(self._clock, SETTLE_S)
        if not wait_until(lambda: self._link.read(address, len(held)) == held, deadline, POLL_S):
            found = self._link.read(address, len(held))
            raise ReadBackMismatch(f"read {found} {SETTLE_S:g} s after they were written")


class RememberingLink:
    """Implements `WideRegisterLink` on another link, for a driver that keeps no account of what it changes.

    Args:
        memory: as of `RememberedRegisters`.
    """

    def __init__(self, link: WideRegisterLink, clock: Clock, memory: Callable[[], Memory]) -> None:
        registers = RememberedRegisters(link, clock, memory)
        self.name = link.name
        self.read = link.read
        self.read_input = link.read_input
        self.write_secret = link.write_secret
        self.close = link.close
        self.write = registers.write
        self.put_back = registers.put_back
        self._link = link
        self._registers = registers

    def write_single(self, address: int, value: int) -> None:
        """Remember what the register holds, then write it; raises as the link does."""
        self._registers.send(address, [value], lambda: self._link.write_single(address, value))


def are_registers(name: str) -> bool:
    """Return whether what is remembered under a name are registers."""
    return PLACE.fullmatch(name) is not None
