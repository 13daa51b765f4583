"""Events become results: nothing is lost, nothing is judged better than it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.evidence.journal import read_journal
from bench.verdicts.verdict import Outcome
from instruments.errors import EvidenceError
from reports.results import build_results, check_results
from tests.reports.sample_run import HASH, UNPLANNED, SampleRun, full_run


def requirement(run: SampleRun, name: str) -> dict:
    return next(row for row in run.results()["requirements"] if row["id"] == name)


def test_every_requirement_of_the_plan_is_listed_in_its_order(tmp_path: Path) -> None:
    results = full_run(tmp_path / "run").results()
    assert [row["id"] for row in results["requirements"]] == ["OV1", "OV2", "UV1", "ST1"]


def test_counts_are_over_requirements(tmp_path: Path) -> None:
    counts = full_run(tmp_path / "run").results()["counts"]
    assert counts["pass"] == 2
    assert counts["fail"] == 1
    assert counts["not tested"] == 1
    assert sum(counts.values()) == 4


def test_a_requirement_without_procedure_is_not_tested_and_says_why(tmp_path: Path) -> None:
    row = requirement(full_run(tmp_path / "run"), "ST1")
    assert (row["outcome"], row["reason"]) == ("not tested", UNPLANNED)


def test_a_requirement_takes_the_worst_of_its_trials(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 3})
    run.trial("a", {"OV1": "1.0"})
    run.trial("b", {"OV1": "2.1"})
    run.trial("c", {"OV1": "1.0"})
    assert requirement(run, "OV1")["outcome"] == "fail"


def test_a_failure_names_value_limit_and_trial(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 2})
    run.trial("mild", {"OV1": "2.1"})
    run.trial("grave", {"OV1": "2.5"})
    reason = requirement(run, "OV1")["reason"]
    assert reason == "disconnection time 2.500 ± 0.010 s, permitted ≤ 2.0 s (grave)"


def test_a_trial_that_never_ended_is_aborted_and_invalid(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    evidence = run.begin("a", "OV1")
    run.judge(evidence, "OV1", "1.5")
    [trial] = run.results()["trials"]
    assert trial["outcome"] == "invalid"
    assert trial["reason"].startswith("aborted")
    assert trial["duration_s"] is None
    assert requirement(run, "OV1")["outcome"] == "invalid"


def test_trouble_with_the_bench_makes_every_requirement_of_the_trial_invalid(
    tmp_path: Path,
) -> None:
    run = SampleRun(tmp_path / "run", {"AI1": 1, "RC1": 1})
    evidence = run.begin("a", "AI1", "RC1")
    evidence.ended(Outcome.INVALID, "LinkTimeout: no answer within 5 s")
    for name in ("AI1", "RC1"):
        row = requirement(run, name)
        assert row["outcome"] == "invalid"
        assert "LinkTimeout" in row["reason"]


def test_a_pass_before_trouble_with_the_bench_does_not_stand(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    evidence = run.begin("a", "OV1")
    run.judge(evidence, "OV1", "1.5")
    evidence.ended(Outcome.INVALID, "LinkTimeout: no answer within 5 s")
    assert requirement(run, "OV1")["outcome"] == "invalid"


def test_a_fail_before_trouble_with_the_bench_stands(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    evidence = run.begin("a", "OV1")
    run.judge(evidence, "OV1", "2.5")
    evidence.ended(Outcome.INVALID, "LinkTimeout: no answer within 5 s")
    assert requirement(run, "OV1")["outcome"] == "fail"
    assert run.results()["trials"][0]["outcome"] == "fail"


def test_a_requirement_its_trial_could_not_reach_is_not_tested(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"AI1": 1, "RC1": 1})
    run.trial("a", {"AI1": "2.5", "RC1": None})
    row = requirement(run, "RC1")
    assert row["outcome"] == "not tested"
    assert row["reason"] == "a: the inverter had to be stopped"


def test_trials_that_were_planned_and_not_run_are_missed(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 3})
    run.trial("a", {"OV1": "1.5"})
    row = requirement(run, "OV1")
    assert row["outcome"] == "not tested"
    assert "2 of 3 planned trials were not run" in row["reason"]


def test_the_reason_of_an_inconclusive_verdict_reaches_trial_and_requirement(
    tmp_path: Path,
) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    run.trial("a", {"OV1": "1.5"}, uncertainty="0.5")
    [trial] = run.results()["trials"]
    assert trial["outcome"] == "inconclusive"
    assert "exceeds" in trial["reason"]
    assert "exceeds" in requirement(run, "OV1")["reason"]


def test_what_a_trial_left_behind_is_kept(tmp_path: Path) -> None:
    trial = full_run(tmp_path / "run").results()["trials"][0]
    assert trial["stimuli"][0]["name"] == "step L2 to 267.8 V"
    assert [file["kind"] for file in trial["files"]] == ["recording", "readings"]
    assert [plot["title"] for plot in trial["plots"]] == ["Overvoltage 1 (V>)", "Reconnection"]
    assert trial["notes"] == ["a remark"]
    assert trial["duration_s"] == 60.0


def test_numbers_that_decide_stay_texts_digit_by_digit(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    run.trial("a", {"OV1": "1.99999999999999999999"})
    [verdict] = run.results()["trials"][0]["verdicts"]
    assert verdict["measurement"]["value"] == "1.99999999999999999999"


def test_equal_runs_differ_in_nothing_but_run(tmp_path: Path) -> None:
    first = full_run(tmp_path / "a", names={"run": "one"}).results()
    second = full_run(tmp_path / "b", names={"run": "two"}).results()
    assert first.pop("run") != second.pop("run")
    assert first == second


def test_a_killed_run_is_incomplete_and_has_no_end(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    run.trial("a", {"OV1": "1.5"})
    found = run.results()["run"]
    assert found["complete"] is False
    assert found["ended_utc"] is None
    assert found["exchanges"] is None


def test_a_safe_state_before_the_last_trial_does_not_count(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    run.journal.append("safe_state", confirmed=True, problems=[])
    run.trial("a", {"OV1": "1.5"})
    safe_state = run.results()["safe_state"]
    assert safe_state["confirmed"] is False
    assert safe_state["problems"]


def test_a_cut_journal_and_an_unknown_event_are_noted(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    run.journal.append("journal_cut", bytes=17)
    run.journal.append("gremlin_seen")
    notes = run.results()["notes"]
    assert "17 bytes" in notes[0]
    assert "gremlin_seen" in notes[1]


@pytest.mark.parametrize(
    ("event", "fields", "words"),
    [
        ("judged", {"trial": "b", "requirement": "OV1", "verdict": {}}, "was not started before"),
        (
            "trial_started",
            {"trial": "a", "procedure": "p", "title": "t", "requirements": [], "conditions": {}},
            "was started before",
        ),
        (
            "trial_started",
            {"trial": "c", "procedure": "p", "title": "t", "requirements": ["X"], "conditions": {}},
            "'X'",
        ),
    ],
)
def test_events_that_contradict_each_other_are_refused(
    tmp_path: Path, event: str, fields: dict, words: str
) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    run.begin("a", "OV1")
    run.journal.append(event, **fields)
    with pytest.raises(EvidenceError, match=words):
        run.results()


def test_a_journal_that_does_not_begin_with_a_run_is_refused(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    events = read_journal(run.path / "journal.jsonl")
    for broken in ([], events[1:]):
        with pytest.raises(EvidenceError, match="expected run_started"):
            build_results(broken, HASH)


def test_the_document_of_every_kind_of_run_is_valid(tmp_path: Path) -> None:
    run = full_run(tmp_path / "full")
    check_results(run.results())
    aborted = SampleRun(tmp_path / "aborted", {"OV1": 2, "RC1": 1}, simulated=False)
    aborted.begin("a", "OV1", "RC1")
    check_results(aborted.results())
