"""Recordings of real islanding tests, published with their durations, are measured as published.

They are not shipped. The directory is looked for beside the repository; without it these tests are skipped.
"""

from __future__ import annotations

import csv

import pytest

from bench.grid_code.profile import find_grid_code, load_grid_code
from bench.paths import DEFAULT_GRID_CODE, ROOT
from bench.recordings.channel_map import find_channel_map, load_channel_map
from bench.recordings.judging import JudgedRecording, judge_recording
from bench.recordings.readers import read_recording
from bench.verdicts.verdict import Outcome

FOLDER = ROOT.parent / "shared" / "recordings" / "islanding_2015"
DISPUTED = "0006.tdms"
START_WITHIN_S = 0.5e-3
DURATION_WITHIN_S = 2e-3

pytestmark = pytest.mark.skipif(
    not (FOLDER / "published.csv").is_file(),
    reason="the recordings islanding_2015 are not beside the repository (docs/validation.md)",
)
pytest.importorskip("nptdms", reason="npTDMS is not installed")


@pytest.fixture(scope="module")
def published() -> dict[str, dict[str, float]]:
    with (FOLDER / "published.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["file"]: {key: float(row[key]) for key in row if key.endswith("_s")}
            for row in csv.DictReader(stream)
        }


@pytest.fixture(scope="module")
def judged(published: dict[str, dict[str, float]]) -> dict[str, JudgedRecording]:
    channel_map = load_channel_map(find_channel_map("islanding_2015"))
    grid_code = load_grid_code(find_grid_code(DEFAULT_GRID_CODE))
    limit = grid_code.only("anti_islanding").limit("run-on time", upper="run_on_max")
    return {
        name: judge_recording(read_recording(FOLDER / name), channel_map, limit, grid_code.rule)
        for name in published
    }


def agrees(result: JudgedRecording, row: dict[str, float]) -> bool:
    start_off_s = abs(result.start.best_s - row["island_start_s"])
    duration_off_s = abs(float(result.duration.value) - row["island_duration_s"])
    return start_off_s <= START_WITHIN_S and duration_off_s <= DURATION_WITHIN_S


def test_at_least_eight_of_nine_undisputed_recordings_agree_with_the_publication(
    judged: dict[str, JudgedRecording], published: dict[str, dict[str, float]]
) -> None:
    undisputed = [name for name in published if name != DISPUTED]
    good = [name for name in undisputed if agrees(judged[name], published[name])]
    assert len(undisputed) == 9
    assert len(good) >= 8, f"only {good} agree"


def test_every_start_of_the_undisputed_agrees(
    judged: dict[str, JudgedRecording], published: dict[str, dict[str, float]]
) -> None:
    for name in set(published) - {DISPUTED}:
        off_s = judged[name].start.best_s - published[name]["island_start_s"]
        assert abs(off_s) <= START_WITHIN_S, name


def test_the_disputed_start_is_reported_as_measured(
    judged: dict[str, JudgedRecording], published: dict[str, dict[str, float]]
) -> None:
    """Its utility current flows for another 73 ms; the end agrees."""
    result, row = judged[DISPUTED], published[DISPUTED]
    assert result.start.best_s - row["island_start_s"] == pytest.approx(0.073, abs=1e-3)
    assert result.end is not None
    assert result.end.best_s == pytest.approx(row["island_end_s"], abs=1e-3)


def test_an_end_published_beyond_the_record_is_a_lower_bound_and_no_pass(
    judged: dict[str, JudgedRecording], published: dict[str, dict[str, float]]
) -> None:
    result, row = judged["0010.tdms"], published["0010.tdms"]
    assert result.duration.censored == "at least"
    assert float(result.duration.value) <= row["island_duration_s"]
    assert result.verdict is not None
    assert result.verdict.outcome == Outcome.INCONCLUSIVE


def test_every_end_that_was_recorded_is_within_the_run_on_time(
    judged: dict[str, JudgedRecording],
) -> None:
    complete = [result for result in judged.values() if result.end is not None]
    assert len(complete) == 9
    for result in complete:
        assert result.verdict is not None
        assert result.verdict.outcome == Outcome.PASS, result.source


def test_the_auxiliary_contact_would_have_given_another_start(
    judged: dict[str, JudgedRecording],
) -> None:
    """The oracle for the rule: the contact changes milliseconds before the current stops."""
    recording = read_recording(FOLDER / "0040.tdms")
    contact = recording.channels["Island Contactor status"]
    changed_s = float((contact < 2.0).argmax()) / recording.sample_rate_hz
    assert judged["0040.tdms"].start.best_s - changed_s > 5e-3
