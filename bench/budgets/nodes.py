"""The parts of a formula: what each is worth, and in which unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from operator import add, mul, sub, truediv

from bench.budgets.units import UNITS, Dimension

_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": truediv,
}


class FormulaError(ValueError):
    """A formula that cannot be read or evaluated; the message says where and why."""


@dataclass(frozen=True)
class Constant:
    """A number, or the size of a unit."""

    value: float
    dimension: Dimension

    def evaluate(self, _: Mapping[str, float]) -> float:
        return self.value

    def dimension_in(self, _: Mapping[str, Dimension]) -> Dimension:
        return self.dimension


@dataclass(frozen=True)
class Variable:
    """A name that stands for a number at evaluation."""

    name: str

    def evaluate(self, values: Mapping[str, float]) -> float:
        if self.name not in values:
            raise FormulaError(f"{self.name!r} has no value here; there are {_listed(values)}")
        return values[self.name]

    def dimension_in(self, dimensions: Mapping[str, Dimension]) -> Dimension:
        if self.name not in dimensions:
            raise FormulaError(
                f"{self.name!r} is neither a unit ({_listed(UNITS)}) nor known here "
                f"({_listed(dimensions)})"
            )
        return dimensions[self.name]


@dataclass(frozen=True)
class Operation:
    """Two parts joined by one of + - * /."""

    sign: str
    left: Node
    right: Node

    def evaluate(self, values: Mapping[str, float]) -> float:
        left, right = self.left.evaluate(values), self.right.evaluate(values)
        if self.sign == "/" and right == 0:
            raise FormulaError("division by zero")
        return _ARITHMETIC[self.sign](left, right)

    def dimension_in(self, dimensions: Mapping[str, Dimension]) -> Dimension:
        left, right = self.left.dimension_in(dimensions), self.right.dimension_in(dimensions)
        if self.sign == "*":
            return left * right
        if self.sign == "/":
            return left / right
        if left != right:
            raise FormulaError(f"{left} {self.sign} {right}: parts of a sum need the same unit")
        return left


@dataclass(frozen=True)
class Power:
    """A part to a whole power."""

    base: Node
    exponent: int

    def evaluate(self, values: Mapping[str, float]) -> float:
        return self.base.evaluate(values) ** self.exponent

    def dimension_in(self, dimensions: Mapping[str, Dimension]) -> Dimension:
        return self.base.dimension_in(dimensions).to_the(self.exponent)


@dataclass(frozen=True)
class Root:
    """The square root of a part."""

    part: Node

    def evaluate(self, values: Mapping[str, float]) -> float:
        value = self.part.evaluate(values)
        if value < 0:
            raise FormulaError(f"square root of {value:g}")
        return sqrt(value)

    def dimension_in(self, dimensions: Mapping[str, Dimension]) -> Dimension:
        dimension = self.part.dimension_in(dimensions)
        root = dimension.root()
        if root is None:
            raise FormulaError(f"the square root of {dimension} is no unit")
        return root


Node = Constant | Variable | Operation | Power | Root


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(names) or "none"
