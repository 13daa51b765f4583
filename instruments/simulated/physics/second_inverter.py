"""A second inverter at the connection point, behind the same meter as the inverter under test.

It feeds what its array gives, equally into its phases and in phase with the voltage, as a negative conductance
beside the loads: power goes with the square of the voltage. It keeps no limit, has no protection, ramp or
observation time, and stops while the grid is away, so an island never sees it.
"""

from __future__ import annotations

from collections.abc import Callable

from instruments.interfaces import PhaseValues
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.energy import PvArray


class SecondInverter:
    """The second inverter; see the module.

    Args:
        parameters: of the inverter under test, whose rating and phases it shares.
        now: the world's time.
        changed: called after every change.

    Attributes:
        array: what it is fed by, dark at first. It steps and does not ramp.
    """

    def __init__(
        self,
        parameters: InverterParameters,
        now: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        power_w = parameters.rated_apparent_power_va
        self.array = PvArray(power_w, now, changed, irradiance_w_per_m2=0.0)
        self._phases = parameters.phases
        self._nominal_voltage_v = parameters.nominal_voltage_v

    @property
    def powers_w(self) -> PhaseValues:
        """Power of each phase at nominal voltage."""
        one_w = self.array.available_w / self._phases
        return (one_w, one_w, one_w) if self._phases == 3 else (one_w, 0.0, 0.0)

    def beside(self, load_s: PhaseValues) -> PhaseValues:
        """Return the conductance of each phase of a load with this inverter beside it."""
        if not self.array.available_w:
            return load_s
        square_v2 = self._nominal_voltage_v**2
        (a, b, c), (p, q, r) = load_s, self.powers_w
        return (a - p / square_v2, b - q / square_v2, c - r / square_v2)
