"""Small formulas such as "0.015 % rdg + 0.01 % rng": parsed here, checked for units, never executed as code.

sum     = product { ("+" | "-") product }
product = power { [ "*" | "·" | "/" ] power }        nothing between two powers multiplies
power   = atom [ "^" whole number ]
atom    = number | unit | name | "(" sum ")" | "sqrt" "(" sum ")"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from bench.budgets.nodes import Constant, FormulaError, Node, Operation, Power, Root, Variable
from bench.budgets.units import NUMBER, UNITS, Dimension

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*|%)|(?P<sign>[-+*·/^()]))"
)
_DEEPEST = 20


@dataclass(frozen=True)
class Expression:
    """A formula as it was written, and what it means.

    Raises:
        FormulaError: the text is not such a formula.
    """

    text: str

    def __post_init__(self) -> None:
        _ = self._tree

    def dimension_in(self, dimensions: Mapping[str, Dimension]) -> Dimension:
        """Return the dimension of the value when the names have these.

        Raises:
            FormulaError: an unknown name, or parts that do not go together.
        """
        return self._tree.dimension_in(dimensions)

    def evaluate(self, values: Mapping[str, float]) -> float:
        """Return the value in SI.

        Raises:
            FormulaError: a name without a value, a division by zero, a root of a negative number.
        """
        try:
            value = self._tree.evaluate(values)
        except (FormulaError, OverflowError, ZeroDivisionError) as error:
            raise FormulaError(f"{self.text!r}: {error}") from error
        if not isfinite(value):
            raise FormulaError(f"{self.text!r} is {value}")
        return value

    @cached_property
    def _tree(self) -> Node:
        return _Parser(self.text).whole()


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._place = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._sum()
        if self._next is not None:
            raise self._error(f"{self._next!r} is unexpected")
        return node

    @property
    def _next(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _take(self) -> str:
        token = self._next
        if token is None:
            raise self._error("it ends too early")
        self._place += 1
        return token

    def _sum(self) -> Node:
        node = self._product()
        while self._next in ("+", "-"):
            node = Operation(self._take(), node, self._product())
        return node

    def _product(self) -> Node:
        node = self._power()
        while self._next is not None and self._next not in ("+", "-", ")"):
            sign = self._take() if self._next in ("*", "·", "/") else "*"
            node = Operation("/" if sign == "/" else "*", node, self._power())
        return node

    def _power(self) -> Node:
        node = self._atom()
        if self._next != "^":
            return node
        self._take()
        exponent = self._take()
        if not exponent.isdigit():
            raise self._error(f"the exponent {exponent!r} is not a whole number")
        return Power(node, int(exponent))

    def _atom(self) -> Node:
        token = self._take()
        if token == "(":
            return self._bracket()
        if token == "sqrt" and self._take() == "(":
            return Root(self._bracket())
        if token[0].isdigit():
            return Constant(float(token), NUMBER)
        if token in UNITS:
            return Constant(UNITS[token].size, UNITS[token].dimension)
        if token.isidentifier() and token != "sqrt":
            return Variable(token)
        raise self._error(f"{token!r} is unexpected")

    def _bracket(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} brackets")
        node = self._sum()
        if self._take() != ")":
            raise self._error("a closing bracket is missing")
        self._depth -= 1
        return node

    def _error(self, message: str) -> FormulaError:
        return FormulaError(f"{self._text!r}, near part {self._place}: {message}")


def _tokens(text: str) -> list[str]:
    tokens, place, end = [], 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            raise FormulaError(f"{text!r}: {text[place:].strip()[0]!r} has no meaning in a formula")
        tokens.append(found.group().strip())
        place = found.end()
    return tokens
