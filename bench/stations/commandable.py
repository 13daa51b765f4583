"""What an inverter's file lets the bench command. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.export_limits.case import REVERSION, SOFT_AND_HARD
from instruments.commands import ControlMode
from instruments.inverters.maker_limits import HARD_EXPORT, offered

SUNSPEC = "instruments.inverters.sunspec:SunSpecInverter"
ANY_SUNSPEC = frozenset({ControlMode.POWER_LIMIT.value, ControlMode.ACTIVE_POWER.value, REVERSION})


def commandable_by(driver: str, options: Mapping[str, Any]) -> frozenset[str] | None:
    """Return it in the words of `Case.needs`; None for a driver of which only the inverter can tell."""
    if driver != SUNSPEC:
        return None
    blocks = options.get("limits", {})
    own = {mode.value for mode in offered(blocks)}
    return ANY_SUNSPEC | own | ({SOFT_AND_HARD} if HARD_EXPORT in blocks else set())
