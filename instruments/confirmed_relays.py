"""Relays behind a Modbus PLC or relay box: commanded in one register, confirmed by the contacts of another."""

from __future__ import annotations

from collections.abc import Callable

from instruments.clock import Clock, Deadline, wait_until
from instruments.errors import InstrumentError
from instruments.interfaces import RegisterLink


class ConfirmedRelays:
    """Relays as bits of one command register, their auxiliary contacts as the same bits of another.

    Args:
        link: register link to the unit.
        clock: used to wait for the auxiliary contacts.
        count: how many relays there are, from bit 0.
        command_register, auxiliary_register: wire addresses of the holding registers.
        confirm_s: how long the auxiliary contacts may take to follow.
        poll_s: how often they are looked at.
    """

    def __init__(
        self,
        link: RegisterLink,
        clock: Clock,
        *,
        count: int,
        command_register: int,
        auxiliary_register: int,
        confirm_s: float,
        poll_s: float,
    ) -> None:
        self._link = link
        self._clock = clock
        self._count = count
        self._command_register = command_register
        self._auxiliary_register = auxiliary_register
        self._confirm_s = confirm_s
        self._poll_s = poll_s

    def command(self, wanted: int, shown: Callable[[int], str]) -> None:
        """Command all relays at once and wait for their contacts.

        Args:
            wanted: bits of the relays that are to be closed.
            shown: bits in words, for messages.

        Raises:
            InstrumentError: the contacts did not follow in time.
        """
        self._link.write(self._command_register, [wanted])
        deadline = Deadline.after(self._clock, self._confirm_s)
        if not wait_until(lambda: self.closed() == wanted, deadline, self._poll_s):
            raise InstrumentError(
                f"{self._link.name}: commanded {shown(wanted)}, but after {self._confirm_s:g} s the auxiliary "
                f"contacts read {shown(self.closed())}. Check the unit and its supply"
            )

    def closed(self) -> int:
        """Return the bits of the relays whose contacts are closed.

        Raises:
            InstrumentError: the register shows contacts that do not exist.
        """
        [bits] = self._link.read(self._auxiliary_register, 1)
        if bits >> self._count:
            raise InstrumentError(
                f"{self._link.name}: auxiliary contact register {self._auxiliary_register} reads {bits}, "
                f"expected 0 to {(1 << self._count) - 1}"
            )
        return bits
