"""A grid contactor behind a Modbus PLC: one command register, one auxiliary-contact register."""

from __future__ import annotations

from instruments.clock import Clock
from instruments.confirmed_relays import ConfirmedRelays
from instruments.interfaces import RegisterLink

CONFIRM_POLL_S = 0.02


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
        self._relay = ConfirmedRelays(
            link,
            clock,
            count=1,
            command_register=command_register,
            auxiliary_register=auxiliary_register,
            confirm_s=confirm_s,
            poll_s=CONFIRM_POLL_S,
        )

    def switch(self, closed: bool) -> None:
        self._relay.command(int(closed), ("open", "closed").__getitem__)

    def is_closed(self) -> bool:
        return self._relay.closed() == 1
