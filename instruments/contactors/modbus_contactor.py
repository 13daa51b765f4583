"""A grid contactor behind a Modbus PLC: one command register, one auxiliary-contact register."""

from __future__ import annotations

from instruments.clock import Clock, Deadline, wait_until
from instruments.errors import InstrumentError
from instruments.interfaces import RegisterLink


class ModbusContactor:
    """Closes when 1 is written, opens when 0 is written or power is lost. Implements `Contactor`.

    Args:
        link: register link to the PLC.
        clock: used to wait for the auxiliary contact.
        command_register, auxiliary_register: wire addresses of the holding registers.
        confirm_s: how long the auxiliary contact may take to follow.
    """

    def __init__(
        self,
        link: RegisterLink,
        clock: Clock,
        *,
        command_register: int = 0,
        auxiliary_register: int = 1,
        confirm_s: float = 1.0,
    ) -> None:
        self._link = link
        self._clock = clock
        self._command_register = command_register
        self._auxiliary_register = auxiliary_register
        self._confirm_s = confirm_s

    def switch(self, closed: bool) -> None:
        self._link.write(self._command_register, [int(closed)])
        deadline = Deadline.after(self._clock, self._confirm_s)
        if not wait_until(lambda: self.is_closed() == closed, deadline, poll_s=0.02):
            wanted = "closed" if closed else "open"
            raise InstrumentError(
                f"{self._link.name}: commanded {wanted}, but the auxiliary contact did not follow "
                f"within {self._confirm_s:g} s"
            )

    def is_closed(self) -> bool:
        [value] = self._link.read(self._auxiliary_register, 1)
        if value not in (0, 1):
            raise InstrumentError(
                f"{self._link.name}: auxiliary contact register {self._auxiliary_register} reads "
                f"{value}, expected 0 or 1"
            )
        return value == 1
