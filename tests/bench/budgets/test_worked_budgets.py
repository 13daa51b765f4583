"""Three worked budgets to every digit, against an independent library and a Monte Carlo run."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import GTC
import numpy as np
import pytest

from bench.budgets import QuantityBudget, load_budgets
from bench.paths import ROOT
from bench.verdicts.uncertainty import BudgetLine, combine, scatter

INSTRUMENTS = ROOT / "profiles" / "instruments"
MILLISECOND = 1e-3
THRESHOLD = """
[instrument]
maker = "any"
model = "any"

[threshold_voltage]
range = "voltage_range_v"

[[threshold_voltage.source]]
name = "analyser"
half_width = "0.415 V"
distribution = "rectangular"
provenance = "data sheet: 0.1 % rdg + 0.05 % rng"

[[threshold_voltage.source]]
name = "step"
half_width = "step / 2"
distribution = "rectangular"
provenance = "method"

[[threshold_voltage.source]]
name = "wire"
half_width = "0.05 V"
distribution = "rectangular"
provenance = "measured once"

[[threshold_voltage.source]]
name = "certificate"
half_width = "0.02 V"
distribution = "normal"
coverage_factor = 2.0
degrees_of_freedom = 60
provenance = "certificate 1"
"""
TRIP_TIME = """
[instrument]
maker = "any"
model = "any"

[[duration.source]]
name = "detection"
half_width = "5 ms"
distribution = "rectangular"
provenance = "method"

[[duration.source]]
name = "start"
half_width = "0.5 ms"
distribution = "rectangular"
provenance = "method"

[[duration.source]]
name = "clock"
half_width = "50 ppm rdg"
distribution = "rectangular"
provenance = "data sheet"

