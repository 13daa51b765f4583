"""Rounding for human eyes: two significant digits of U, half-even, with carry."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.formatting import plain, rounded, rounded_text, with_unit


@pytest.mark.parametrize(
    ("value", "uncertainty", "shown"),
    [
        ("264.7512", "0.5637", ("264.75", "0.56")),
        ("1.620", "0.008137", ("1.6200", "0.0081")),
        ("4009.04", "12.29", ("4009", "12")),
        ("1.9964", "0.0996", ("2.00", "0.10")),
        ("4014", "123", ("4010", "120")),
        ("4014", "996", ("4000", "1000")),
        ("1.25", "1.25", ("1.2", "1.2")),
        ("1.35", "1.35", ("1.4", "1.4")),
        ("-0.004", "0.5", ("0.00", "0.50")),
        ("-3.456", "0.5", ("-3.46", "0.50")),
    ],
)
def test_u_keeps_two_digits_and_the_value_the_same_place(
    value: str, uncertainty: str, shown: tuple[str, str]
) -> None:
    assert rounded_text(Decimal(value), Decimal(uncertainty)) == shown


@pytest.mark.parametrize("uncertainty", ["0", "NaN", "Infinity", "-1"])
def test_without_a_usable_u_nothing_is_rounded(uncertainty: str) -> None:
    assert rounded_text(Decimal("1.23456"), Decimal(uncertainty))[0] == "1.23456"


def test_a_value_that_is_none_is_shown_as_it_is() -> None:
    assert rounded_text(Decimal("NaN"), Decimal("0.1")) == ("NaN", "0.1")


NUMBERS = st.decimals(-(10**9), 10**9, allow_nan=False, places=9)
UNCERTAINTIES = st.decimals(Decimal("1e-9"), 10**6, allow_nan=False, places=9)


@given(NUMBERS, UNCERTAINTIES)
def test_rounding_moves_a_value_by_half_a_place_at_most(value: Decimal, expanded: Decimal) -> None:
    shown, shown_expanded = rounded(value, expanded)
    place = Decimal((0, (1,), int(shown_expanded.as_tuple().exponent)))
    assert abs(shown - value) <= place / 2
    assert abs(shown_expanded - expanded) <= place / 2


@given(NUMBERS, UNCERTAINTIES)
def test_u_always_shows_two_significant_digits(value: Decimal, expanded: Decimal) -> None:
    assert len(rounded(value, expanded)[1].as_tuple().digits) == 2


@given(NUMBERS, UNCERTAINTIES)
def test_the_callers_precision_changes_no_digit(value: Decimal, expanded: Decimal) -> None:
    usual = rounded_text(value, expanded)
    with localcontext(prec=2):
        assert rounded_text(value, expanded) == usual


def test_plain_numbers_have_no_exponent() -> None:
    assert plain(Decimal("1.2E+2")) == "120"


def test_the_unit_of_a_ratio_is_left_out() -> None:
    assert with_unit(Decimal("0.98"), "1") == "0.98"
    assert with_unit("253.0", "V") == "253.0 V"
