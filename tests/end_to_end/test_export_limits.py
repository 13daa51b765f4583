"""Export limits as a user runs them: regimes, meters, and what a station or an inverter lacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.paths import DEFAULT_INVERTER, DEFAULT_STATION, INSTRUMENTS
from tests.end_to_end.command import bench, outcomes, results

QUICK = "EXL-DY-03"


def station(directory: Path, *changes: tuple[str, str]) -> Path:
    """Write the simulated station with something replaced."""
    text = DEFAULT_STATION.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = directory / "station.toml"
    file.write_text(text, encoding="utf-8")
    return file


def reasons(directory: Path) -> dict[str, Any]:
    return {row["id"]: row["reason"] for row in results(directory)["requirements"]}


def test_a_regime_is_tested_shown_and_judged_again_alike(tmp_path: Path) -> None:
    run = tmp_path / "run"
    done = bench(
        "run", "--export-limits", "new_zealand_dynamic", "-k", f"{QUICK} or EL2", "--out", run
    )
    assert done.code == 0, done.err
    found = outcomes(run)
    assert (found[QUICK], found["EL2"], found["EXL-DY-01"]) == ("pass", "pass", "not tested")
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "power into the grid in W" in page
    again = bench("rejudge", run, "--no-views", "--out", tmp_path / "again")
    assert again.code == 0, again.err
    assert "every verdict is the same" in again.out


def test_the_grid_code_of_new_zealand_names_its_regime() -> None:
    planned = json.loads(bench("plan", "--grid-code", "NZ", "-k", "EXL", "--json").out)
    assert len(planned["trials"]) == 12  # 45 kW does not concern a 10 kVA inverter
    without = bench("plan", "--grid-code", "NZ", "--export-limits", "none", "-k", "EXL")
    assert without.code == 2


def test_a_regime_that_does_not_exist_is_a_usage_error() -> None:
    done = bench("plan", "--export-limits", "atlantis")
    assert done.code == 2
    assert "new_zealand_dynamic" in done.err


def test_meters_that_disagree_make_a_trial_invalid(tmp_path: Path) -> None:
    turned = ('model = "SDM630"', 'model = "SDM630"\noptions = { positive = "export" }')
    run = tmp_path / "run"
    bench("run", "--station", station(tmp_path, turned), "-k", "EL1", "--no-views", "--out", run)
    assert outcomes(run)["EL1"] == "invalid"
    [trial] = results(run)["trials"]
    assert "disagree" in trial["reason"]


@pytest.mark.parametrize(("share", "expected"), [("0.2", "pass"), ("1", "inconclusive")])
def test_a_modbus_meter_alone_is_enough_if_it_is_good_enough(
    share: str, expected: str, tmp_path: Path
) -> None:
    budget = (INSTRUMENTS / "energy_meter_class_b.toml").read_text(encoding="utf-8")
    own = budget.replace("1 % rdg", f"{share} % rdg")
    (tmp_path / "own_meter.toml").write_text(own, encoding="utf-8")
    swapped = (
        'driver = "power_analyser"    # channels 4 to 6 of the analyser',
        'driver = "instruments.site_meters.sunspec_meter:SunSpecMeter"\nuncertainty = "own_meter"',
    )
    run = tmp_path / "run"
    bench("run", "--station", station(tmp_path, swapped), "-k", "EL1", "--no-views", "--out", run)
    assert outcomes(run)["EL1"] == expected


def test_without_a_meter_at_the_connection_point_export_is_not_tested(tmp_path: Path) -> None:
    text = DEFAULT_STATION.read_text(encoding="utf-8")
    before, _, after = text.partition("[site_meter]")
    file = tmp_path / "station.toml"
    file.write_text(before + after[after.index("[check_meter]") :], encoding="utf-8")
    run = tmp_path / "run"
    bench("run", "--station", file, "-k", "EL or GL2", "--no-views", "--out", run)
    assert (outcomes(run)["EL1"], outcomes(run)["GL2"]) == ("not tested", "pass")
    assert "[site_meter]" in reasons(run)["EL1"]


def test_an_inverter_without_registers_for_it_is_not_tested(tmp_path: Path) -> None:
    text = DEFAULT_INVERTER.read_text(encoding="utf-8")
    start = text.index("limits = {")
    file = tmp_path / "inverter.toml"
    file.write_text(text[:start] + text[text.index("\n", start) + 1 :], encoding="utf-8")
    planned = bench("plan", "--inverter", file, "-k", "OV1-L1")
    assert "gives the bench no way to command: limit of export" in planned.out
