"""A run as its directory holds it: verified, trial by trial, ready to be judged again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from bench.evidence.calls import Call, load_calls
from bench.evidence.journal import FileRecord, journal_head, read_journal
from bench.evidence.run_inputs import INVERTER, STATION
from bench.export_limits.regime import NONE
from bench.grid_code.layer import DISTRIBUTOR, EXPORT_LIMITS, GRID_CODE, OVERLAY
from bench.grid_code.profile import GridCode
from bench.inputs import Inputs, load_layers
from bench.stations.station_file import load_inverter, load_station
from bench.verdicts.decision_rule import decision_rule
from instruments.errors import EvidenceError

Event = Mapping[str, Any]
WITH_FILES = ("file", "input_kept")
CALLS = "calls"


@dataclass(frozen=True)
class Choice:
    """What a rejudgement does otherwise than the run; None is as the run did.

    Attributes:
        grid_code: takes the place of the run's grid code, overlay and distributor's profile together.
    """

    rule: str | None = None
    grid_code: str | None = None
    overlay: Path | None = None
    distributor: str | None = None

    @property
    def of_profile(self) -> bool:
        """Whether another file than the run's states the limits."""
        return (self.grid_code, self.overlay, self.distributor) != (None, None, None)


@dataclass(frozen=True)
class StoredTrial:
    """One trial of a stored run.

    Attributes:
        day: UTC, on which it began.
        files: everything it stored, in order.
        ended: whether it came to its end.
    """

    id: str
    day: date
    files: tuple[tuple[str, FileRecord], ...]
    ended: bool

    @property
    def call_files(self) -> list[str]:
        """Paths of its calls inside the run, in order."""
        return [record.path for kind, record in self.files if kind == CALLS]


@dataclass(frozen=True)
class StoredRun:
    """A run whose journal and files were found as they were recorded.

    Attributes:
        path: its directory.
        events: of its journal.
        head: hash of the journal's last line.
        inputs: role → path of the copy of the file the run was started from.
        trials: id → trial, in the order in which they ran.
    """

    path: Path
    events: tuple[Event, ...]
    head: str
    inputs: Mapping[str, Path]
    trials: Mapping[str, StoredTrial]

    @classmethod
    def open(cls, path: Path) -> StoredRun:
        """Read and verify a run.

        Raises:
            EvidenceError: the journal's chain is broken, a file is missing or not the one that was
                recorded, or the run kept no calls to replay.
        """
        journal = path / "journal.jsonl"
        events = tuple(read_journal(journal))
        if not events or events[0]["type"] != "run_started":
            raise EvidenceError(f"{journal}: not the journal of a run")
        if "rejudged" in events[0]["run"]:
            origin = events[0]["run"]["rejudged"]["id"]
            raise EvidenceError(f"{path} is itself a rejudgement. Rejudge the run {origin} instead")
        for event in events:
            if event["type"] in WITH_FILES:
                _verify(path, event)
        inputs = {e["role"]: path / e["path"] for e in events if e["type"] == "input_kept"}
        if not inputs:
            raise EvidenceError(
                f"{path}: this run kept neither its inputs nor its calls, so it cannot be judged again. "
                "Runs of this version keep both"
            )
        return cls(path, events, journal_head(journal), inputs, _trials(events))

    @property
    def document(self) -> Mapping[str, Any]:
        """What the run said of itself when it started."""
        run: Mapping[str, Any] = self.events[0]["run"]
        return run

    @property
    def requirements(self) -> Mapping[str, Mapping[str, Any]]:
        """The rows of the run's grid code, by id."""
        return {row["id"]: row for row in self.events[0]["requirements"]}

    def of_type(self, name: str) -> list[Event]:
        """Return all events of a type."""
        return [event for event in self.events if event["type"] == name]

    def calls(self, trial: str) -> list[Call]:
        """Return all calls of a trial, in order. Raises EvidenceError."""
        paths = self.trials[trial].call_files
        return [call for path in paths for call in load_calls(self.path / path)]

    def load_inputs(self, choice: Choice) -> Inputs:
        """Return what the run was started from, or what is chosen in its place.

        Raises:
            ConfigurationError: a chosen file is wrong.
            EvidenceError: what was kept does not make the grid code the run used.
        """
        code = self._grid_code(choice)
        if choice.rule:
            code = replace(code, rule=decision_rule(choice.rule))
        station = load_station(self.inputs[STATION])
        inverter = load_inverter(self.inputs[INVERTER])
        return Inputs(code, station, inverter, tuple(self.document["faults"]))

    def _grid_code(self, choice: Choice) -> GridCode:
        regime = str(self.inputs.get(EXPORT_LIMITS, NONE))
        if choice.grid_code:
            return load_layers(choice.grid_code, choice.overlay, choice.distributor, regime)
        overlay = choice.overlay or self.inputs.get(OVERLAY)
        distributor = choice.distributor or self.inputs.get(DISTRIBUTOR)
        chosen = str(distributor) if distributor else None
        code = load_layers(str(self.inputs[GRID_CODE]), overlay, chosen, regime)
        recorded = [layer["sha256"] for layer in self.document["grid_code"]["layers"]]
        used = [layer.sha256 for layer in code.layers]
        if not choice.of_profile and used != recorded:
            raise EvidenceError(
                f"{self.path}: the kept files make a grid code of {used}, the run used {recorded}; "
                "one of them extends a file that was not found beside it"
            )
        return code


def _verify(directory: Path, event: Event) -> None:
    path = directory / event["path"]
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}") from error
    if found != event["sha256"]:
        raise EvidenceError(
            f"{path} is not the file that was recorded: SHA-256 {found}, expected {event['sha256']} "
            f"(journal, event {event['seq']}). Nothing was judged"
        )


def _trials(events: tuple[Event, ...]) -> dict[str, StoredTrial]:
    trials = {e["trial"]: _begun(e) for e in events if e["type"] == "trial_started"}
    for event in events:
        if event["type"] == "file" and event["trial"] is not None:
            record = FileRecord(event["path"], event["sha256"], event["bytes"])
            trial = trials[event["trial"]]
            trials[trial.id] = replace(trial, files=(*trial.files, (event["kind"], record)))
        elif event["type"] == "trial_ended":
            trials[event["trial"]] = replace(trials[event["trial"]], ended=True)
    return trials


def _begun(event: Event) -> StoredTrial:
    return StoredTrial(event["trial"], date.fromisoformat(event["utc"][:10]), (), False)
