"""How uncertainty enters a decision: the rules a grid code may name, after ILAC-G8:09/2019."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class DecisionRule:
    """How uncertainty enters the decision.

    Attributes:
        guard_factor: guard band as a multiple of U.
        binary: whether everything outside the acceptance limits fails.
    """

    id: str
    guard_factor: Decimal
    binary: bool
    statement: str

    def to_json(self) -> dict[str, Any]:
        """Return the rule as it stands in evidence."""
        return {
            "id": self.id,
            "guard_factor": str(self.guard_factor),
            "binary": self.binary,
            "statement": self.statement,
        }


SIMPLE = DecisionRule(
    "simple",
    Decimal(0),
    True,
    "Simple acceptance (ILAC-G8:09/2019): the measured value itself is compared with the limit, "
    "provided that U does not exceed the largest permitted uncertainty.",
)
GUARDED = DecisionRule(
    "guarded",
    Decimal(1),
    True,
    "Guarded acceptance with w = U (ILAC-G8:09/2019): a value passes only if it is inside the limit "
    "by at least U.",
)
FOUR_BANDS = DecisionRule(
    "four bands",
    Decimal(1),
    False,
    "Four bands with w = U (ILAC-G8:09/2019): pass, conditional pass, conditional fail, fail.",
)
_RULES = {rule.id: rule for rule in (SIMPLE, GUARDED, FOUR_BANDS)}


RULE_NAMES = tuple(_RULES)


def decision_rule(name: str) -> DecisionRule:
    """Return a rule by name. Raises KeyError."""
    return _RULES[name]
