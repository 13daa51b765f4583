"""An analyser for the metering tests: one limit of error of each quantity."""

from __future__ import annotations

from bench.budgets import Expression, QuantityBudget, Source
from bench.budgets.quantities import QUANTITIES


def limit_of_error(quantity: str, half_width: str, correlation: float = 0.0) -> QuantityBudget:
    """Return the budget of readings that are good for ± a formula."""
    unit = QUANTITIES[quantity].unit
    formula = Expression(half_width)
    source = Source("analyser", formula, unit, "rectangular", "any", correlation=correlation)
    return QuantityBudget(quantity, f"any.toml: table [{quantity}]", (source,))


def share_of_reading(quantity: str, percent: float) -> QuantityBudget:
    """Return the budget of readings that are good for ± `percent` of themselves, the same for all."""
    return limit_of_error(quantity, f"{percent} % rdg", correlation=1.0)
