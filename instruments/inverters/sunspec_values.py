"""The registers of one SunSpec model, read together, as values: "not implemented" is None, never a number.

A value never goes without its power of ten: where that is not implemented, or cannot be one (300), there is no
value either.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from instruments.interfaces import SettingValue
from instruments.sunspec.layouts import FLOAT, Layout, Value, decode

LARGEST_EXPONENT = 10
"""Scale factors lie between -10 and 10 (SunSpec Information Model Specification, type sunssf)."""


@dataclass(frozen=True)
class ModelValues:
    """One model as it was read.

    Attributes:
        address: wire address of its ID register.
        registers: from the ID on; fewer than the layout has when the device's model ends early.
        without: points that are not to be believed, by path.
        defect: why the length the device states does not fit the model; empty when it does. Points of groups
            that repeat are then left out.
    """

    number: int
    address: int
    layout: Layout
    registers: Sequence[int]
    without: Collection[str] = ()
    defect: str = ""

    def value(self, path: str) -> Value:
        """Return a point, its power of ten applied; None when it has no value.

        Raises:
            UnicodeDecodeError: a text is not UTF-8.
        """
        registers, exponent = self.words(path), self.exponent(path)
        if registers is None or exponent is None:
            return None
        return decode(registers, self.layout.by_path[path], exponent)

    def number_of(self, path: str) -> float | None:
        """Return a point that is a number."""
        value = self.value(path)
        return None if isinstance(value, str) else value

    def integer(self, path: str) -> int | None:
        """Return a point that counts, names or flags."""
        value = self.number_of(path)
        return None if value is None else int(value)

    def text(self, path: str) -> str:
        """Return a text; empty when it is not implemented."""
        value = self.value(path)
        return value.strip() if isinstance(value, str) else ""

    def setting(self, path: str, unit: str, factor: float = 1.0) -> SettingValue | None:
        """Return a point as a setting counted in `unit`, of which one of the point's is `factor`."""
        value = self.number_of(path)
        if value is None:
            return None
        return SettingValue(value * factor, unit, abs(self.quantum(path) * factor))

    def quantum(self, path: str) -> float:
        """Return the step of a point's register; 0 for one that holds a floating-point number."""
        exponent = self.exponent(path)
        is_float = path in self.layout.by_path and self.layout.by_path[path].kind == FLOAT
        return 0.0 if is_float or exponent is None else 10.0**exponent

    def words(self, path: str) -> Sequence[int] | None:
        """Return the registers of a point; None when the device's model does not have it."""
        point = self.layout.by_path.get(path)
        if point is None or path in self.without:
            return None
        words = self.registers[point.offset : point.offset + point.words]
        return words if len(words) == point.words else None

    def exponent(self, path: str) -> int | None:
        """Return the power of ten of a point; None when it is not implemented, or is none."""
        point = self.layout.by_path.get(path)
        scale = point.scale if point else None
        if not isinstance(scale, str):
            return scale or 0
        exponent = self.integer(scale)
        return exponent if exponent is not None and abs(exponent) <= LARGEST_EXPONENT else None
