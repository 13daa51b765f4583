"""A simulated inverter changed from the command line, and a run without views."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.paths import DEFAULT_STATION
from tests.end_to_end.command import bench, outcomes, results, transcript

SHORT = ("-k", "OV2-L1 and not value and not through", "--no-views")


def test_a_changed_parameter_is_that_of_the_inverter_under_test(tmp_path: Path) -> None:
    change = "settings.trips.OV2.delay_s=0.5"
    outcome = bench("run", *SHORT, "--change", change, "--out", tmp_path / "run")
    assert outcome.code == 1
    assert outcomes(tmp_path / "run")["OV2"] == "fail"
    [trial] = results(tmp_path / "run")["trials"]
    assert float(trial["verdicts"][0]["measurement"]["value"]) == pytest.approx(0.52, abs=0.02)


def test_a_run_without_views_leaves_evidence_that_can_be_drawn_later(tmp_path: Path) -> None:
    outcome = bench("run", *SHORT, "--out", tmp_path / "run")
    assert outcome.code == 0
    assert not (tmp_path / "run/report.html").exists()
    assert "results.json" in outcome.out
    assert bench("report", tmp_path / "run").code == 0
    assert (tmp_path / "run/report.html").exists()


def test_another_seed_makes_another_laboratory(tmp_path: Path) -> None:
    for seed in ("7", "8"):
        bench("run", *SHORT, "--seed", seed, "--out", tmp_path / seed)
    assert results(tmp_path / "7")["run"]["seed"] == 7
    assert transcript(tmp_path / "7") != transcript(tmp_path / "8")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--change", "foo.bar=1"), "no 'foo'"),
        (("--change", "relay_open_s"), "expected path=value"),
        (("--change", "relay_open_s=fast"), "is no TOML value"),
    ],
)
def test_a_change_that_cannot_be_made_is_a_usage_error(
    option: tuple[str, str], said: str, tmp_path: Path
) -> None:
    outcome = bench("run", *SHORT, *option, "--out", tmp_path / "run")
    assert outcome.code == 2
    assert said in outcome.err
    assert not (tmp_path / "run").exists()


def test_a_real_station_takes_neither_seed_nor_change(tmp_path: Path) -> None:
    text = DEFAULT_STATION.read_text(encoding="utf-8")
    before, rest = text.split("[simulated]")
    station = tmp_path / "real.toml"
    real = before + "[envelope]" + rest.split("[envelope]")[1]
    station.write_text(real.replace('"simulated"', '"tcp://127.0.0.1:9"'), encoding="utf-8")
    for option in (("--seed", "3"), ("--change", "relay_open_s=0.1")):
        outcome = bench("run", *SHORT, *option, "--station", station, "--out", tmp_path / "run")
        assert outcome.code == 2
        assert option[0] in outcome.err
        assert "not simulated" in outcome.err
