"""Budgets: worked examples, an independent library as oracle, a Monte Carlo run, and refusals."""

from __future__ import annotations

from math import inf, isinf, nan, sqrt

import GTC
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.verdicts.uncertainty import (
    BudgetLine,
    ExpandedUncertainty,
    certificate,
    combine,
    coverage_factor,
    rectangular,
    repeats,
    resolution,
)

TRIP_TIMES_MS = (1620.0, 1612.0, 1628.0, 1618.0, 1622.0)
OTHERS_MS = {"detection": 5.0, "start": 0.5, "clock": 50e-6 * 1620, "sample": 0.05}


def threshold_budget() -> ExpandedUncertainty:
    """A trip voltage found in steps of 0.5 V with an analyser good for ±0.415 V."""
    scatter_v, degrees = repeats((264.70, 264.80, 264.75, 264.75, 264.75))
    return combine(
        [
            BudgetLine("analyser", rectangular(0.415), "V"),
            BudgetLine("step", resolution(0.5), "V"),
            BudgetLine("wire", rectangular(0.05), "V"),
            BudgetLine("repeats", scatter_v, "V", degrees),
            BudgetLine("certificate", certificate(0.02, 2), "V", 60),
        ]
    )


def trip_time_budget() -> ExpandedUncertainty:
    """Five trip times whose end is detected within ±5 ms."""
    scatter_ms, degrees = repeats(TRIP_TIMES_MS)
    others = [BudgetLine(name, rectangular(half), "ms") for name, half in OTHERS_MS.items()]
    return combine([BudgetLine("repeats", scatter_ms, "ms", degrees), *others])


def test_a_trip_threshold_budget_has_the_lines_of_the_worked_example() -> None:
    lines = [f"{line.standard_uncertainty:.5f}" for line in threshold_budget().budget]
    assert lines == ["0.23960", "0.14434", "0.02887", "0.01581", "0.01000"]


def test_a_trip_threshold_budget_adds_up_to_the_worked_example() -> None:
    found = threshold_budget()
    assert f"{found.standard:.6f}" == "0.281824"
    assert f"{found.degrees_of_freedom:.0f}" == "399472"
    assert f"{found.coverage_factor:.5f}" == "1.95997"
    assert f"{found.expanded:.4f}" == "0.5524"


def test_a_trip_time_budget_adds_up_to_the_worked_example() -> None:
    found = trip_time_budget()
    assert f"{found.standard:.5f}" == "3.90124"
    assert f"{found.degrees_of_freedom:.4f}" == "20.0380"
    assert f"{found.coverage_factor:.5f}" == "2.08571"
    assert f"{found.expanded:.5f}" == "8.13686"


def test_a_power_budget_from_an_analysers_accuracy_clause_adds_up_to_the_worked_example() -> None:
    power_w, range_w, tan_phi = 4000.0, 6000.0, 0.75
    half_width_w = 0.001 * power_w + 0.0005 * range_w + 0.001 * tan_phi * power_w * 0.8
    assert f"{half_width_w:.2f}" == "9.40"
    assert f"{combine([BudgetLine('P', rectangular(half_width_w), 'W')]).standard:.3f}" == "5.427"


@pytest.mark.parametrize("degrees", [1, 1.5, 2, 3.7, 4, 20.038, 60, 999.5, 1e4, 1.001e4, 1e5])
def test_the_coverage_factor_is_the_one_of_an_independent_library(degrees: float) -> None:
    assert coverage_factor(degrees) == pytest.approx(
        GTC.reporting.k_factor(degrees), rel=0, abs=1e-9
    )


@given(st.floats(1, 1e5))
def test_the_coverage_factor_of_any_degrees_of_freedom_agrees_with_the_library(
    degrees: float,
) -> None:
    """Up to 1e5, from where the library takes the normal distribution instead."""
    assert coverage_factor(degrees) == pytest.approx(GTC.reporting.k_factor(degrees), rel=1e-9)


@given(st.floats(1, 1e6), st.floats(1.001, 10))
def test_more_degrees_of_freedom_never_widen_the_coverage(degrees: float, more: float) -> None:
    assert coverage_factor(degrees * more) <= coverage_factor(degrees) + 1e-10


def test_infinite_degrees_of_freedom_give_the_normal_coverage() -> None:
    assert coverage_factor(inf) == pytest.approx(1.959963984540054, abs=1e-15)


UNCERTAINTIES = st.floats(1e-6, 1e3)
LINES = st.builds(
    BudgetLine,
    st.just("any"),
    UNCERTAINTIES,
    st.just("V"),
    st.one_of(st.just(inf), st.floats(1, 1e4)),
    st.floats(-10, 10).filter(lambda c: abs(c) > 1e-3),
)


@given(st.lists(LINES, min_size=1, max_size=6))
def test_any_budget_agrees_with_an_independent_library(lines: list[BudgetLine]) -> None:
    terms = [
        line.sensitivity * GTC.ureal(0, line.standard_uncertainty, line.degrees_of_freedom)
        for line in lines
    ]
    oracle = sum(terms)
    found = combine(lines)
    assert found.standard == pytest.approx(GTC.uncertainty(oracle), rel=1e-9)
    degrees = GTC.dof(oracle)
    assert found.degrees_of_freedom == pytest.approx(degrees, rel=1e-9) or degrees > 1e9


def test_the_combined_uncertainty_is_the_spread_of_a_monte_carlo_run() -> None:
    random = np.random.default_rng(4777)
    count = 2_000_000
    spread = sum(
        random.uniform(-half, half, count) for half in (0.415, 0.25, 0.05)
    ) + random.normal(0, sqrt(0.01581**2 + 0.01**2), count)
    assert threshold_budget().standard == pytest.approx(spread.std(), rel=1e-3)


def test_a_sensitivity_scales_its_line_whatever_its_sign() -> None:
    found = combine([BudgetLine("time", 0.01, "s", sensitivity=-4), BudgetLine("V", 0.03, "V")])
    assert found.standard == pytest.approx(0.05)


def test_expanded_is_the_factor_times_standard() -> None:
    found = trip_time_budget()
    assert found.expanded == found.coverage_factor * found.standard


def test_a_budget_without_any_doubt_expands_to_zero() -> None:
    found = combine([BudgetLine("exact", 0, "V", 3)])
    assert (found.standard, found.expanded) == (0, 0)
    assert isinf(found.degrees_of_freedom)


def test_tiny_uncertainties_keep_their_degrees_of_freedom() -> None:
    assert combine([BudgetLine("fine", 1e-100, "V", 7)]).degrees_of_freedom == pytest.approx(7)


def test_an_empty_budget_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one line"):
        combine([])


def test_the_scatter_of_one_value_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        repeats([1.62])


@pytest.mark.parametrize("bad", [nan, inf, -0.1])
def test_what_cannot_be_an_uncertainty_is_refused_by_name(bad: float) -> None:
    with pytest.raises(ValueError, match="clock: a standard uncertainty of"):
        BudgetLine("clock", bad, "s")


@pytest.mark.parametrize("bad", [nan, 0, 0.5, -3])
def test_less_than_one_degree_of_freedom_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="degrees of freedom"):
        BudgetLine("repeats", 0.1, "s", bad)
    with pytest.raises(ValueError, match="degrees of freedom"):
        coverage_factor(bad)


@pytest.mark.parametrize("bad", [nan, inf])
def test_a_sensitivity_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="sensitivity"):
        BudgetLine("wire", 0.1, "V", sensitivity=bad)
