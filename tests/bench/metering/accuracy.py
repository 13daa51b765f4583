"""An analyser for the metering tests: one limit of error, as a share of the reading."""

from __future__ import annotations

from bench.budgets import Expression, QuantityBudget, Source
from bench.budgets.quantities import QUANTITIES


def share_of_reading(quantity: str, percent: float) -> QuantityBudget:
    """Return the budget of readings that are good for ± `percent` of themselves."""
    formula = Expression(f"{percent} % rdg")
    unit = QUANTITIES[quantity].unit
    source = Source("analyser", formula, unit, "rectangular", "any", correlation=1.0)
    return QuantityBudget(quantity, f"any.toml: table [{quantity}]", (source,))
