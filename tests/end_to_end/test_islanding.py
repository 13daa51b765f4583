"""An islanding test as a user sees it: map, residual, and what a station without the instruments is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.evidence.islanding_map import load_map
from bench.paths import DEFAULT_STATION
from tests.end_to_end.command import bench, outcomes, results, transcript

WORDS = "it takes a tunable load and a PV source, and plain.toml has no tables [islanding_load] and [pv_source]"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Conditions A and C on the reference inverter."""
    directory = tmp_path_factory.mktemp("islanding") / "run"
    assert bench("run", "-k", "AI2 or AI4", "--out", directory).code == 0
    return directory


@pytest.fixture(scope="module")
def without_load(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station that has neither load nor PV source."""
    file = tmp_path_factory.mktemp("station") / "plain.toml"
    text = DEFAULT_STATION.read_text(encoding="utf-8")
    head, rest = text.split("[islanding_load]")
    file.write_text(head + rest[rest.index("[inverter]") :], encoding="utf-8")
    return file


def test_the_map_is_in_the_evidence_and_in_the_report(run: Path) -> None:
    trial = next(t for t in results(run)["trials"] if "AI2" in t["requirements"])
    [table] = [file["path"] for file in trial["files"] if file["kind"] == "table"]
    assert len(load_map(run / table)) == 5
    assert "run-on time over the offsets of the load" in (run / "report.html").read_text("utf-8")


def test_the_longest_island_is_judged_and_every_one_is_measured(run: Path) -> None:
    trial = next(t for t in results(run)["trials"] if "AI2" in t["requirements"])
    [verdict] = trial["verdicts"]
    times = [float(item["value"]) for item in trial["measurements"]]
    assert len(times) == 5
    assert float(verdict["measurement"]["value"]) == max(times)
    assert "at P +0 %, Q -5 %" in verdict["measurement"]["measurand"]


def test_the_residual_is_below_a_percent_of_rated_current(run: Path) -> None:
    for table in (run / "readings").glob("*.map.csv"):
        lines = table.read_text(encoding="utf-8").splitlines()
        column = lines[0].split(",").index("residual_pct")
        assert max(float(line.split(",")[column]) for line in lines[1:]) < 1.0


def test_the_run_ends_with_load_and_pv_source_off(run: Path) -> None:
    text = transcript(run)
    for words in (":FUNC:SLOAD OFF", ":OUTP OFF"):
        assert words in text[-6000:]


def test_a_station_without_the_instruments_tests_the_opening_alone(
    without_load: Path, tmp_path: Path
) -> None:
    outcome = bench("run", "-k", "islanding", "--station", without_load, "--out", tmp_path / "run")
    assert outcome.code == 0, outcome.err
    found = outcomes(tmp_path / "run")
    assert (found["AI1"], found["AI2"], found["AI4"]) == ("pass", "not tested", "not tested")
    reasons = {row["id"]: row["reason"] for row in results(tmp_path / "run")["requirements"]}
    assert reasons["AI2"] == WORDS


def test_the_plan_says_what_the_station_lacks(without_load: Path) -> None:
    outcome = bench("plan", "-k", "islanding", "--station", without_load)
    [line] = [line for line in outcome.out.splitlines() if line.startswith("  AI3")]
    assert WORDS in line
