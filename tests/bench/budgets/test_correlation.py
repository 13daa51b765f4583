"""Readings that share a range: what they share cancels in a difference and doubles in a sum."""

from __future__ import annotations

from math import sqrt

import GTC
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.budgets import Expression, QuantityBudget, Source, Term
from bench.verdicts.uncertainty import combine


def stated(correlation: float, half_width: str = "1 V") -> QuantityBudget:
    source = Source(
        "gain",
        Expression(half_width),
        "V",
        "rectangular",
        "any",
        correlation=correlation,
    )
    return QuantityBudget("voltage", "any.toml: table [voltage]", (source,))


def test_one_shared_offset_cancels_in_a_difference() -> None:
    assert combine(stated(1.0).difference(250.0, 230.0)).standard == 0.0


def test_one_shared_gain_leaves_only_the_gain_of_the_difference() -> None:
    found = combine(stated(1.0, "0.1 % rdg").difference(250.0, 230.0)).standard
    assert found == pytest.approx(0.001 * 20.0 / sqrt(3))


def test_errors_of_their_own_add_in_quadrature() -> None:
    found = combine(stated(0.0).difference(250.0, 230.0)).standard
    assert found == pytest.approx(sqrt(2) / sqrt(3))


def test_one_shared_offset_adds_up_in_a_sum() -> None:
    terms = [Term(1.0, 230.0), Term(1.0, 230.0), Term(1.0, 230.0)]
    assert combine(stated(1.0).combination(terms)).standard == pytest.approx(3 / sqrt(3))


def test_a_single_reading_is_the_same_whatever_it_would_share() -> None:
    assert stated(1.0).lines(230.0) == stated(0.0).lines(230.0)


TERMS = st.builds(Term, st.floats(-3, 3).filter(lambda c: abs(c) > 0.01), st.floats(1, 500))


@given(st.floats(0, 1), st.lists(TERMS, min_size=2, max_size=5))
def test_any_correlation_agrees_with_an_independent_library(
    correlation: float, terms: list[Term]
) -> None:
    inputs = [GTC.ureal(0, 0.01 * term.reading / sqrt(3), independent=False) for term in terms]
    for place, one in enumerate(inputs):
        for other in inputs[:place]:
            GTC.set_correlation(correlation, one, other)
    result = sum(term.coefficient * one for term, one in zip(terms, inputs, strict=True))
    found = combine(stated(correlation, "1 % rdg").combination(terms)).standard
    assert found == pytest.approx(GTC.uncertainty(result), rel=1e-6, abs=1e-6)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_more_two_readings_share_the_less_their_difference_is_in_doubt(
    less: float, more: float
) -> None:
    low, high = sorted((less, more))
    wider = combine(stated(low).difference(250.0, 230.0)).standard
    assert combine(stated(high).difference(250.0, 230.0)).standard <= wider + 1e-12
