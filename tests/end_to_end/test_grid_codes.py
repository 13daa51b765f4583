"""Regions, distributors and the plan on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.grid_code_files import STATED, distributor, overlay
from tests.end_to_end.command import bench, outcomes, results

STEP = "OV2-all and not value and not through"
SHORT = f"AI1 or {STEP}"


@pytest.mark.parametrize("region", ["B", "C", "NZ"])
def test_the_reference_inverter_complies_in_every_region(region: str, tmp_path: Path) -> None:
    outcome = bench("run", "--grid-code", region, "-k", SHORT, "--out", tmp_path / "run")
    assert outcome.code == 0, outcome.err
    assert results(tmp_path / "run")["run"]["grid_code"]["id"].endswith(f" {region}")
    assert outcomes(tmp_path / "run")["AI1"] == "pass"


def test_the_whole_campaign_of_australia_b_complies(tmp_path: Path) -> None:
    outcome = bench("run", "--no-views", "--grid-code", "B", "--out", tmp_path / "run")
    assert outcome.code == 0, outcome.err
    assert outcome.out.count(" pass ") >= 6


def test_results_and_report_say_what_the_distributor_set_and_why(tmp_path: Path) -> None:
    profile = distributor(tmp_path, "[set_points.SV1]\nlimit_v = 251.0\n")
    own = overlay(tmp_path, f"[override.AI1]\nrun_on_max_s = {{ value = 2.0, {STATED} }}\n")
    outcome = bench(
        "run", "--distributor", profile, "--overlay", own, "-k", "AI1", "--out", tmp_path / "run"
    )
    assert outcome.code == 0, outcome.err
    assert "“Hosting”, Net Ltd, 2026-10-30" in outcome.out
    document = results(tmp_path / "run")
    layers = document["run"]["grid_code"]["layers"]
    assert [layer["kind"] for layer in layers] == ["grid code", "overlay", "distributor"]
    stated = {row["id"]: row["limits"] for row in document["requirements"]}
    assert stated["SV1"][0]["value"] == "251.0"
    assert "Hosting" in stated["SV1"][0]["source"]
    verdict = document["trials"][0]["verdicts"][0]
    assert verdict["limit"]["status"] == "confirmed"
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    for text in ("Hosting", "Net Ltd", "2026-10-30", "258.0 V", "Laboratory 2"):
        assert text in page


@pytest.mark.parametrize("command", ["run", "plan"])
def test_a_set_point_outside_its_range_is_refused_on_one_screen(
    command: str, tmp_path: Path
) -> None:
    profile = distributor(tmp_path, "[set_points.SV1]\nlimit_v = 259.0\n")
    outcome = bench(command, "--distributor", profile, "--out", tmp_path / "run")
    assert outcome.code == 2
    assert "259.0 V is outside the allowed range 244.0 … 258.0 V" in outcome.err
    assert len(outcome.err.splitlines()) <= 5
    assert not (tmp_path / "run").exists()


def test_the_plan_takes_as_long_as_the_run(tmp_path: Path) -> None:
    planned = json.loads(bench("plan", "--json", "-k", SHORT).out)
    assert bench("run", "-k", SHORT, "--out", tmp_path / "run").code == 0
    document = results(tmp_path / "run")
    names = [trial["name"] for trial in planned["trials"]]
    assert names == [trial["procedure"].removeprefix("test_") for trial in document["trials"]]
    took_s = document["run"]["bench_duration_s"]
    assert planned["duration_s"] == pytest.approx(took_s, rel=0.03)


def test_every_procedure_has_described_its_course() -> None:
    planned = json.loads(bench("plan", "--json").out)
    unknown = [trial["name"] for trial in planned["trials"] if not trial["duration_complete"]]
    assert planned["trials"]
    assert unknown == []


def test_the_plan_applies_what_the_run_applies(tmp_path: Path) -> None:
    planned = json.loads(bench("plan", "--json", "-k", STEP).out)
    bench("run", "-k", STEP, "--out", tmp_path / "run")
    (trial,) = results(tmp_path / "run")["trials"]
    (stimulus,) = trial["stimuli"]
    assert planned["trials"][0]["stages"][-1]["steps"] == stimulus["steps"]


def test_the_plan_shows_clauses_durations_and_what_is_missing(tmp_path: Path) -> None:
    outcome = bench("plan", "-k", "OV1-L2 and not value and not through", "--out", tmp_path / "run")
    assert outcome.code == 0
    for text in ("voltage_trip[OV1-L2-run1]", "Table 4.1", "267.8", "0 h 07 min", "Not tested:"):
        assert text in outcome.out
    assert not (tmp_path / "run").exists()


def test_a_plan_without_trials_is_refused() -> None:
    outcome = bench("plan", "-k", "nonsense")
    assert outcome.code == 2
    assert "nonsense" in outcome.err
