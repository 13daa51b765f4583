"""A box in the line between the inverter and the meter it listens to, commanded over Modbus."""

from __future__ import annotations

from instruments.clock import Clock, Deadline, wait_until
from instruments.errors import InstrumentError
from instruments.interfaces import RegisterLink
from instruments.site import MeterFeed

CODES = {
    MeterFeed.WORKING: 0,
    MeterFeed.SILENT: 1,
    MeterFeed.FROZEN: 2,
    MeterFeed.REVERSED: 3,
}
POLL_S = 0.05


class ModbusMeterBox:
    """One register says what the box shall do, another what it does. Implements `MeterLine`.

    Args:
        link: register link to the box.
        clock: used to wait until the box does what it was told.
        command_register, state_register: wire addresses of the holding registers.
        confirm_s: how long that may take.
    """

    def __init__(
        self,
        link: RegisterLink,
        clock: Clock,
        *,
        command_register: int = 0,
        state_register: int = 1,
        confirm_s: float = 1.0,
    ) -> None:
        self._link = link
        self._clock = clock
        self._command_register = command_register
        self._state_register = state_register
        self._confirm_s = confirm_s

    def set_feed(self, feed: MeterFeed) -> None:
        self._link.write(self._command_register, [CODES[feed]])
        deadline = Deadline.after(self._clock, self._confirm_s)
        if not wait_until(lambda: self._state() == CODES[feed], deadline, POLL_S):
            raise InstrumentError(
                f"{self._link.name}: the meter's line was told to be {feed} ({CODES[feed]}), and its state "
                f"reads {self._state()} after {self._confirm_s:g} s"
            )

    def _state(self) -> int:
        [state] = self._link.read(self._state_register, 1)
        return state
