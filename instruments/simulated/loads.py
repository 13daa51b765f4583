"""Loads between the grid contactor and the inverter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi

from instruments.interfaces import PhaseValues
from instruments.simulated.segments import ZERO


@dataclass(frozen=True)
class Admittance:
    """Parallel R, L and C of each phase; zero is an absent branch.

    Attributes:
        conductance_s: 1/R.
        inverse_inductance_per_h: 1/L.
        capacitance_f: C.
    """

    conductance_s: PhaseValues = ZERO
    inverse_inductance_per_h: PhaseValues = ZERO
    capacitance_f: PhaseValues = ZERO

    def susceptance_s(self, frequency_hz: float) -> PhaseValues:
        """Return the susceptance of each phase, positive when capacitive."""
        omega = 2 * pi * frequency_hz
        a, b, c = (
            omega * capacitance - inverse / omega
            for capacitance, inverse in zip(
                self.capacitance_f, self.inverse_inductance_per_h, strict=True
            )
        )
        return (a, b, c)

    def __add__(self, other: Admittance) -> Admittance:
        """Return both in parallel."""
        return Admittance(
            _sum(self.conductance_s, other.conductance_s),
            _sum(self.inverse_inductance_per_h, other.inverse_inductance_per_h),
            _sum(self.capacitance_f, other.capacitance_f),
        )


class Load:
    """A load that can be set to another admittance. `changed` is called after every change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.admittance = Admittance()

    def set(self, admittance: Admittance) -> None:
        """Switch to `admittance` at once."""
        self.admittance = admittance
        self._changed()


def resistive(power_w: float, voltage_v: float, phases: int) -> Admittance:
    """Return a resistive load that takes `power_w` in all at `voltage_v` per phase.

    A load of one phase is on L1.
    """
    each_s = power_w / (phases * voltage_v**2)
    return Admittance((each_s, each_s, each_s) if phases == 3 else (each_s, 0.0, 0.0))


def _sum(a: PhaseValues, b: PhaseValues) -> PhaseValues:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])
