"""A demand response enabling device made of a Modbus relay box: one relay for each contact of the port.

Relay 0 shorts Com/DRM0 to RefGen (pins 6 and 5), relays 1 to 4 short pins 1 to 4 to RefGen. DRM 1 and 5 share
pin 1, DRM 2 and 6 pin 2 and so on: which is meant depends on whether the inverter consumes or generates.
"""

from __future__ import annotations

from instruments.clock import Clock
from instruments.confirmed_relays import ConfirmedRelays
from instruments.interfaces import RegisterLink

MODES = range(9)
PINS = 4
CONFIRM_POLL_S = 0.005


class ModbusRelayBox:
    """Relays as bits of one command register, their auxiliary contacts as bits of another.

    Implements `DemandResponseEnabler`.

    Args:
        link: register link to the box.
        clock: used to wait for the auxiliary contacts.
        command_register, auxiliary_register: wire addresses of the holding registers.
        confirm_s: how long the auxiliary contacts may take to follow.
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
        self._relays = ConfirmedRelays(
            link,
            clock,
            count=1 + PINS,
            command_register=command_register,
            auxiliary_register=auxiliary_register,
            confirm_s=confirm_s,
            poll_s=CONFIRM_POLL_S,
        )

    def assert_mode(self, mode: int | None) -> None:
        wanted = 0 if mode is None else 1 << _relay(mode)
        self._relays.command(wanted, "relays {:05b}".format)

    def is_released(self) -> bool:
        return self._relays.closed() == 0


def _relay(mode: int) -> int:
    """Return the relay of a mode. Raises ValueError for one that does not exist."""
    if mode not in MODES:
        raise ValueError(f"DRM {mode}: expected one of DRM 0 to DRM {MODES[-1]}")
    return 0 if mode == 0 else (mode - 1) % PINS + 1
