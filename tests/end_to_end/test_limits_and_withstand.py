"""Trip values, riding through and withstand, through the whole bench."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.paths import INVERTERS
from tests.end_to_end.command import bench, outcomes, results

REFERENCE = (INVERTERS / "reference_10kva.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def single_phase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of these procedures on an inverter with one phase."""
    directory = tmp_path_factory.mktemp("single")
    file = directory / "single_phase.toml"
    text = REFERENCE.replace("phases = 3", "phases = 1").replace("10000.0", "5000.0")
    file.write_text(text + "pv_power_w = 5000.0\n", encoding="utf-8")
    selected = "OV1 or OV2 or withstand"
    outcome = bench("run", "--inverter", file, "-k", selected, "--out", directory / "run")
    assert outcome.code == 0, outcome.out
    return directory / "run"


def trials(run: Path, procedure: str) -> list[dict[str, Any]]:
    return [row for row in results(run)["trials"] if row["procedure"].startswith(procedure)]


def test_an_inverter_with_one_phase_is_tested_on_that_phase_alone(single_phase: Path) -> None:
    phases = {
        row["conditions"].get("phases", "all") for row in trials(single_phase, "test_voltage")
    }
    assert phases == {"L1"}
    assert outcomes(single_phase)["DW2"] == "pass"
    [jump] = trials(single_phase, "test_phase_jump_withstand")
    assert "jump of 60 deg on L1" in jump["verdicts"][0]["limit"]["quantity"]


def test_each_verdict_names_the_phase_and_what_it_went_through(single_phase: Path) -> None:
    [value] = [row for row in trials(single_phase, "test_voltage_trip_value") if "OV1" in row["id"]]
    [ride] = [
        row for row in trials(single_phase, "test_voltage_ride_through") if "OV1" in row["id"]
    ]
    assert [v["limit"]["quantity"] for v in value["verdicts"]] == ["trip value of L1"]
    assert [v["limit"]["quantity"] for v in ride["verdicts"]] == [
        "connected through 0.9 s at 267.8 V, then 6 s at 262.2 V on L1"
    ]


def test_a_trip_value_is_known_to_half_a_stair(single_phase: Path) -> None:
    [value] = [row for row in trials(single_phase, "test_voltage_trip_value") if "OV2" in row["id"]]
    measurement = value["verdicts"][0]["measurement"]
    assert float(measurement["value"]) == pytest.approx(275.0, abs=0.6)
    assert 0.2 < float(measurement["expanded_uncertainty"]) < 0.5


def test_each_of_these_trials_has_a_plot(single_phase: Path) -> None:
    assert [row["id"] for row in results(single_phase)["trials"] if not row["plots"]] == []
