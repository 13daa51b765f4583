"""What surrounds an inverter beside the grid: a tunable load and the sun. Protocols and what crosses them.

Units and signs as in `instruments.interfaces`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import Protocol

from instruments.interfaces import Identity, PhaseValues


@dataclass(frozen=True)
class ParallelRlc:
    """A resistor, an inductor and a capacitor in parallel on each phase, as what they take.

    Attributes:
        active_powers_w, inductive_powers_var, capacitive_powers_var: of each phase at `voltage_v` and
            `frequency_hz`, all of them positive; 0 is no such element.
    """

    active_powers_w: PhaseValues
    inductive_powers_var: PhaseValues
    capacitive_powers_var: PhaseValues
    voltage_v: float
    frequency_hz: float

    def conductance_s(self, phase: int) -> float:
        """Return 1/R of a phase, 0 to 2."""
        return self.active_powers_w[phase] / self.voltage_v**2

    def inverse_inductance_per_h(self, phase: int) -> float:
        """Return 1/L of a phase, 0 to 2."""
        return 2 * pi * self.frequency_hz * self.inductive_powers_var[phase] / self.voltage_v**2

    def capacitance_f(self, phase: int) -> float:
        """Return C of a phase, 0 to 2."""
        return self.capacitive_powers_var[phase] / (2 * pi * self.frequency_hz * self.voltage_v**2)

    def quality_factor(self, phase: int) -> float:
        """Return R √(C/L) of a phase, 0 to 2. Raises ZeroDivisionError without a resistor."""
        reactive_var = sqrt(self.inductive_powers_var[phase] * self.capacitive_powers_var[phase])
        return reactive_var / self.active_powers_w[phase]


class IslandingLoad(Protocol):
    """A tunable load between contactor and inverter."""

    def identify(self) -> Identity: ...

    def set_load(self, wanted: ParallelRlc) -> ParallelRlc:
        """Switch the nearest steps in, read them back, and return what is in force.

        Raises ConfigurationError for what the load cannot take.
        """
        ...

    def switch(self, connected: bool) -> None:
        """Connect or disconnect the whole load and confirm it by reading it back."""
        ...

    def is_connected(self) -> bool: ...


class PvSource(Protocol):
    """A source that behaves as an array of panels at the inverter's DC input."""

    def identify(self) -> Identity: ...

    def configure(self, power_w: float) -> None:
        """Set the curve of an array that can give this much in full sun, and read it back."""
        ...

    def set_irradiance(self, share: float) -> None:
        """Go to a share of full sun in one step, and read it back."""
        ...

    def switch_output(self, on: bool) -> None:
        """Switch the output and confirm it by reading it back."""
        ...

    def output_is_on(self) -> bool: ...
