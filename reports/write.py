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
from reports.html import Drawings, render_report
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
class DrawnTrial:
    """Drawings of a trial, and the trial as it was then."""

    trial: Json
    drawings: Sequence[Drawing | str]

    def belongs_to(self, trial: Json) -> bool:
        """Whether a trial asks for these very drawings."""
        return all(trial[asked] == self.trial[asked] for asked in ("plots", "files"))


def write_reports(run_directory: Path, drawn: Mapping[str, DrawnTrial] | None = None) -> Path:
    """Write every report of a run and return the path of the page.

    Args:
        drawn: trials that have been drawn before, by id.

    Raises:
        EvidenceError: the journal is broken, or does not make a valid results document.
    """
    results = write_results(run_directory)
    drawings = draw_all(results, run_directory, drawn)
    page = run_directory / "report.html"
    write_whole(page, render_report(results, drawings))
    write_allure(results, drawings, run_directory / "allure-results")
    return page


def draw_all(
    results: Json, run_directory: Path, drawn: Mapping[str, DrawnTrial] | None = None
) -> Drawings:
    """Return the drawings of every trial; what was not drawn before is drawn now.

    The raw files of a rejudgement are those of the run it judged again.
    """
    origin = results["run"].get("rejudged")
    directories = [run_directory, *([run_directory / origin["directory"]] if origin else [])]

    def drawings(trial: Json) -> Sequence[Drawing | str]:
        before = (drawn or {}).get(trial["id"])
        if before and before.belongs_to(trial):
            return before.drawings
        return draw_trial(trial, directories).drawings

    return {trial["id"]: drawings(trial) for trial in results["trials"]}


def draw_trial(trial: Json, directories: Sequence[Path]) -> DrawnTrial:
    """Draw every plot of a trial; where the raw file is not there or not the same, say so.

    Args:
        directories: in which the raw files may be, the first that has one counts.
    """
    drawings = [
        _draw(plot, f"{trial['id']}-{number}", trial, directories)
        for number, plot in enumerate(trial["plots"], 1)
    ]
    return DrawnTrial(trial, drawings)


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
