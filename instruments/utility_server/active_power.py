"""Watts as IEEE 2030.5 carries them: a 16-bit value and a power of ten."""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

from instruments.errors import ConfigurationError

INT16_MIN, INT16_MAX = -32_768, 32_767
LARGEST_MULTIPLIER = 9


class ActivePower(NamedTuple):
    """`value` × 10^`multiplier` W."""

    value: int
    multiplier: int

    @property
    def watts(self) -> float:
        """The power in W."""
        return float(self.value * 10.0**self.multiplier)


def encode(power_w: float, multiplier: int | None = None) -> ActivePower:
    """Return a power in the resolution the message allows.

    Args:
        multiplier: power of ten to use; None takes the smallest from 0 that fits, as a server does.

    Raises:
        ConfigurationError: the value does not fit into 16 bits; the schema of the messages would let it pass.
    """
    choices = range(LARGEST_MULTIPLIER + 1) if multiplier is None else (multiplier,)
    for power_of_ten in choices if isfinite(power_w) else ():
        value = round(power_w / 10.0**power_of_ten)
        if INT16_MIN <= value <= INT16_MAX:
            return ActivePower(value, power_of_ten)
    wanted = "any multiplier" if multiplier is None else f"multiplier {multiplier}"
    raise ConfigurationError(
        f"a power of {power_w:g} W does not fit into the 16-bit value of an ActivePower with {wanted}; "
        f"expected {INT16_MIN} to {INT16_MAX} × 10^multiplier"
    )
