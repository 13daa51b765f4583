"""What is peculiar to one maker's SunSpec: data of the inverter file, checked before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from instruments.errors import ConfigurationError
from instruments.inverters.sunspec_fitting import one_of_each
from instruments.sunspec.definitions import MODELS

BASE_ADDRESSES = (40_000, 0, 50_000)
LARGEST_ADDRESS = 65_534
MOST_REGISTERS = 125


@dataclass(frozen=True)
class Quirks:
    """What is peculiar to one maker's SunSpec.

    Attributes:
        bases: wire addresses where the marker may be, in the order in which they are tried.
        most_registers: the device answers in one request.
        without: models ("129") and points ("122.Ris", "705.Crv1.RspTms") that it publishes and that are not to
            be believed.

    Raises:
        ConfigurationError: an address or a number of registers cannot be, or a point is in no definition.
    """

    bases: Sequence[int] = BASE_ADDRESSES
    most_registers: int = MOST_REGISTERS
    without: Collection[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not self.bases or any(not 0 <= base <= LARGEST_ADDRESS for base in self.bases):
            raise ConfigurationError(
                f"SunSpec bases = {list(self.bases)}: expected addresses from 0 to {LARGEST_ADDRESS}"
            )
        if not 1 <= self.most_registers <= MOST_REGISTERS:
            raise ConfigurationError(
                f"SunSpec most_registers = {self.most_registers}: expected 1 to {MOST_REGISTERS}"
            )
        for name in self.without:
            _require_known(name)


def _require_known(name: str) -> None:
    number, _, path = name.partition(".")
    if not number.isdigit() or int(number) not in MODELS:
        raise ConfigurationError(
            f"SunSpec without = {name!r}: no known model {number!r}; expected a model as '129', or a point of "
            "one as '122.Ris'"
        )
    patterns = {point.pattern for point in one_of_each(int(number)).points}
    if path and re.sub(r"\d+\.", ".", path) not in patterns:
        raise ConfigurationError(
            f"SunSpec without = {name!r}: model {number} has no point {path!r}"
        )
