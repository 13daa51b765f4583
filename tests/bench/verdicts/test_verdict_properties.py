"""Verdicts: what holds for every value, uncertainty and limit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from bench.verdicts.verdict import (
    GUARDED,
    SIMPLE,
    DecisionRule,
    Limit,
    Measurement,
    Outcome,
    judge,
)
from tests.bench.verdicts.cases import FAIL, INCONCLUSIVE, PASS, RULES, limit, measured

# Few digits, so that values meet edges exactly often enough to matter.
VALUES = st.decimals(-5, 5, places=2)
UNCERTAINTIES = st.decimals(0, 2, places=2)
POSITIVE = st.decimals(Decimal("0.01"), 2, places=2)


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    edges = sorted((draw(VALUES), draw(VALUES)))
    kept = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    low, high = (str(edge) if keep else None for edge, keep in zip(edges, kept, strict=True))
    return limit(low, high)


def at(value: Decimal, expanded: Decimal) -> Measurement:
    return measured(str(value), str(expanded))


def mirrored(permitted: Limit) -> Limit:
    low, high = permitted.upper, permitted.lower
    return replace(
        permitted,
        lower=None if low is None else low.copy_negate(),
        upper=None if high is None else high.copy_negate(),
    )


def severity(outcome: Outcome) -> int:
    return (PASS, Outcome.CONDITIONAL_PASS, INCONCLUSIVE, Outcome.CONDITIONAL_FAIL, FAIL).index(
        outcome
    )


@given(VALUES, st.decimals(0, 3, places=2), UNCERTAINTIES, VALUES, st.sampled_from(RULES))
def test_a_worse_value_never_gets_a_better_verdict(
    value: Decimal, worse_by: Decimal, expanded: Decimal, edge: Decimal, rule: DecisionRule
) -> None:
    permitted = limit(None, str(edge))
    better = judge(at(value, expanded), permitted, rule).outcome
    worse = judge(at(value + worse_by, expanded), permitted, rule).outcome
    assert severity(worse) >= severity(better)


@given(VALUES, UNCERTAINTIES, limits())
def test_what_passes_guarded_passes_simply(
    value: Decimal, expanded: Decimal, permitted: Limit
) -> None:
    if judge(at(value, expanded), permitted, GUARDED).outcome is PASS:
        assert judge(at(value, expanded), permitted, SIMPLE).outcome is PASS


@given(VALUES, UNCERTAINTIES, limits())
def test_simple_passes_are_the_passes_and_conditional_passes_of_four_bands(
    value: Decimal, expanded: Decimal, permitted: Limit
) -> None:
    found = judge(at(value, expanded), permitted, SIMPLE)
    assert (found.outcome is PASS) == (found.band in (PASS, Outcome.CONDITIONAL_PASS))


@given(VALUES, POSITIVE, VALUES)
def test_a_guarded_pass_is_wrong_in_2_3_percent_at_most(
    value: Decimal, expanded: Decimal, edge: Decimal
) -> None:
    found = judge(at(value, expanded), limit(None, str(edge)), GUARDED)
    if found.outcome is PASS:
        assert found.probability_of_conformity is not None
        assert found.probability_of_conformity >= 0.97724


@pytest.mark.parametrize(
    ("guard_factor", "risk"),
    [("0", "50.00"), ("0.83", "4.85"), ("1", "2.28"), ("1.25", "0.62"), ("1.5", "0.13")],
)
def test_a_guard_band_bounds_the_risk_of_a_wrong_pass(guard_factor: str, risk: str) -> None:
    """One edge, k = 2; at the acceptance limit itself the risk is largest."""
    rule = DecisionRule("guarded by a share of U", Decimal(guard_factor), True, "any")
    value = Decimal(2) - Decimal(guard_factor) * Decimal("0.1")
    found = judge(measured(str(value), "0.1"), limit(None, "2"), rule)
    assert found.outcome is PASS
    assert found.probability_of_conformity is not None
    assert f"{100 * (1 - found.probability_of_conformity):.2f}" == risk


@given(VALUES, UNCERTAINTIES, limits(), st.sampled_from(RULES))
def test_the_mirror_image_gets_the_same_verdict(
    value: Decimal, expanded: Decimal, permitted: Limit, rule: DecisionRule
) -> None:
    found = judge(at(value, expanded), permitted, rule)
    mirror = judge(at(-value, expanded), mirrored(permitted), rule)
    assert (found.outcome, found.band, found.margin) == (mirror.outcome, mirror.band, mirror.margin)
    assert found.probability_of_conformity == pytest.approx(mirror.probability_of_conformity)


@given(VALUES, UNCERTAINTIES, limits(), st.sampled_from(RULES))
def test_a_bound_never_decides_against_a_value_it_permits(
    value: Decimal, expanded: Decimal, permitted: Limit, rule: DecisionRule
) -> None:
    """Every exact value beyond the bound gets the bound's verdict, or the bound gave none."""
    bound = judge(replace(at(value, expanded), censored="at least"), permitted, rule).outcome
    for further in ("0", "0.5", "20"):
        exact = judge(at(value + Decimal(further), Decimal(0)), permitted, rule).outcome
        assert bound in (INCONCLUSIVE, exact)


@given(VALUES, POSITIVE, limits())
def test_the_probability_of_conformity_is_the_normal_distributions(
    value: Decimal, expanded: Decimal, permitted: Limit
) -> None:
    distribution = norm(float(value), float(expanded) / 2)
    high = 1.0 if permitted.upper is None else distribution.cdf(float(permitted.upper))
    low = 0.0 if permitted.lower is None else distribution.cdf(float(permitted.lower))
    found = judge(at(value, expanded), permitted, SIMPLE).probability_of_conformity
    assert found == pytest.approx(high - low, abs=1e-12)
