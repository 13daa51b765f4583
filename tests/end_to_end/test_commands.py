"""An inverter that does not take what it is told is trouble, never a verdict."""

from __future__ import annotations

from pathlib import Path

from bench.paths import DEFAULT_INVERTER
from tests.end_to_end.command import bench, results


def inverter(directory: Path, changes: str) -> Path:
    file = directory / "inverter.toml"
    file.write_text(DEFAULT_INVERTER.read_text(encoding="utf-8") + changes, encoding="utf-8")
    return file


def test_a_mode_that_stays_off_makes_its_trial_invalid(tmp_path: Path) -> None:
    file = inverter(tmp_path, '[simulated.communication.misreport]\nignored = ["704.PFWInjEna"]\n')
    out = tmp_path / "run"
    assert bench("run", "--inverter", file, "-k", "PF1", "--out", out).code == 3
    [trial] = results(out)["trials"]
    assert trial["outcome"] == "invalid"
    assert trial["verdicts"] == []
    assert "model 704: after 3 s these read back otherwise" in trial["reason"]
    assert "PFWInjEna was set to 1, reads 0" in trial["reason"]


def test_an_inverter_without_controls_is_not_tested_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "inverter.toml"
    options = "\nregisters = ["
    text = DEFAULT_INVERTER.read_text(encoding="utf-8")
    without = f'\nwithout = ["704", "123"]{options}'
    file.write_text(text.replace(options, without), encoding="utf-8")
    outcome = bench("run", "--inverter", file, "-k", "PF1", "--out", tmp_path / "run")
    row = next(row for row in results(tmp_path / "run")["requirements"] if row["id"] == "PF1")
    assert outcome.code == 3
    assert row["outcome"] == "not tested"
    assert "offers no fixed power factor" in row["reason"]