[[duration.source]]
name = "sample interval"
half_width = "1 / (2 sample_rate)"
distribution = "rectangular"
provenance = "method"
"""
TRIP_TIMES_S = (1.620, 1.612, 1.628, 1.618, 1.622)
THRESHOLDS_V = (264.70, 264.80, 264.75, 264.75, 264.75)


def budget(tmp_path: Path, text: str, quantity: str, **settings: float) -> QuantityBudget:
    file = tmp_path / "instrument.toml"
    file.write_text(text, encoding="utf-8")
    return load_budgets(file, settings).of(quantity)


def threshold_lines(tmp_path: Path, step: float = 0.5) -> Sequence[BudgetLine]:
    stated = budget(tmp_path, THRESHOLD, "threshold_voltage", voltage_range_v=300.0)
    return [*stated.lines(264.75, step=step), scatter(THRESHOLDS_V, "V")]


def trip_time_lines(tmp_path: Path) -> Sequence[BudgetLine]:
    stated = budget(tmp_path, TRIP_TIME, "duration")
    return [*stated.lines(1.62, sample_rate=1e4), scatter(TRIP_TIMES_S, "s")]


def test_the_threshold_budget_has_the_lines_of_the_worked_example(tmp_path: Path) -> None:
    found = {line.source: f"{line.standard_uncertainty:.5f}" for line in threshold_lines(tmp_path)}
    assert found == {
        "analyser": "0.23960",
        "step": "0.14434",
        "wire": "0.02887",
        "certificate": "0.01000",
        "scatter of 5 values": "0.01581",
    }


def test_the_analysers_formula_gives_the_half_width_of_the_worked_example(tmp_path: Path) -> None:
    text = THRESHOLD.replace("0.415 V", "0.1 % rdg + 0.05 % rng")
    stated = budget(tmp_path, text, "threshold_voltage", voltage_range_v=300.0)
    half_width_v = sqrt(3) * stated.lines(264.75, step=0.5)[0].standard_uncertainty
    assert half_width_v == pytest.approx(0.264750 + 0.15)


def test_the_threshold_budget_adds_up_to_the_worked_example(tmp_path: Path) -> None:
    found = combine(threshold_lines(tmp_path))
    assert f"{found.standard:.6f}" == "0.281824"
    assert f"{found.degrees_of_freedom:.0f}" == "399472"
    assert f"{found.coverage_factor:.5f}" == "1.95997"
    assert f"{found.expanded:.4f}" == "0.5524"
    assert f"{2 * found.standard:.4f}" == "0.5636"


def test_smaller_steps_and_a_better_analyser_give_the_worked_examples_figures(
    tmp_path: Path,
) -> None:
    fine = THRESHOLD.replace("0.415 V", "0.01 % rdg + 0.03 % rng")
    stated = budget(tmp_path, fine, "threshold_voltage", voltage_range_v=300.0)
    better = combine([*stated.lines(264.75, step=0.1), scatter(THRESHOLDS_V, "V")])
    assert f"{combine(threshold_lines(tmp_path, step=0.1)).standard:.4f}" == "0.2438"
    assert f"{better.standard:.4f}" == "0.0809"


def test_the_trip_time_budget_adds_up_to_the_worked_example(tmp_path: Path) -> None:
    lines = trip_time_lines(tmp_path)
    found = combine(lines)
    in_ms = [f"{line.standard_uncertainty / MILLISECOND:.4f}" for line in lines]
    assert in_ms == ["2.8868", "0.2887", "0.0468", "0.0289", "2.6077"]
    assert f"{found.standard / MILLISECOND:.5f}" == "3.90124"
    assert f"{found.degrees_of_freedom:.4f}" == "20.0380"
    assert f"{found.coverage_factor:.5f}" == "2.08571"
    assert f"{found.expanded / MILLISECOND:.5f}" == "8.13686"
    assert f"{2 * found.standard / MILLISECOND:.2f}" == "7.80"


def wt300e(quantity: str) -> QuantityBudget:
    """The analyser of the worked power budget: 300 V and 20 A, 6 kVA."""
    file = INSTRUMENTS / "yokogawa_wt300e.toml"
    return load_budgets(file, {"voltage_range_v": 300.0, "current_range_a": 20.0}).of(quantity)


def test_the_power_budget_adds_up_to_the_worked_example() -> None:
    found = combine(wt300e("active_power").lines(4000.0, apparent_power=5000.0, power_factor=0.8))
    assert f"{found.standard * sqrt(3):.2f}" == "9.40"
    assert f"{found.standard:.3f}" == "5.427"
    assert f"{2 * found.standard:.2f}" == "10.85"


@pytest.mark.parametrize(
    ("power_factor", "share"), [(0.8, "0.033"), (0.95, "0.064"), (0.99, "0.141"), (1.0, "2.000")]
)
def test_the_reactive_power_term_grows_towards_unity_power_factor(
    power_factor: float, share: str
) -> None:
    lines = wt300e("reactive_power").lines(0.0, apparent_power=5000.0, power_factor=power_factor)
    term = next(line for line in lines if line.source == "analyser, Q from S and P")
    assert f"{100 * term.standard_uncertainty * sqrt(3) / 6000:.3f}" == share


def test_at_unity_power_factor_little_is_left_of_the_tolerance_for_reactive_power() -> None:
    lines = wt300e("reactive_power").lines(0.0, apparent_power=5000.0, power_factor=1.0)
    term = next(line for line in lines if line.source == "analyser, Q from S and P")
    expanded_var = 2 * combine([term]).standard
    assert f"{expanded_var:.0f}" == "139"
    assert f"{0.04 * 5000 - expanded_var:.0f}" == "61"


@pytest.mark.parametrize("lines_of", [threshold_lines, trip_time_lines])
def test_a_budget_from_a_file_agrees_with_an_independent_library(
    lines_of: object, tmp_path: Path
) -> None:
    assert callable(lines_of)
    lines = lines_of(tmp_path)
    oracle = sum(
        line.sensitivity * GTC.ureal(0, line.standard_uncertainty, line.degrees_of_freedom)
        for line in lines
    )
    found = combine(lines)
    assert found.standard == pytest.approx(GTC.uncertainty(oracle), rel=1e-12)
    assert found.degrees_of_freedom == pytest.approx(GTC.dof(oracle), rel=1e-9)
    # from 1e5 degrees of freedom the library takes the normal distribution
    k = GTC.reporting.k_factor(GTC.dof(oracle))
    assert found.coverage_factor == pytest.approx(k, rel=1e-9 if GTC.dof(oracle) < 1e5 else 1e-5)


COUNT = 4_000_000
DRAWS = {
    "standard": lambda random: random.normal(0, 1, COUNT),
    "normal": lambda random: random.normal(0, 0.5, COUNT),
    "rectangular": lambda random: random.uniform(-1, 1, COUNT),
    "triangular": lambda random: random.triangular(-1, 0, 1, COUNT),
    "arcsine": lambda random: np.sin(random.uniform(-np.pi, np.pi, COUNT)),
    "two-point": lambda random: random.choice([-1.0, 1.0], COUNT),
    # the sum of two rectangles of half-widths 0.7 and 0.3 is a trapezium with a top of 0.4
    "trapezoidal": lambda random: (
        random.uniform(-0.7, 0.7, COUNT) + random.uniform(-0.3, 0.3, COUNT)
    ),
}
PARAMETERS = {"normal": "coverage_factor = 2.0", "trapezoidal": "top_share = 0.4"}


@pytest.mark.parametrize("distribution", DRAWS)
def test_a_distribution_spreads_as_its_draws_do(distribution: str, tmp_path: Path) -> None:
    text = f"""
[instrument]
maker = "any"
model = "any"

[[voltage.source]]
name = "one"
half_width = "1 V"
distribution = "{distribution}"
{PARAMETERS.get(distribution, "")}
provenance = "any"
"""
    found = combine(budget(tmp_path, text, "voltage").lines(230.0)).standard
    draws = DRAWS[distribution](np.random.default_rng(98))
    assert found == pytest.approx(float(draws.std()), rel=1e-3)


@pytest.mark.soak
def test_both_worked_budgets_spread_as_a_long_monte_carlo_run_does(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    for lines in (threshold_lines(tmp_path), trip_time_lines(tmp_path)):
        total = np.zeros(20_000_000)
        for line in lines:
            half = sqrt(3) * line.standard_uncertainty
            rectangular = line.distribution == "rectangular"
            total += (
                random.uniform(-half, half, total.size)
                if rectangular
                else random.normal(0, line.standard_uncertainty, total.size)
            )
        assert combine(lines).standard == pytest.approx(float(total.std()), rel=1e-3)
