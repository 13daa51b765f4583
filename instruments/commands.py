"""What an inverter can be told to do, and how an inverter is told. Protocols and what crosses them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class ControlMode(StrEnum):
    """What the bench may command of an inverter, and in which unit.

    POWER_FACTOR: displacement factor, positive supplies reactive power, negative absorbs it.
    REACTIVE_POWER: share of the rated apparent power, positive supplied.
    POWER_LIMIT: ceiling of active power as a share of the rated power.
    ACTIVE_POWER: set-point in W, negative charges the storage.
    EXPORT_LIMIT: ceiling in W of what flows into the grid at the connection point; power is reduced to it.
    HARD_EXPORT_LIMIT, HARD_GENERATION_LIMIT: ceilings in W beyond which the inverter disconnects.
    """

    POWER_FACTOR = "fixed power factor"
    REACTIVE_POWER = "fixed reactive power"
    POWER_LIMIT = "limit of active power"
    ACTIVE_POWER = "active power set-point"
    EXPORT_LIMIT = "limit of export"
    HARD_EXPORT_LIMIT = "hard limit of export"
    HARD_GENERATION_LIMIT = "hard limit of generation"


class Provocation(StrEnum):
    """Writes to the limit of active power that a controller with a mistake in it sends."""

    ABOVE_FULL = "101 %"
    FAR_ABOVE_FULL = "655.34 %"
    NOT_IMPLEMENTED = "the code for not implemented"
    UNKNOWN_REGISTER = "a register that does not exist"
    HALF_A_TIMER = "one word of a timer of two"
    VALUE_ALONE = "a value while the limit is switched off"
    ENABLE_ALONE = "the switch without a value"
    ENABLE_FIRST = "the switch, then the value"


@dataclass(frozen=True)
class Written:
    """When the last write of a command was sent and acknowledged, on the bench's clock."""

    sent_s: float
    acknowledged_s: float


@dataclass(frozen=True)
class Reversion:
    """What becomes of a limit of active power that nobody renews.

    Attributes:
        after_s: since it was commanded.
        share: of the rated power to which it then changes; None lifts it.
    """

    after_s: float
    share: float | None = None


class InverterControls(Protocol):
    """The operating modes of an inverter; whatever is changed can be put back."""

    def offers(self, mode: ControlMode) -> bool:
        """Return whether the inverter has a mode."""
        ...

    def command(self, mode: ControlMode, value: float) -> Written:
        """Set and switch on a mode, and confirm it by reading back within its resolution."""
        ...

    def release(self, mode: ControlMode) -> Written:
        """Switch a mode off and confirm it by reading back."""
        ...

    def restore(self) -> None:
        """Put every setting back that was changed. Raises InstrumentError naming those that were not."""
        ...

    def offers_reversion(self, share: float | None = None) -> bool:
        """Return whether it takes limits that revert to a share of the rating, None for being lifted.

        Without that `command_for` and `provoke` cannot be used.
        """
        ...

    def command_for(self, share: float, reversion: Reversion) -> Written:
        """Limit active power for a time and say what comes after it, confirmed by reading back."""
        ...

    def provoke(self, provocation: Provocation) -> str | None:
        """Send what should be refused or do no harm, once; `restore` puts back what it changed.

        Returns how the inverter refused; None when it acknowledged.
        """
        ...
