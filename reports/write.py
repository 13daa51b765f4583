"""All reports of a run from its evidence: results.json, its schema, report.html, Allure results.

They can be written again at any time; the journal and the raw files are only read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.evidence.islanding_map import SUFFIX as MAP_SUFFIX
from bench.evidence.islanding_map import load_map
from bench.evidence.journal import load_readings, load_recording
from reports.allure import write_allure
from reports.html import render_report, render_trial
from reports.plots.bars import draw_bars
from reports.plots.drawing import Drawing
from reports.plots.map import draw_map
from reports.plots.planes import draw_plane
from reports.plots.plot_json import plot_from_json
from reports.plots.series import draw_readings
from reports.plots.waveforms import draw_recording
from reports.results import write_results, write_whole
from reports.trials import Json

READINGS_SUFFIX = ".csv"


@dataclass(frozen=True)
class PreparedTrial:
    """What the reports show of a trial, and the trial as it was then.

    Attributes:
        section: of the page.
    """

    trial: Json
    drawings: Sequence[Drawing | str]
    section: str


def write_reports(run_directory: Path) -> Path:
    """Write every report of a run and return the path of the page.

    Raises:
        EvidenceError: the journal is broken, or does not make a valid results document.
    """
    return write_views(write_results(run_directory), run_directory, {})


def write_views(results: Json, run_directory: Path, prepared: Mapping[str, PreparedTrial]) -> Path:
    """Write what people look at, and return the path of the page.

    Args:
        prepared: trials that have been prepared before, by id.
    """
    trials = prepare_all(results, run_directory, prepared)
    page = run_directory / "report.html"
    sections = {name: trial.section for name, trial in trials.items()}
    write_whole(page, render_report(results, sections))
    drawings = {name: trial.drawings for name, trial in trials.items()}
    write_allure(results, drawings, run_directory / "allure-results")
    return page


def prepare_all(
    results: Json, run_directory: Path, prepared: Mapping[str, PreparedTrial]
) -> dict[str, PreparedTrial]:
    """Return every trial prepared, by id; what was not prepared as it is now is prepared now."""

    def current(trial: Json) -> PreparedTrial:
        before = prepared.get(trial["id"])
        if before and before.trial == trial:
            return before
        return prepare_trial(trial, results["run"], run_directory)

    return {trial["id"]: current(trial) for trial in results["trials"]}


def prepare_trial(trial: Json, run: Json, run_directory: Path) -> PreparedTrial:
    """Draw every plot of a trial and render its section; where a raw file is not the one recorded, say so.

    Args:
        run: as it was known when it started; the raw files of a rejudgement are those of the run it judges
            again.
    """
    origin = run.get("rejudged")
    directories = [run_directory, *([run_directory / origin["directory"]] if origin else [])]
    drawings = [
        _draw(plot, f"{trial['id']}-{number}", trial, directories)
        for number, plot in enumerate(trial["plots"], 1)
    ]
    return PreparedTrial(trial, drawings, render_trial(trial, drawings, run))


def _draw(plot: Json, name: str, trial: Json, directories: Sequence[Path]) -> Drawing | str:
    paths = [directory / plot["file"] for directory in directories]
    path = next((path for path in paths if path.exists()), paths[0])
    problem = _problem(path, plot["file"], trial)
    if problem:
        return problem
    wanted = plot_from_json(plot)
    if path.name.endswith(MAP_SUFFIX):
        return draw_map(wanted, load_map(path), name)
    if wanted.bars:
        return draw_bars(wanted, name)
    if wanted.plane:
        return draw_plane(wanted.plane, wanted.title, name)
    if path.suffix == READINGS_SUFFIX:
        return draw_readings(wanted, load_readings(path), name)
    return draw_recording(wanted, load_recording(path), name)


def _problem(path: Path, name: str, trial: Json) -> str | None:
    """Return why a raw file cannot be drawn."""
    recorded = [file["sha256"] for file in trial["files"] if file["path"] == name]
    if not recorded:
        return f"{name} is not among the files of this trial"
    if not path.is_file():
        return f"{name} is not in this run directory"
    if hashlib.sha256(path.read_bytes()).hexdigest() != recorded[-1]:
        return f"{name} is not the file that was recorded: its SHA-256 differs"
    return None
