"""Loads between contactor and inverter: a resistor, an inductor and a capacitor in parallel on each phase.

Quantities are complex envelopes, rms, in a frame that turns at a fixed angular frequency w:
v(t) = sqrt(2) Im{V exp(jwt)}. Each phase has its own frame, turned by its nominal angle, so that balanced
quantities are equal in the three phases. Conductors return to neutral: phases do not couple.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, log2, pi

from instruments.errors import ConfigurationError
from instruments.interfaces import PhaseValues
from instruments.simulated.physics.segments import ZERO

STRAY_CAPACITANCE_F = 1e-9
STRAY_CONDUCTANCE_S = 5e-6
TAYLOR_TERMS = 16

Matrix = list[list[complex]]


@dataclass(frozen=True)
class ParallelLoad:
    """Parallel conductance, inductance and capacitance of each phase; any of them may be zero.

    Attributes:
        inverse_inductance_per_h: 1/L in 1/H, so that zero is no inductor.
    """

    conductance_s: PhaseValues = ZERO
    inverse_inductance_per_h: PhaseValues = ZERO
    capacitance_f: PhaseValues = ZERO

    def __post_init__(self) -> None:
        for name in ("conductance_s", "inverse_inductance_per_h", "capacitance_f"):
            values = getattr(self, name)
            if len(values) != 3 or min(values) < 0:
                raise ConfigurationError(
                    f"parallel load: {name} is {values}; expected three values of at least 0"
                )

    def plus(self, other: ParallelLoad) -> ParallelLoad:
        """Return both loads in parallel, for instance a load and the inverter's own filter."""
        return ParallelLoad(
            _sum(self.conductance_s, other.conductance_s),
            _sum(self.inverse_inductance_per_h, other.inverse_inductance_per_h),
            _sum(self.capacitance_f, other.capacitance_f),
        )

    def susceptance_s(self, frequency_hz: float) -> PhaseValues:
        """Return the susceptance of each phase, positive when capacitive."""
        w = 2 * pi * frequency_hz
        (a, b, c), (d, e, f) = self.capacitance_f, self.inverse_inductance_per_h
        return (w * a - d / w, w * b - e / w, w * c - f / w)

    def resonance_hz(self, phase: int) -> float:
        """Return the frequency at which inductor and capacitor of a phase cancel.

        Raises:
            ConfigurationError: the phase has no inductor or no capacitor.
        """
        inverse_h, farad = self.inverse_inductance_per_h[phase], self.capacitance_f[phase]
        if not inverse_h or not farad:
            raise ConfigurationError(
                f"parallel load: phase {phase + 1} does not resonate, 1/L = {inverse_h} /H, C = {farad} F"
            )
        return float((inverse_h / farad) ** 0.5 / (2 * pi))


def resonant_load(
    power_w: float,
    nominal_voltage_v: float,
    frequency_hz: float,
    quality_factor: float,
    active_mismatch: float = 0.0,
    reactive_mismatch: float = 0.0,
    phases: int = 3,
) -> ParallelLoad:
    """Return a load that takes `power_w` per phase and resonates at `frequency_hz`.

    Args:
        power_w: active power of the inverter on one phase, which a matched load takes.
        quality_factor: R sqrt(C/L) of the matched load.
        active_mismatch: 0.1 for a resistor that takes 10 % more than `power_w`.
        reactive_mismatch: 0.1 for an inductor that takes 10 % more than the capacitor gives.
        phases: 1 puts the load on the first phase alone.
    """
    w = 2 * pi * frequency_hz
    matched_s = power_w / nominal_voltage_v**2
    farad = quality_factor * matched_s / w
    inverse_h = quality_factor * matched_s * w * (1 + reactive_mismatch)
    return ParallelLoad(
        _on(phases, matched_s * (1 + active_mismatch)), _on(phases, inverse_h), _on(phases, farad)
    )


def resistive_load(power_w: float, nominal_voltage_v: float, phases: int = 3) -> ParallelLoad:
    """Return a resistor that takes `power_w` per phase at nominal voltage."""
    return ParallelLoad(_on(phases, power_w / nominal_voltage_v**2))


PhaseStep = Callable[[complex, complex, complex, complex], tuple[complex, complex]]


@lru_cache(maxsize=64)
def phase_step(load: ParallelLoad, phase: int, w: float, duration_s: float) -> PhaseStep:
    """Return the exact step of one phase: (V, I_L, I now, I then) → (V, I_L) after `duration_s`.

    The source current I is taken as linear in between. C V' = I - (G + jwC) V - I_L and
    L I_L' = V - jwL I_L are solved by a matrix exponential, because C may be so small that no ordinary step
    follows it. Without a capacitor the stray capacitance of a cable stands in, without a resistor the inputs of
    whatever measures the voltage (200 kΩ), which let it die.
    """
    farad = max(load.capacitance_f[phase], STRAY_CAPACITANCE_F)
    siemens = max(load.conductance_s[phase], STRAY_CONDUCTANCE_S)
    inverse_h = load.inverse_inductance_per_h[phase]
    h = duration_s
    # State: V, I_L, the current, its rise over the step.
    m = _exponential(
        [
            [h * (-siemens / farad - 1j * w), -h / farad, h / farad, 0],
            [h * inverse_h, -1j * h * w, 0, 0],
            [0, 0, 0, 1],
            [0, 0, 0, 0],
        ]
    )
    (vv, vl, v0, v1), (lv, ll, l0, l1) = m[0], m[1]
    v0, l0 = v0 - v1, l0 - l1

    def step(
        voltage: complex, inductor: complex, now: complex, then: complex
    ) -> tuple[complex, complex]:
        return (
            vv * voltage + vl * inductor + v0 * now + v1 * then,
            lv * voltage + ll * inductor + l0 * now + l1 * then,
        )

    return step


def _exponential(matrix: Matrix) -> Matrix:
    """Return the exponential of a square matrix: Taylor series of a small part, squared up."""
    size = max(sum(abs(x) for x in row) for row in matrix)
    halvings = max(0, ceil(log2(size)) + 1) if size > 0 else 0
    small = [[x / 2**halvings for x in row] for row in matrix]
    identity: Matrix = [[1.0 * (i == k) for k in range(len(small))] for i in range(len(small))]
    result = identity
    for n in range(TAYLOR_TERMS, 0, -1):
        product = _product(small, result)
        result = [
            [one + x / n for one, x in zip(ones, row, strict=True)]
            for ones, row in zip(identity, product, strict=True)
        ]
    for _ in range(halvings):
        result = _product(result, result)
    return result


def _product(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[_dot(row, column) for column in columns] for row in a]


def _dot(a: Sequence[complex], b: Sequence[complex]) -> complex:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _on(phases: int, value: float) -> PhaseValues:
    return (value, value, value) if phases == 3 else (value, 0.0, 0.0)


def _sum(a: PhaseValues, b: PhaseValues) -> PhaseValues:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])
