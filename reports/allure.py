"""The results document as Allure results: one per trial, and one per requirement without trials.

Written from the results, not by a live plugin, so that aborted trials and untested requirements come out right.
Allure shows two results with the same case, name and parameters as one and hides the worse: every result
has its own testCaseId, fullName and historyId. The same results give the same files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import (
    Attachment,
    Label,
    Parameter,
    Status,
    StatusDetails,
    TestResult,
)

from reports.html import Drawings
from reports.json_text import json_text
from reports.plots.drawing import Drawing
from reports.plots.svg import svg_file
from reports.trials import Json
from reports.wording import distinction, measured_text, words

STATUSES = {
    "pass": Status.PASSED,
    "conditional pass": Status.PASSED,
    "fail": Status.FAILED,
    "conditional fail": Status.FAILED,
    "invalid": Status.BROKEN,
    "inconclusive": Status.BROKEN,
    "not tested": Status.SKIPPED,
    "not applicable": Status.SKIPPED,
}
OWN_FILES = ("*-result.json", "*-attachment.*")
LEVELS_OF_LINES = 2
SVG, JSON = ("image/svg+xml", "svg"), ("application/json", "json")


def write_allure(results: Json, drawings: Drawings, directory: Path) -> None:
    """Write the results; those of an earlier writing are removed first."""
    open_directory: Callable[[Path], Any] = AllureFileLogger
    logger = open_directory(directory)
    for pattern in OWN_FILES:
        for file in directory.glob(pattern):
            file.unlink()
    writer = _Writer(results, logger)
    for trial in results["trials"]:
        writer.trial(trial, drawings.get(trial["id"], ()))
    for requirement in results["requirements"]:
        if not requirement["trials"]:
            writer.untested(requirement)


class _Writer:
    """Writes the results of one run."""

    def __init__(self, results: Json, logger: Any) -> None:
        self._run = results["run"]
        self._requirements = {row["id"]: row for row in results["requirements"]}
        self._logger = logger
        self._start_ms = _milliseconds(self._run["started_utc"])
        self._clock_s = min((trial["started_clock_s"] for trial in results["trials"]), default=0.0)

    def trial(self, trial: Json, plots: Sequence[Drawing | str]) -> None:
        """Write one trial with its plots and measurements.

        Times are those of the bench clock, counted from the start of the run.
        """
        procedure = trial["procedure"].partition("[")[0]
        first = self._requirements[trial["requirements"][0]]
        result = self._result(trial["id"], procedure, first)
        names = ", ".join(trial["requirements"])
        result.name = f"{names} {trial['title']}: {distinction(trial)}"
        result.status = STATUSES[trial["outcome"]]
        result.statusDetails = StatusDetails(message=_message(trial))
        result.labels += _labels(tag=trial["outcome"], verdict=trial["outcome"])
        result.parameters = [
            Parameter(name=name, value=text) for name, text in trial["conditions"].items()
        ]
        begin_s = trial["started_clock_s"] - self._clock_s
        result.start = self._start_ms + round(1000 * begin_s)
        result.stop = result.start + round(1000 * (trial["duration_s"] or 0.0))
        result.attachments = self._attachments(trial, plots)
        self._logger.report_result(result)

    def untested(self, requirement: Json) -> None:
        """Write a requirement that no trial was started for."""
        result = self._result(f"requirement-{requirement['id']}", requirement["title"], requirement)
        result.name = f"{requirement['id']} {requirement['title']}"
        result.status = STATUSES[requirement["outcome"]]
        result.statusDetails = StatusDetails(message=requirement["reason"])
        result.labels += _labels(tag=requirement["outcome"], verdict=requirement["outcome"])
        result.start = result.stop = self._start_ms
        self._logger.report_result(result)

    def _result(self, key: str, story: str, requirement: Json) -> TestResult:
        identity = self._uuid(key)
        result = TestResult(
            uuid=identity,
            testCaseId=sha256(key.encode()).hexdigest(),
            historyId=sha256(f"{self._run['inverter']['name']}/{key}".encode()).hexdigest(),
            fullName=key,
            stage="finished",
            description=f"Clause {requirement['clause']}. {self._simulated()}",
            labels=_labels(
                epic=f"{self._simulated()}{self._run['grid_code']['id']}",
                feature=f"{words(requirement['kind'])} ({requirement['clause']})",
                story=story,
            ),
        )
        result.file_pattern = f"{identity}-result.json"
        return result

    def _attachments(self, trial: Json, plots: Sequence[Drawing | str]) -> list[Attachment]:
        shown = {name: trial[name] for name in ("measurements", "verdicts", "files", "notes")}
        document = json_text(shown, LEVELS_OF_LINES)
        bodies = [("measurements and verdicts", document, JSON)]
        bodies += [
            (plot["title"], svg_file(drawing.svg), SVG)
            for plot, drawing in zip(trial["plots"], plots, strict=False)
            if isinstance(drawing, Drawing)
        ]
        return [
            self._attach(f"{trial['id']}/{number}", *body) for number, body in enumerate(bodies)
        ]

    def _attach(self, key: str, name: str, body: str, kind: tuple[str, str]) -> Attachment:
        media_type, extension = kind
        file_name = f"{self._uuid(key)}-attachment.{extension}"
        self._logger.report_attached_data(body, file_name)
        return Attachment(name=name, source=file_name, type=media_type)

    def _uuid(self, key: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self._run['id']}/{key}"))

    def _simulated(self) -> str:
        return "SIMULATED – NOT EVIDENCE. " if self._run["simulated"] else ""


def _labels(**values: str) -> list[Label]:
    return [Label(name=name, value=value) for name, value in values.items()]


def _message(trial: Json) -> str:
    """Return reason and verdicts, one a line."""
    lines = [trial["reason"]] if trial["reason"] else []
    lines += [
        f"{verdict['requirement']} {verdict['limit']['quantity']}: {verdict['outcome']}: "
        f"{measured_text(verdict['measurement'])}"
        for verdict in trial["verdicts"]
    ]
    return "\n".join(lines)


def _milliseconds(utc: str) -> int:
    return round(1000 * datetime.fromisoformat(utc).timestamp())
