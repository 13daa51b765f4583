"""Formulas of a budget: what they are worth, in which unit, and what is refused."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.budgets import Expression, FormulaError
from bench.budgets.units import HERTZ, NUMBER, SECOND, UNITS, VOLT, WATT

NAMES = {"rdg": VOLT, "rng": VOLT, "duration": SECOND, "power_factor": NUMBER}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.015 % rdg + 0.01 % rng", 0.015e-2 * 230 + 0.01e-2 * 400),
        ("0.015% rdg+0.01%rng", 0.015e-2 * 230 + 0.01e-2 * 400),
        ("0.2 mV", 0.2e-3),
        ("50 ppm duration", 50e-6 * 1.62),
        ("5 ms", 5e-3),
        ("2 + 3 * 4", 14.0),
        ("(2 + 3) * 4", 20.0),
        ("2 - 3 - 4", -5.0),
        ("8 / 4 / 2", 1.0),
        ("2 · 3^2", 18.0),
        ("1e-3 V + 1.5E2 mV", 0.151),
        ("sqrt(1.0004 - power_factor^2) - sqrt(1 - power_factor^2)", sqrt(1.0004 - 0.64) - 0.6),
    ],
)
def test_a_formula_is_worth_what_arithmetic_says(text: str, value: float) -> None:
    values = {"rdg": 230.0, "rng": 400.0, "duration": 1.62, "power_factor": 0.8}
    assert Expression(text).evaluate(values) == pytest.approx(value, rel=1e-12)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1e3), st.floats(0, 1e3))
def test_a_statement_of_reading_and_range_is_linear_in_both(
    of_reading: float, of_range: float, reading: float, span: float
) -> None:
    formula = Expression(f"{of_reading:.6f} % rdg + {of_range:.6f} % rng")
    wanted = round(of_reading, 6) / 100 * reading + round(of_range, 6) / 100 * span
    assert formula.evaluate({"rdg": reading, "rng": span}) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("0.1 % rdg", VOLT),
        ("rdg rng", VOLT * VOLT),
        ("sqrt(rdg rng)", VOLT),
        ("rdg / rng", NUMBER),
        ("1 / duration", HERTZ),
        ("2 V 3 A", WATT),
        ("10 W / (5 var)", NUMBER),
        ("rdg^2 / rng", VOLT),
    ],
)
def test_units_follow_the_arithmetic(text: str, dimension: object) -> None:
    assert Expression(text).dimension_in(NAMES) == dimension


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rdg + 5 ms", "V + s: parts of a sum need the same unit"),
        ("0.1 + 0.05 % rng", "1 + V"),
        ("0.1 % reading", "'reading' is neither a unit"),
        ("sqrt(rdg)", "square root of V is no unit"),
    ],
)
def test_units_that_do_not_go_together_are_refused(text: str, says: str) -> None:
    formula = Expression(text)
    with pytest.raises(FormulaError) as refused:
        formula.dimension_in(NAMES)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0.1 %% rdg +",
        "(rdg",
        "rdg)",
        "2 ^ rdg",
        "rdg ** 2",
        "sqrt rdg",
        "sqrt",
        "-rdg",
        "__import__('os')",
        "rdg.real",
        "rdg; rng",
        "0.1 ± 2",
        "(" * 2000 + "1" + ")" * 2000,
    ],
)
def test_what_is_no_formula_is_refused_before_anything_is_evaluated(text: str) -> None:
    with pytest.raises(FormulaError):
        Expression(text)


@given(st.text(alphabet="0123456789.%+-*/^() abdegnrqst", max_size=30))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    try:
        formula = Expression(text)
    except FormulaError:
        return
    assert formula.text == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 / rdg", "division by zero"),
        ("sqrt(0 - 1)", "square root of -1"),
        ("rng", "'rng' has no value here"),
        ("10^999", "10\\^999"),
    ],
)
def test_a_formula_without_a_value_says_why(text: str, says: str) -> None:
    with pytest.raises(FormulaError, match=says):
        Expression(text).evaluate({"rdg": 0.0})


def test_a_name_never_hides_behind_a_unit() -> None:
    assert not set(NAMES) & set(UNITS)
