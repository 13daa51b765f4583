"""Allure sees every trial and every untested requirement, each as a case of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports.allure import STATUSES, write_allure
from reports.write import prepare_all
from tests.reports.sample_run import SampleRun, full_run

Case = dict[str, Any]


def cases(run: SampleRun) -> list[Case]:
    """Write the Allure results of a run and read them back."""
    directory = run.path / "allure-results"
    results = run.results()
    trials = prepare_all(results, run.path, {})
    write_allure(results, {name: trial.drawings for name, trial in trials.items()}, directory)
    files = sorted(directory.glob("*-result.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SampleRun:
    return full_run(tmp_path_factory.mktemp("allure") / "run")


@pytest.fixture(scope="module")
def found(run: SampleRun) -> list[Case]:
    return cases(run)


def labels(case: Case) -> dict[str, str]:
    return {label["name"]: label["value"] for label in case["labels"]}


def test_there_is_one_case_for_each_trial_and_each_untested_requirement(
    found: list[Case],
) -> None:
    assert len(found) == 3 + 1


@pytest.mark.parametrize("field", ["uuid", "testCaseId", "fullName", "historyId"])
def test_no_two_cases_share_an_identity(found: list[Case], field: str) -> None:
    assert len({case[field] for case in found}) == len(found)


def test_cases_have_the_statuses_of_their_outcomes(found: list[Case]) -> None:
    statuses = sorted((labels(case)["verdict"], case["status"]) for case in found)
    assert statuses == [
        ("fail", "failed"),
        ("not tested", "skipped"),
        ("pass", "passed"),
        ("pass", "passed"),
    ]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("pass", "passed"),
        ("conditional pass", "passed"),
        ("fail", "failed"),
        ("conditional fail", "failed"),
        ("invalid", "broken"),
        ("inconclusive", "broken"),
        ("not tested", "skipped"),
        ("not applicable", "skipped"),
    ],
)
def test_the_status_of(outcome: str, status: str) -> None:
    assert STATUSES[outcome] == status


def test_an_aborted_trial_is_broken_and_never_passed(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    run.judge(run.begin("a", "OV1"), "OV1", "1.5")
    [case] = cases(run)
    assert case["status"] == "broken"
    assert "aborted" in case["statusDetails"]["message"]


def test_a_skipped_requirement_says_why(found: list[Case]) -> None:
    [case] = [case for case in found if case["status"] == "skipped"]
    assert case["statusDetails"]["message"]
    assert case["name"].startswith("ST1")


def test_cases_are_labelled_by_standard_clause_and_verdict(found: list[Case]) -> None:
    for case in found:
        assert "SIMULATED – NOT EVIDENCE" in labels(case)["epic"]
        assert "AS/NZS 4777.2:2020 A" in labels(case)["epic"]
        assert "Table 4.1" in labels(case)["feature"]
        assert labels(case)["tag"] == labels(case)["verdict"]


def test_plots_and_measurements_are_attached(run: SampleRun, found: list[Case]) -> None:
    [case] = [case for case in found if "OV1" in case["fullName"]]
    types = [attachment["type"] for attachment in case["attachments"]]
    assert types == ["application/json", "image/svg+xml", "image/svg+xml"]
    for attachment in case["attachments"]:
        assert (run.path / "allure-results" / attachment["source"]).stat().st_size > 0


def test_conditions_are_parameters(found: list[Case]) -> None:
    [case] = [case for case in found if "OV1" in case["fullName"]]
    values = {parameter["name"]: parameter["value"] for parameter in case["parameters"]}
    assert values == {"repetition": "1", "phases": "L2"}


def content(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in directory.iterdir()}


def test_writing_again_leaves_the_same_files_and_no_others(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    cases(run)
    directory = run.path / "allure-results"
    first = content(directory)
    (directory / "left-over-result.json").write_text("{}", encoding="utf-8")
    cases(run)
    assert content(directory) == first
