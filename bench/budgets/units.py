"""Units of the formulas in a budget, and the dimensions they are checked by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Dimension:
    """Exponents of volt, ampere, second and kelvin."""

    volt: int = 0
    ampere: int = 0
    second: int = 0
    kelvin: int = 0

    @property
    def exponents(self) -> tuple[int, int, int, int]:
        """The four exponents in their order."""
        return self.volt, self.ampere, self.second, self.kelvin

    def __mul__(self, other: Dimension) -> Dimension:
        pairs = zip(self.exponents, other.exponents, strict=True)
        return Dimension(*(mine + theirs for mine, theirs in pairs))

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other.to_the(-1)

    def to_the(self, power: int) -> Dimension:
        """Return the dimension of a power."""
        return Dimension(*(power * exponent for exponent in self.exponents))

    def root(self) -> Dimension | None:
        """Return the dimension of the square root; None when that is none."""
        if any(exponent % 2 for exponent in self.exponents):
            return None
        return Dimension(*(exponent // 2 for exponent in self.exponents))

    def __str__(self) -> str:
        named = next((name for name, unit in UNITS.items() if unit == Unit(1.0, self)), None)
        if named:
            return named
        pairs = zip(("V", "A", "s", "K"), self.exponents, strict=True)
        return "·".join(f"{name}^{exponent}" for name, exponent in pairs if exponent)


@dataclass(frozen=True)
class Unit:
    """A unit as its size in SI and its dimension."""

    size: float
    dimension: Dimension


NUMBER = Dimension()
VOLT, AMPERE, SECOND, KELVIN = (
    Dimension(1),
    Dimension(0, 1),
    Dimension(0, 0, 1),
    Dimension(0, 0, 0, 1),
)
WATT, HERTZ = VOLT * AMPERE, NUMBER / SECOND

UNITS: Mapping[str, Unit] = {
    "1": Unit(1.0, NUMBER),
    "V": Unit(1.0, VOLT),
    "mV": Unit(1e-3, VOLT),
    "A": Unit(1.0, AMPERE),
    "mA": Unit(1e-3, AMPERE),
    "W": Unit(1.0, WATT),
    "kW": Unit(1e3, WATT),
    "var": Unit(1.0, WATT),
    "VA": Unit(1.0, WATT),
    "s": Unit(1.0, SECOND),
    "ms": Unit(1e-3, SECOND),
    "us": Unit(1e-6, SECOND),
    "Hz": Unit(1.0, HERTZ),
    "mHz": Unit(1e-3, HERTZ),
    "K": Unit(1.0, KELVIN),
    "V/s": Unit(1.0, VOLT / SECOND),
    "Hz/s": Unit(1.0, HERTZ / SECOND),
    "W/s": Unit(1.0, WATT / SECOND),
    "%": Unit(1e-2, NUMBER),
    "ppm": Unit(1e-6, NUMBER),
}
"""Name → unit; the first of a size and dimension is the one messages use."""
