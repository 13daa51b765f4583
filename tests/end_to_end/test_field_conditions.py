"""Whole runs on an inverter that is hard to talk to: the same verdicts, and no secret in what is left "
"behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.evidence.journal import read_journal
from tests.end_to_end.command import bench, outcomes, results
from tests.end_to_end.real_station import MAPPED
from tests.register_maps.map_bench import FRAME, LIMIT

TRIALS = "reconnection or power_factor or reactive_power or region_setting or settings_lock"
EXCEPTIONS = [f"modbus_exception_{code}@inverter,count=all,share=0.1" for code in (4, 6)]
DELAYS = "delay@inverter,count=all,share=0.2,amount=0.1"
READS = ",where=read"


def disturbed(directory: Path, *troubles: str) -> dict[str, str]:
    options = [option for trouble in troubles for option in ("--trouble", trouble)]
    bench("run", "-k", TRIALS, "--no-views", "--out", directory, *options)
    found = outcomes(directory)
    return {row: outcome for row, outcome in found.items() if outcome != "not tested"}


def test_a_fifth_of_exceptions_and_delays_changes_no_verdict(tmp_path: Path) -> None:
    undisturbed = disturbed(tmp_path / "undisturbed")
    reads = [trouble + READS for trouble in EXCEPTIONS]
    assert disturbed(tmp_path / "disturbed", *reads, DELAYS) == undisturbed
    assert list(undisturbed.values()).count("pass") == 6
    assert results(tmp_path / "disturbed")["exit_code"] == 0


def test_refused_writes_are_trouble_of_the_bench_and_never_a_verdict(tmp_path: Path) -> None:
    found = disturbed(tmp_path / "disturbed", *EXCEPTIONS, DELAYS)
    judged = {outcome for outcome in found.values() if outcome != "not applicable"}
    assert judged == {"pass", "invalid"}


UNLOCK = """
[point.code]
address = 5
type = "u32"
access = "write"
range = [0, 4000000000]
secret = true
page = "p. 9"
verified = true
[unlock]
point = "code"
code_from = "ACME_X5000_CODE"
delay_s = 0.5
"""
LOCKED_LIMIT = LIMIT.replace('page = "p. 2"', 'needs_unlock = true\npage = "p. 2"')
WRONG_CODE = 908_172_635


@pytest.fixture
def locked_inverter(tmp_path: Path) -> Path:
    """The files of an inverter whose limit of power has to be unlocked; its code is 4777."""
    (tmp_path / "map.toml").write_text(FRAME + LOCKED_LIMIT + UNLOCK, encoding="utf-8")
    file = tmp_path / "inverter.toml"
    file.write_text(MAPPED, encoding="utf-8")
    return file


def run_with_limit(inverter: Path, out: Path) -> None:
    bench("run", "--inverter", inverter, "-k", "generation_limit", "--out", out)


def test_a_code_from_a_file_opens_the_settings_and_is_written_nowhere(
    locked_inverter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "code.txt"
    secret.write_text("4777\n", encoding="utf-8")
    monkeypatch.setenv("ACME_X5000_CODE_FILE", str(secret))
    run_with_limit(locked_inverter, tmp_path / "run")
    assert outcomes(tmp_path / "run")["PR2"] == "pass"
    transcript = (tmp_path / "run/transcript.jsonl").read_text(encoding="utf-8")
    assert "write *** at 5" in transcript
    assert f"{4777:04X}" not in transcript


def test_a_wrong_code_is_in_no_file_of_the_run(
    locked_inverter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_X5000_CODE", str(WRONG_CODE))
    out = tmp_path / "run"
    run_with_limit(locked_inverter, out)
    assert outcomes(out)["PR2"] == "invalid"
    words = f"{WRONG_CODE >> 16:04X} {WRONG_CODE & 0xFFFF:04X}"
    files = [file for file in out.rglob("*") if file.is_file()]
    assert {"journal.jsonl", "transcript.jsonl", "report.html"} <= {file.name for file in files}
    for file in files:
        content = file.read_bytes()
        for secret in (str(WRONG_CODE), f"{WRONG_CODE:x}", words):
            assert secret.encode() not in content, file


def test_what_a_setting_held_is_on_record_before_it_is_changed(tmp_path: Path) -> None:
    bench("run", "-k", "power_factor and PF1", "--no-views", "--out", tmp_path / "run")
    events = read_journal(tmp_path / "run" / "journal.jsonl")
    held = [event["setting"] for event in events if event["type"] == "setting_held"]
    assert len(held) == len(set(held)) >= 2
