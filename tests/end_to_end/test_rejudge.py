"""A run is judged again from its evidence alone: the same verdicts, or others for a reason that is said."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bench.evidence.journal import read_journal
from bench.paths import ROOT
from reports.results import build_results
from tests.end_to_end.command import Outcome, bench, outcomes, results, run

TRIALS = "(OV1 and L1) or FW1 or AI1 or GL1 or ST1"
WITHOUT_SOCKETS = """
import sys

def refuse(event, arguments):
    if event.startswith("socket."):
        raise RuntimeError(f"{event} {arguments}")

sys.addaudithook(refuse)
from bench.cli import main
main(sys.argv[1:])
"""
OVERLAY = """
[overlay]
title = "a laboratory's copy"
region = "A"

[override.OV1]
{}
"""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run for all tests of this file; none of them changes it."""
    directory = tmp_path_factory.mktemp("stored") / "run"
    outcome = bench("run", "--no-views", "--seed", "2", "-k", TRIALS, "--out", directory)
    assert outcome.code == 0, outcome.err
    return directory


@pytest.fixture
def copy(stored: Path, tmp_path: Path) -> Path:
    """A copy of the run that may be tampered with."""
    return Path(shutil.copytree(stored, tmp_path / "copy"))


def rejudged(stored: Path, out: Path, *options: str | Path) -> tuple[Outcome, dict[str, Any]]:
    outcome = bench("rejudge", stored, "--no-views", "--out", out, *options)
    assert (out / "comparison.json").exists(), outcome.err
    return outcome, json.loads((out / "comparison.json").read_text(encoding="utf-8"))


