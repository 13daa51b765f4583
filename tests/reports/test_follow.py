"""Views that were prepared while a run went on are those that its evidence makes afterwards."""

from __future__ import annotations

from pathlib import Path

from reports.following import Follower
from reports.write import write_reports
from tests.reports.sample_run import SampleRun


def views_of(run: Path) -> dict[str, bytes]:
    files = [run / "report.html", *(run / "allure-results").iterdir()]
    return {file.name: file.read_bytes() for file in files}


def test_views_prepared_during_a_run_are_those_written_afterwards(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 3})
    follower = Follower(run.path)
    for name in ("a", "b"):
        run.trial_with_files(name, "OV1")
        follower.trial_ended()
    run.begin("never ended", "OV1")
    run.end()
    follower.run_ended()
    follower.wait()
    followed = views_of(run.path)
    write_reports(run.path)
    assert views_of(run.path) == followed


def test_a_follower_that_failed_does_not_stop_a_run(tmp_path: Path) -> None:
    follower = Follower(tmp_path / "no such run")
    follower.trial_ended()
    follower.run_ended()
    follower.wait()
    assert not list(tmp_path.iterdir())
