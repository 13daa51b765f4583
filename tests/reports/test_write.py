"""All reports of a run, from its evidence alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from instruments.errors import EvidenceError
from reports.results import SCHEMA_FILE, check_results
from reports.write import write_reports
from tests.reports.sample_run import SampleRun, full_run


def test_everything_lies_in_the_run_directory(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    assert write_reports(run.path) == run.path / "report.html"
    names = {item.name for item in run.path.iterdir()}
    assert names == {
        "journal.jsonl",
        "recordings",
        "readings",
        "results.json",
        "results.schema.json",
        "report.html",
        "allure-results",
    }


def test_the_written_results_are_valid_and_lie_beside_their_schema(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    write_reports(run.path)
    text = (run.path / "results.json").read_text(encoding="utf-8")
    check_results(json.loads(text))
    assert (run.path / "results.schema.json").read_bytes() == SCHEMA_FILE.read_bytes()


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    write_reports(run.path)
    first = [(run.path / name).read_bytes() for name in ("results.json", "report.html")]
    write_reports(run.path)
    assert [(run.path / name).read_bytes() for name in ("results.json", "report.html")] == first


def test_evidence_is_only_read(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    raw = [run.path / "journal.jsonl", *(run.path / "recordings").iterdir()]
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in raw]
    write_reports(run.path)
    assert [(file.read_bytes(), file.stat().st_mtime_ns) for file in raw] == before


def test_a_run_that_was_killed_still_gets_a_report(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 2})
    run.trial_with_files("a", "OV1")
    run.begin("b", "OV1")
    run.journal.close()
    page = write_reports(run.path).read_text(encoding="utf-8")
    assert "aborted" in page


def test_a_journal_that_was_changed_gets_no_report(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    journal = run.path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"value": "2.5"', b'"value": "1.5"', 1))
    with pytest.raises(EvidenceError, match="chain is broken"):
        write_reports(run.path)
    assert not (run.path / "report.html").exists()
