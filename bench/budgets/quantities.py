"""The quantities a budget can be written for: their unit, and the names their formulas may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.budgets.units import UNITS, Dimension

READING, RANGE = "rdg", "rng"


@dataclass(frozen=True)
class Kind:
    """One quantity.

    Attributes:
        unit: of the result, a name of `bench.budgets.units.UNITS`.
        conditions: names its formulas may use besides reading and range → unit.
    """

    unit: str
    conditions: Mapping[str, str] = field(default_factory=dict)

    @property
    def dimension(self) -> Dimension:
        """Of the result."""
        return UNITS[self.unit].dimension


_POWER = {"power_factor": "1", "apparent_power": "VA", "frequency": "Hz"}

QUANTITIES: Mapping[str, Kind] = {
    "voltage": Kind("V", {"frequency": "Hz"}),
    "current": Kind("A", {"frequency": "Hz"}),
    "frequency": Kind("Hz"),
    "active_power": Kind("W", _POWER),
    "reactive_power": Kind("var", _POWER),
    "duration": Kind("s", {"sample_rate": "Hz"}),
    "threshold_voltage": Kind("V", {"step": "V", "rate": "V/s", "delay": "s"}),
    "threshold_frequency": Kind("Hz", {"step": "Hz", "rate": "Hz/s", "delay": "s"}),
    "power_ramp": Kind("W/s", {"power": "W", "duration": "s"}),
    "harmonic_current": Kind("A", {"order": "1", "fundamental": "A", "frequency": "Hz"}),
    "direct_current": Kind("A", {"fundamental": "A"}),
}
"""Name of the table in a budget file → what it is about."""