def verdicts(directory: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for trial in results(directory)["trials"]:
        for verdict in trial["verdicts"]:
            yield trial["id"], verdict


def overlay(path: Path, *lines: str) -> Path:
    path.write_text(OVERLAY.format("\n".join(lines)), encoding="utf-8")
    return path


def test_the_same_rule_and_profile_give_the_same_verdicts(stored: Path, tmp_path: Path) -> None:
    outcome, comparison = rejudged(stored, tmp_path / "again")
    assert outcome.code == 0, outcome.err
    assert comparison["equal"] is True
    assert comparison["changed"] == []
    assert list(verdicts(tmp_path / "again")) == list(verdicts(stored))
    first, second = results(stored), results(tmp_path / "again")
    del first["run"], second["run"]
    assert first == second


def test_no_socket_is_opened_and_the_run_is_left_as_it_was(stored: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted(stored.rglob("*"))}
    again = tmp_path / "again"
    outcome = run("-c", WITHOUT_SOCKETS, "rejudge", str(stored), "--no-views", "--out", str(again))
    assert outcome.code == 0, outcome.err
    assert not (again / "transcript.jsonl").exists()
    assert {path: path.stat().st_mtime_ns for path in sorted(stored.rglob("*"))} == before


def test_the_guard_against_sockets_would_notice_one(tmp_path: Path) -> None:
    out = tmp_path / "run"
    outcome = run("-c", WITHOUT_SOCKETS, "run", "-k", "OV1 and L1", "--out", str(out))
    assert outcome.code != 0
    assert "socket." in outcome.err


def test_it_lays_the_result_beside_the_run_and_draws_from_its_files(copy: Path) -> None:
    for number in (1, 2):
        outcome = bench("rejudge", copy)
        assert outcome.code == 0, outcome.err
        page = copy.with_name(f"{copy.name}-rejudged-{number}") / "report.html"
        text = page.read_text(encoding="utf-8")
        assert text.count("<svg") >= len(results(copy)["trials"])
        assert "is not in this run directory" not in text


def test_a_guarded_rule_decides_as_computed_by_hand(stored: Path, tmp_path: Path) -> None:
    outcome, comparison = rejudged(stored, tmp_path / "guarded", "--decision-rule", "guarded")
    dwell = [
        verdict
        for trial, verdict in verdicts(stored)
        if verdict["limit"]["quantity"] == "dwell before return"
    ]
    [close] = dwell
    value = Decimal(close["measurement"]["value"])
    uncertainty = Decimal(close["measurement"]["expanded_uncertainty"])
    lower = Decimal(close["limit"]["lower"])
    assert lower <= value < lower + uncertainty
    assert outcome.code == 1
    assert outcomes(stored)["FW1"] == "pass"
    assert outcomes(tmp_path / "guarded")["FW1"] == "fail"
    assert comparison["changed"] == [
        {"what": "decision rule", "before": "simple", "after": "guarded"}
    ]
    for _, verdict in verdicts(tmp_path / "guarded"):
        assert (verdict["outcome"] == "pass") is _inside_by_its_uncertainty(verdict)


def _inside_by_its_uncertainty(verdict: dict[str, Any]) -> bool:
    value = Decimal(verdict["measurement"]["value"])
    guard = Decimal(verdict["measurement"]["expanded_uncertainty"])
    if verdict["measurement"]["censored"]:
        guard = Decimal(0)
    lower, upper = verdict["limit"]["lower"], verdict["limit"]["upper"]
    return (lower is None or value >= Decimal(lower) + guard) and (
        upper is None or value <= Decimal(upper) - guard
    )


def test_another_time_limit_is_applied_to_the_times_that_were_measured(
    stored: Path, tmp_path: Path
) -> None:
    file = overlay(
        tmp_path / "overlay.toml",
        'disconnection_max_s = { value = 1.5, status = "confirmed", source = "a copy" }',
    )
    outcome, comparison = rejudged(stored, tmp_path / "again", "--overlay", file)
    assert outcome.code == 1
    assert [item["what"] for item in comparison["changed"]] == ["profile"]
    for trial, verdict in verdicts(tmp_path / "again"):
        if trial.startswith("voltage_trip-OV1") and verdict["limit"]["upper"]:
            assert verdict["limit"]["upper"] == "1.5"
            assert Decimal(verdict["measurement"]["value"]) > Decimal("1.5")
            assert verdict["outcome"] == "fail"


def test_a_stimulus_that_no_longer_tests_the_requirement_judges_nothing(
    stored: Path, tmp_path: Path
) -> None:
    file = overlay(
        tmp_path / "overlay.toml",
        'threshold_v = { value = 272.0, status = "confirmed", source = "a copy" }',
    )
    rejudged(stored, tmp_path / "again", "--overlay", file)
    concerned = [t for t in results(tmp_path / "again")["trials"] if "OV1" in t["requirements"]]
    assert concerned
    for trial in concerned:
        assert trial["outcome"] == "invalid"
        assert "does not test it" in trial["reason"]
        assert not trial["verdicts"]
    assert outcomes(tmp_path / "again")["OV1"] == "invalid"


def test_what_was_applied_stays_on_record(stored: Path, tmp_path: Path) -> None:
    file = overlay(
        tmp_path / "overlay.toml",
        'disconnection_max_s = { value = 1.5, status = "confirmed", source = "a copy" }',
    )
    rejudged(stored, tmp_path / "again", "--overlay", file)
    applied = {trial["id"]: trial["stimuli"] for trial in results(stored)["trials"]}
    for trial in results(tmp_path / "again")["trials"]:
        assert trial["stimuli"] == applied[trial["id"]]


def test_a_file_that_was_changed_is_refused(copy: Path, tmp_path: Path) -> None:
    file = next(copy.glob("recordings/*.h5"))
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    outcome = bench("rejudge", copy, "--out", tmp_path / "again")
    assert outcome.code == 2
    assert f"{file.name} is not the file that was recorded" in outcome.err
    assert not (tmp_path / "again").exists()


def test_nothing_is_overwritten_and_a_rejudgement_is_not_judged_again(
    stored: Path, tmp_path: Path
) -> None:
    rejudged(stored, tmp_path / "again")
    assert bench("rejudge", stored, "--out", tmp_path / "again").code == 2
    outcome = bench("rejudge", tmp_path / "again", "--out", tmp_path / "third")
    assert (outcome.code, "is itself a rejudgement" in outcome.err) == (2, True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "killed"])
def test_an_unfinished_run_is_judged_again_as_far_as_it_went(tmp_path: Path, number: int) -> None:
    arguments = [sys.executable, "-m", "bench", "run", "--no-views", "--out", str(tmp_path / "run")]
    with subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stderr
        next(line for line in process.stderr if line.startswith("[  3/"))
        os.kill(process.pid, number)
        process.communicate(timeout=60)
    journal = read_journal(tmp_path / "run" / "journal.jsonl")
    before = build_results(journal, "0" * 64)
    outcome, comparison = rejudged(tmp_path / "run", tmp_path / "again")
    assert comparison["equal"] is True, comparison
    assert outcome.code == 0
    after = results(tmp_path / "again")
    assert [trial["outcome"] for trial in after["trials"][:3]] == ["pass"] * 3
    assert after["exit_code"] == before["exit_code"]
    assert after["complies"] is False
