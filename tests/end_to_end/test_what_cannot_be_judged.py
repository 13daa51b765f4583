"""A station that cannot judge says so before the run, and its verdicts are neither pass nor fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.paths import DEFAULT_STATION, INSTRUMENTS
from tests.end_to_end.command import bench, outcomes, results

COARSE = "analyser, voltage, stimulus"
OVERDUE = """[power_analyser.calibration]
certificate = "2024-0815"
issuer = "Any Laboratory"
calibrated = 2024-03-01
due = 2025-02-28

[contactor]"""


def station(directory: Path, old: str, new: str) -> Path:
    text = DEFAULT_STATION.read_text(encoding="utf-8")
    assert old in text
    file = directory / "station.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


@pytest.fixture
def coarse_station(tmp_path: Path) -> Path:
    """A station whose analyser is good for 0.3 V only."""
    text = (INSTRUMENTS / "zes_lmg671.toml").read_text(encoding="utf-8")
    coarse = text.replace("0.015 % rdg + 0.01 % rng", "0.3 V", 1)
    (tmp_path / "coarse.toml").write_text(coarse, encoding="utf-8")
    return station(tmp_path, '"zes_lmg671"', '"coarse.toml"')


def test_a_coarse_analyser_is_announced_and_its_verdict_is_inconclusive(
    coarse_station: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = bench("run", "--station", coarse_station, "-k", "volt_watt", "--out", out)
    assert done.code == 3
    assert done.err.splitlines()[0].startswith("! VW1 deviation cannot be judged: U is expected")
    assert outcomes(out)["VW1"] == "inconclusive"
    assert [note for note in results(out)["notes"] if COARSE in note]


def test_a_rule_agreed_for_the_run_decides_it_and_stands_in_the_results(tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = ("--decision-rule", "four bands", "-k", "voltage_trip and OV2 and L1")
    done = bench("run", *arguments, "--out", out)
    assert done.code == 0, done.err
    assert results(out)["run"]["decision_rule"]["id"] == "four bands"
    assert results(out)["trials"][0]["verdicts"][0]["rule"] == "four bands"


def test_the_plan_announces_it_too(coarse_station: Path) -> None:
    done = bench("plan", "--station", coarse_station, "-k", "volt_watt")
    assert "Cannot be judged with this station:" in done.out
    assert COARSE in done.out


def test_an_overdue_analyser_makes_every_verdict_invalid(tmp_path: Path) -> None:
    out, file = tmp_path / "run", station(tmp_path, "[contactor]", OVERDUE)
    done = bench("run", "--station", file, "-k", "voltage_trip and OV2", "--out", out)
    assert done.code == 3
    assert done.err.startswith("! power analyser: calibration 2024-0815 was due on 2025-02-28")
    assert outcomes(out)["OV2"] == "invalid"
    verdict = results(out)["trials"][0]["verdicts"][0]
    assert verdict["reasons"] == ["power analyser: calibration 2024-0815 was due on 2025-02-28"]
    assert "2024-0815 (Any Laboratory)" in (out / "report.html").read_text(encoding="utf-8")
