"""Trouble with the bench is never a verdict on the inverter, and every run ends safe."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.evidence.journal import read_journal
from bench.paths import ROOT
from tests.end_to_end.command import bench, outcomes, results


def test_an_inverter_that_never_reaches_its_power_is_not_judged(tmp_path: Path) -> None:
    weak = ("--change", "response.active_gain=0.5")
    trial = "OV2-L1 and not value and not through"
    outcome = bench("run", *weak, "-k", trial, "--out", tmp_path / "run")
    assert outcome.code == 3
    assert outcomes(tmp_path / "run")["OV2"] == "invalid"
    [trial] = results(tmp_path / "run")["trials"]
    assert "NotSettled" in trial["reason"]
    assert re.search(r"delivers (4999|500[01]) W", trial["reason"])


def test_a_step_outside_the_envelope_is_not_applied_and_not_judged(tmp_path: Path) -> None:
    station = tmp_path / "low.toml"
    text = (ROOT / "profiles/stations/simulated.toml").read_text(encoding="utf-8")
    station.write_text(text.replace("voltage_max_v = 300.0", "voltage_max_v = 270.0"), "utf-8")
    outcome = bench("run", "--station", station, "-k", "L1", "--out", tmp_path / "run")
    assert outcome.code == 3
    found = outcomes(tmp_path / "run")
    assert found["OV1"] == "pass"
    assert found["OV2"] == "invalid"
    assert 260.0 < max(commanded_v(tmp_path / "run")) <= 270.0


def commanded_v(run: Path) -> list[float]:
    """Return every voltage the source was asked for."""
    lines = (run / "transcript.jsonl").read_text(encoding="utf-8").splitlines()
    requests = [line["request"] for line in map(json.loads, lines) if line["link"] == "ac_source"]
    levels = [found for text in requests for found in re.findall(r":VOLT ([\d.,]+)", text)]
    return [float(level) for text in levels for level in text.split(",")]


def started(directory: Path) -> subprocess.Popen[str]:
    """Start a campaign and return when its second trial has ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", "run", "--out", str(directory)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr
    for line in process.stderr:
        if line.startswith("[  2/"):
            break
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_an_interrupted_run_ends_safe_with_its_evidence(tmp_path: Path, number: int) -> None:
    with started(tmp_path / "run") as process:
        os.kill(process.pid, number)
        process.communicate(timeout=180)
    assert process.returncode == 130
    events = read_journal(tmp_path / "run" / "journal.jsonl")
    stops = [event for event in events if event["type"] in ("trial_started", "safe_state")]
    assert stops[-1]["type"] == "safe_state"
    assert stops[-1]["confirmed"] is True
    assert events[-1]["interrupted"] == "KeyboardInterrupt"
    document = results(tmp_path / "run")
    assert document["exit_code"] == 130
    assert document["complies"] is False


def test_what_a_killed_run_wrote_can_still_be_read(tmp_path: Path) -> None:
    with started(tmp_path / "run") as process:
        process.kill()
        process.communicate(timeout=180)
    assert bench("report", tmp_path / "run").code == 0
    document = results(tmp_path / "run")
    assert document["run"]["complete"] is False
    assert document["complies"] is False
    assert [trial["outcome"] for trial in document["trials"][:2]] == ["pass", "pass"]
    assert {trial["outcome"] for trial in document["trials"][2:]} <= {"pass", "invalid"}
