"""The voltages that a source behind an impedance leaves at the inverter's terminals (pure).

Phasors of the fundamental, rms; a current with active part a and reactive part r is a - jr against its
voltage, so that positive r supplies reactive power.
"""

from __future__ import annotations

from cmath import phase as angle_of
from cmath import rect
from collections.abc import Callable

from instruments.interfaces import PhaseValues

Injection = Callable[[PhaseValues], tuple[PhaseValues, PhaseValues]]
"""Terminal voltages → active and reactive current of each phase."""
ITERATIONS = 6


def terminal_voltages(
    source_v: PhaseValues,
    angles_rad: PhaseValues,
    impedance_ohm: complex,
    conductance_s: PhaseValues,
    susceptance_s: PhaseValues,
    injection: Injection,
) -> tuple[PhaseValues, PhaseValues]:
    """Return magnitude and angle of the voltage of each phase.

    The current depends on the voltage it makes: solved by repetition, which converges because the
    impedance of a bench is a small share of the inverter's.
    """
    if impedance_ohm == 0:
        return source_v, angles_rad
    emf = [rect(v, angle) for v, angle in zip(source_v, angles_rad, strict=True)]
    terminal = list(emf)
    for _ in range(ITERATIONS):
        a, b, c = (abs(voltage) for voltage in terminal)
        active_a, reactive_a = injection((a, b, c))
        for k, voltage in enumerate(terminal):
            unit = voltage / abs(voltage) if voltage else 0j
            current = (active_a[k] - 1j * reactive_a[k]) * unit
            admittance = conductance_s[k] + 1j * susceptance_s[k]
            terminal[k] = (emf[k] + impedance_ohm * current) / (1 + impedance_ohm * admittance)
    x, y, z = terminal
    return (abs(x), abs(y), abs(z)), (angle_of(x), angle_of(y), angle_of(z))
