"""What an island begins with, and what it is at one instant. Envelopes as in `parallel_load`."""

from __future__ import annotations

from cmath import exp, rect
from dataclasses import dataclass
from math import pi
from typing import NamedTuple

from instruments.interfaces import PhaseValues
from instruments.simulated.physics.parallel_load import ParallelLoad

Envelopes = tuple[complex, complex, complex]


@dataclass(frozen=True)
class IslandStart:
    """The terminals at the instant of opening.

    Attributes:
        voltages_v, voltage_angles_rad: rms, and angle of each phase relative to its nominal place at the
            common angle `theta_rad`.
        currents_active_a, currents_reactive_a: of the inverter, in phase with the phase's voltage and
            lagging it, rms.
    """

    voltages_v: PhaseValues
    voltage_angles_rad: PhaseValues
    frequency_hz: float
    theta_rad: float
    currents_active_a: PhaseValues
    currents_reactive_a: PhaseValues

    def voltages(self) -> Envelopes:
        """Return the envelopes of the voltages."""
        return three(list(map(rect, self.voltages_v, self.voltage_angles_rad)))

    def currents(self) -> Envelopes:
        """Return the envelopes of the inverter's currents."""
        each = zip(
            self.voltage_angles_rad, self.currents_active_a, self.currents_reactive_a, strict=True
        )
        return three([exp(1j * angle) * complex(a, -r) for angle, a, r in each])

    def inductors(self, load: ParallelLoad) -> Envelopes:
        """Return the currents that the load's inductors carried on the grid."""
        w = 2 * pi * self.frequency_hz
        each = zip(self.voltages(), load.inverse_inductance_per_h, strict=True)
        return three([voltage * inverse_h / (1j * w) for voltage, inverse_h in each])

    def twins(self, load: ParallelLoad, phases: int) -> tuple[int, int, int]:
        """Return for each phase the first one with the same load, start and drive.

        Phases do not couple, and currents are balanced: equal phases stay equal, so computing one is exact.
        """
        each = (
            load.conductance_s,
            load.inverse_inductance_per_h,
            load.capacitance_f,
            self.voltages_v,
            self.voltage_angles_rad,
            self.currents_active_a,
            self.currents_reactive_a,
            [k < phases for k in range(3)],
        )
        keys = list(zip(*each, strict=True))
        return (keys.index(keys[0]), keys.index(keys[1]), keys.index(keys[2]))


class Instant(NamedTuple):
    """The terminals at one instant, the loop's angle in the frame, and the frequency measured."""

    voltages: Envelopes
    inductors: Envelopes
    currents: Envelopes
    lock_rad: float
    slip_rad_per_s: float
    frequency_hz: float

    def mixed(self, other: Instant, share: float) -> Instant:
        """Return the instant that lies a share of the way to another."""

        def between(a: float, b: float) -> float:
            return a + share * (b - a)

        def envelopes(a: Envelopes, b: Envelopes) -> Envelopes:
            return (
                a[0] + share * (b[0] - a[0]),
                a[1] + share * (b[1] - a[1]),
                a[2] + share * (b[2] - a[2]),
            )

        return Instant(
            envelopes(self.voltages, other.voltages),
            envelopes(self.inductors, other.inductors),
            envelopes(self.currents, other.currents),
            between(self.lock_rad, other.lock_rad),
            between(self.slip_rad_per_s, other.slip_rad_per_s),
            between(self.frequency_hz, other.frequency_hz),
        )


def three(values: list[complex]) -> Envelopes:
    """Return three values as a tuple of known length."""
    a, b, c = values
    return (a, b, c)
