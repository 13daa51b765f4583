"""Uncertainty budgets as data: what data sheets and certificates say of an instrument, as formulas in TOML."""

from bench.budgets.budget import (
    InstrumentBudgets,
    QuantityBudget,
    Source,
    Term,
    merged,
    power_conditions,
    scaled,
    unity_power_factor,
)
from bench.budgets.budget_file import load_budgets
from bench.budgets.expression import Expression
from bench.budgets.nodes import FormulaError

__all__ = [
    "Expression",
    "FormulaError",
    "InstrumentBudgets",
    "QuantityBudget",
    "Source",
    "Term",
    "load_budgets",
    "merged",
    "power_conditions",
    "scaled",
    "unity_power_factor",
]
