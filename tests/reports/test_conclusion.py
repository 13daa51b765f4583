"""The exit code and the statement of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.verdicts.verdict import FOUR_BANDS, Outcome
from tests.reports.sample_run import SampleRun

GOOD, BAD = "1.5", "2.5"


def run_with(path: Path, values: dict[str, str | None], **options: Any) -> SampleRun:
    """Write one trial per requirement; None: planned but never run."""
    run = SampleRun(path, dict.fromkeys(values, 1) | {"ST1": 0}, **options)
    for name, value in values.items():
        if value is not None:
            run.trial(f"trial-{name}", {name: value})
    return run


@pytest.mark.parametrize(
    ("values", "end", "code", "outcome", "complies"),
    [
        ({"A": GOOD, "B": GOOD}, {}, 0, "pass", True),
        ({"A": GOOD, "B": BAD}, {}, 1, "fail", False),
        ({"A": GOOD, "B": None}, {}, 3, "not tested", False),
        ({"A": BAD, "B": None}, {}, 1, "fail", False),
        ({"A": GOOD, "B": "NaN"}, {}, 3, "invalid", False),
        ({"A": BAD, "B": "NaN"}, {}, 1, "fail", False),
        ({"A": GOOD}, {"safe": False}, 4, "pass", True),
        ({"A": BAD}, {"safe": False}, 4, "fail", False),
        ({"A": GOOD}, {"interrupted": "KeyboardInterrupt"}, 130, "pass", True),
        ({"A": BAD, "B": None}, {"interrupted": "KeyboardInterrupt"}, 130, "fail", False),
        ({"A": GOOD}, {"safe": False, "interrupted": "KeyboardInterrupt"}, 4, "pass", True),
    ],
)
def test_the_exit_code_of(
    tmp_path: Path,
    values: dict[str, str | None],
    end: dict[str, Any],
    code: int,
    outcome: str,
    complies: bool,
) -> None:
    run = run_with(tmp_path / "run", values)
    run.end(**end)
    results = run.results()
    assert (results["exit_code"], results["outcome"]) == (code, outcome)
    assert results["complies"] is complies


@pytest.mark.parametrize(
    ("value", "outcome", "code"),
    [("1.995", "conditional pass", 0), ("2.005", "conditional fail", 1)],
)
def test_conditional_verdicts_follow_the_side_of_the_limit(
    tmp_path: Path, value: str, outcome: str, code: int
) -> None:
    run = run_with(tmp_path / "run", {"A": value}, rule=FOUR_BANDS)
    run.end()
    results = run.results()
    assert (results["outcome"], results["exit_code"]) == (outcome, code)
    assert results["complies"] is (code == 0)


def test_an_inconclusive_requirement_cannot_comply(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"A": 1})
    run.trial("a", {"A": GOOD}, uncertainty="0.5")
    run.end()
    assert run.results()["exit_code"] == 3


def test_a_killed_run_is_not_confirmed_safe(tmp_path: Path) -> None:
    results = run_with(tmp_path / "run", {"A": GOOD}).results()
    assert results["exit_code"] == 4
    assert results["complies"] is False
    assert "the journal ends before the run did" in results["statement"].lower()


def test_a_killed_run_whose_bench_is_safe_has_not_been_judged(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", {"A": GOOD})
    run.journal.append("safe_state", confirmed=True, problems=[])
    assert run.results()["exit_code"] == 3


def test_a_run_of_which_nothing_was_planned_does_not_comply(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"ST1": 0})
    run.end()
    results = run.results()
    assert results["complies"] is False
    assert results["exit_code"] == 3


def test_the_statement_counts_what_was_tested(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", {"A": GOOD, "B": GOOD})
    run.end()
    expected = "2 of 3 requirements were tested; each of them passed."
    assert run.results()["statement"] == expected


def test_the_statement_names_what_failed_and_what_could_not_be_judged(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", {"A": BAD, "B": "NaN", "C": None, "D": GOOD})
    run.end()
    assert run.results()["statement"] == (
        "3 of 5 requirements were tested; failed: A; could not be judged: B; "
        "planned but not tested: C."
    )


def test_trouble_comes_first_in_the_statement(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", {"A": GOOD})
    run.end(safe=False, interrupted="KeyboardInterrupt")
    assert run.results()["statement"].startswith(
        "The run was interrupted (KeyboardInterrupt); the bench was not confirmed safe at the end; "
    )


def test_a_trial_that_was_only_aborted_was_not_tested(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"A": 1})
    run.begin("a", "A").ended(Outcome.INVALID, "LinkTimeout: no answer")
    run.end()
    assert run.results()["statement"].startswith("0 of 1 requirements were tested")
