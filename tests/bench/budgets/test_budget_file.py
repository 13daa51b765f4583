"""Budget files: what is refused says file, table and key; the shipped ones are in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.budgets import load_budgets
from bench.paths import ROOT
from instruments.errors import ConfigurationError

SHIPPED = sorted((ROOT / "profiles" / "instruments").glob("*.toml"))
SETTINGS = {"voltage_range_v": 400.0, "current_range_a": 40.0}
GOOD = """
[instrument]
maker = "ZES"
model = "LMG671"

[voltage]
range = "voltage_range_v"

[[voltage.source]]
name = "gain"
half_width = "0.1 % rdg + 0.05 % rng"
distribution = "rectangular"
provenance = "data sheet, page 7"
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "analyser.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "table", "says"),
    [
        ("0.1 % rdg + 0.05 % rng", "0.1 % rdg +", "voltage.source[0]", "half_width"),
        ("0.1 % rdg + 0.05 % rng", "0.1 %", "voltage.source[0]", "is in 1, expected V"),
        ("0.1 % rdg + 0.05 % rng", "0.1 % reading", "voltage.source[0]", "'reading' is neither"),
        ('"0.1 % rdg + 0.05 % rng"', "0.415", "voltage.source[0]", "half_width = 0.415"),
        ('"rectangular"', '"flat"', "voltage.source[0]", "distribution = 'flat'"),
        ('"rectangular"', '"normal"', "voltage.source[0]", "coverage_factor"),
        ('"rectangular"', '"normal"\ncoverage_factor = 0', "voltage.source[0]", "above 0"),
        ('"rectangular"', '"trapezoidal"\ntop_share = 2', "voltage.source[0]", "between 0 and 1"),
        ('"rectangular"', '"rectangular"\ntop_share = 0.5', "voltage.source[0]", "means nothing"),
        ('"data sheet, page 7"', '" "', "voltage.source[0]", "not empty"),
        ("provenance =", "correlation = 1.5\nprovenance =", "voltage.source[0]", "0 to 1"),
        ("provenance =", "degrees_of_freedom = 0\nprovenance =", "voltage.source[0]", "1 or more"),
        ("provenance =", "dof = 4\nprovenance =", "voltage.source[0]", "unknown key 'dof'"),
        ("voltage_range_v", "range_v", "voltage", "range = 'range_v'"),
        ('"voltage_range_v"', '"current_range_a"', "voltage", "is in A, expected V"),
        ('"voltage_range_v"', '"0 V"', "voltage", "expected more than 0"),
        ("[voltage]", "[volts]\n[voltage]", "", "unknown key 'volts'"),
        ('model = "LMG671"', "", "instrument", "'model' is missing"),
        ("[[voltage.source]]", "[[voltage.sources]]", "voltage", "unknown key 'sources'"),
    ],
)
def test_a_mistake_is_refused_by_file_table_and_key(
    old: str, new: str, table: str, says: str, tmp_path: Path
) -> None:
    assert GOOD.count(old) >= 1
    file = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ConfigurationError) as refused:
        load_budgets(file, SETTINGS)
    where = f"table [{table}]" if table else "top level"
    assert str(refused.value).startswith(f"{file}: {where}: ")
    assert says in str(refused.value)


def test_a_table_without_a_source_is_refused(tmp_path: Path) -> None:
    text = GOOD.partition("[[voltage.source]]")[0]
    with pytest.raises(ConfigurationError, match="'source' is missing"):
        load_budgets(written(tmp_path, text), SETTINGS)


def test_a_line_says_what_its_row_said(tmp_path: Path) -> None:
    (line,) = load_budgets(written(tmp_path, GOOD), SETTINGS).of("voltage").lines(-200.0)
    assert (line.source, line.unit) == ("gain", "V")
    assert (line.distribution, line.provenance) == ("rectangular", "data sheet, page 7")
    assert line.standard_uncertainty * 3**0.5 == pytest.approx(0.2 + 0.2)


def test_a_sensitivity_turns_another_quantity_into_the_one_judged(tmp_path: Path) -> None:
    source = (
        '\n[[threshold_voltage.source]]\nname = "delay"\nhalf_width = "20 ms"\nsensitivity = "rate"\n'
        'distribution = "rectangular"\nprovenance = "method"\n'
    )
    stated = load_budgets(written(tmp_path, GOOD + source), SETTINGS).of("threshold_voltage")
    (line,) = stated.lines(265.0, rate=0.5)
    assert (line.unit, line.sensitivity) == ("s", 0.5)
    assert line.contribution * 3**0.5 == pytest.approx(0.01)


def test_a_quantity_without_a_table_cannot_be_judged(tmp_path: Path) -> None:
    budgets = load_budgets(written(tmp_path, GOOD), SETTINGS)
    with pytest.raises(ConfigurationError, match=r"no table \[active_power\].*There are voltage"):
        budgets.of("active_power")


def test_a_condition_that_was_not_given_names_file_table_and_source(tmp_path: Path) -> None:
    text = GOOD.replace("0.1 % rdg + 0.05 % rng", "1 mV frequency / (50 Hz)")
    stated = load_budgets(written(tmp_path, text), SETTINGS).of("voltage")
    with pytest.raises(
        ConfigurationError, match=r"analyser.toml: table \[voltage\]: source 'gain'"
    ):
        stated.lines(230.0)


def test_a_setting_without_a_unit_in_its_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ends in its unit"):
        load_budgets(written(tmp_path, GOOD), {"range": 400.0})


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_file_gives_an_uncertainty_for_every_quantity_it_states(file: Path) -> None:
    for stated in load_budgets(file, SETTINGS).quantities.values():
        lines = stated.lines(100.0, apparent_power=150.0, power_factor=0.8, frequency=50.0)
        assert all(line.contribution > 0 for line in lines)


def test_one_limit_of_error_is_its_own_half_width(tmp_path: Path) -> None:
    stated = load_budgets(written(tmp_path, GOOD), SETTINGS).of("voltage")
    assert stated.half_width(200.0) == pytest.approx(0.2 + 0.2)
