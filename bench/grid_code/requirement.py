"""One row of a grid code, and the limits it turns into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.export_limits.case import Case
from bench.grid_code.allowed_range import AllowedRange
from bench.grid_code.quantity import STATUSES, Quantity
from bench.verdicts.verdict import Limit
from instruments.errors import ConfigurationError


@dataclass(frozen=True)
class Requirement:
    """One row of a grid code.

    Attributes:
        allowed: quantity → range inside which a network may choose; most have none.
        applies_to: what an inverter must have for it ("storage", "three phases"); empty for nothing.
        case: steps of a test of an export limit; None for what is tested otherwise.
    """

    id: str
    kind: str
    title: str
    clause: str
    direction: str
    quantities: Mapping[str, Quantity]
    allowed: Mapping[str, AllowedRange] = field(default_factory=dict)
    applies_to: str = ""
    case: Case | None = None

    def __contains__(self, name: str) -> bool:
        return name in self.quantities

    def number(self, name: str) -> float:
        """Return a quantity as a float, for building a stimulus.

        Raises:
            ConfigurationError: the row does not state it.
        """
        return float(self.quantity(name).value)

    def quantity(self, name: str) -> Quantity:
        """Return a quantity. Raises ConfigurationError when the row does not state it."""
        if name not in self.quantities:
            raise ConfigurationError(
                f"requirement {self.id} states no {name}; it states {', '.join(self.quantities)}"
            )
        return self.quantities[name]

    def limit(self, quantity: str, *, lower: str | None = None, upper: str | None = None) -> Limit:
        """Return the limit made of one or two of this row's quantities.

        Args:
            quantity: what is limited, in words.
            lower, upper: names of this row's quantities.
        """
        stated = [self.quantity(name) for name in (lower, upper) if name]
        u_max = self.quantities.get("uncertainty_max")
        return Limit(
            requirement=self.id,
            quantity=quantity,
            unit=stated[0].unit,
            lower=self.quantity(lower).value if lower else None,
            upper=self.quantity(upper).value if upper else None,
            clause=self.clause,
            source="; ".join(sorted({item.source for item in stated})),
            status=max((item.status for item in stated), key=STATUSES.index),
            max_uncertainty=u_max.value if u_max else None,
        )
