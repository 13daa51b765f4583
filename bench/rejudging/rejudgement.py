"""A run judged again: in the place of a campaign, with kept calls in the place of a station."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

from bench.evidence.journal import OWN_FIELDS, Journal, RunDirectory
from bench.evidence.run_document import grid_code_document, requirement_document, versions
from bench.evidence.run_inputs import keep_inputs
from bench.grid_code.applicability import inapplicable
from bench.grid_code.profile import Requirement
from bench.rejudging.evidence import RejudgedEvidence, RunFiles
from bench.rejudging.player import Player
from bench.rejudging.replayed_station import replayed
from bench.rejudging.stored_run import Choice, StoredRun
from bench.trials.campaign import Ending
from bench.trials.trial import Trial
from bench.verdicts.verdict import Outcome

NOT_TESTED = "the run that is judged again has no trial of it"


class Rejudgement:
    """A rejudgement in progress. Use as a context manager around all trials, as a `Campaign`.

    Args:
        stored: the run.
        choice: what is done otherwise.
        directory: of the new result; must not exist yet.
        command: command line, for the record.
    """

    unsafe = None

    def __init__(self, stored: StoredRun, choice: Choice, directory: Path, command: str) -> None:
        self.inputs = stored.load_inputs(choice)
        self.interrupted: str | None = None
        self._stored = stored
        self._same_profile = not choice.of_profile
        self._path = directory
        self._command = command
        self._stack = ExitStack()
        self._player: Player | None = None

    def __enter__(self) -> Rejudgement:
        self.directory = RunDirectory.create(self._path)
        journal = Journal.create(self.directory.path / "journal.jsonl", _JournalClock(self))
        self.journal = self._stack.enter_context(journal)
        self._append_start()
        keep_inputs(self.inputs, self.directory, self.journal)
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            for event in self._stored.of_type("safe_state")[-1:]:
                self.journal.append(
                    "safe_state", confirmed=event["confirmed"], problems=event["problems"]
                )
            for event in self._stored.of_type("run_ended"):
                self.journal.append("run_ended", **self._end(event))

    def make_safe(self) -> None:
        """Do nothing: nothing is energised."""

    @property
    def now_s(self) -> float:
        """The run's clock where it is being replayed."""
        started_s: float = self._stored.events[0]["clock_s"]
        return self._player.now_s if self._player else started_s

    def place(self, trial_id: str) -> int | None:
        """Return at which place the run had a trial; None when it had not."""
        ids = list(self._stored.trials)
        return ids.index(trial_id) if trial_id in ids else None

    def begin_trial(
        self,
        trial_id: str,
        procedure: str,
        requirements: Sequence[Requirement],
        conditions: dict[str, str],
    ) -> Trial:
        """Start a trial that the run had.

        Raises:
            EvidenceError: its calls cannot be read.
        """
        stored, inputs = self._stored.trials[trial_id], self.inputs
        player = Player(
            self._stored.calls(trial_id),
            self._stored.path,
            whole=stored.ended,
            same_profile=self._same_profile,
        )
        self._player = player
        files = RunFiles(stored, player, self.directory)
        evidence = RejudgedEvidence(trial_id, self.journal, files, player)
        title = requirements[0].title
        evidence.started(procedure, [row.id for row in requirements], title, conditions)
        station = replayed(
            inputs.station, inputs.inverter, stored.day, self._stored.document["clock"], player
        )
        return Trial(station, inputs.grid_code.method, inputs.grid_code.rule, evidence)

    def end_trial(self, trial: Trial, outcome: Outcome, reason: str | None) -> Ending:
        """Record how a trial came out, and return it; with calls left over it is invalid."""
        unasked = self._player.unasked() if self._player else None
        ending = Ending(Outcome.INVALID, unasked) if unasked else Ending(outcome, reason)
        trial.evidence.ended(*ending)
        return ending

    def _append_start(self) -> None:
        self.journal.append(
            "run_started",
            run=self._run(),
            requirements=[self._requirement(row) for row in self.inputs.grid_code.requirements],
        )
        for event in self._stored.of_type("instrument_identified"):
            fields = {name: value for name, value in event.items() if name not in OWN_FIELDS}
            self.journal.append("instrument_identified", **fields)
        for event in self._stored.of_type("note"):
            if event["trial"] is None:
                self.journal.append("note", trial=None, text=event["text"])

    def _run(self) -> dict[str, Any]:
        stored = self._stored
        return {
            **stored.document,
            "id": self._path.name,
            "grid_code": grid_code_document(self.inputs.grid_code),
            "decision_rule": self.inputs.grid_code.rule.to_json(),
            "versions": versions(),
            "command": self._command,
            "rejudged": {
                "id": stored.document["id"],
                "directory": _relative(stored.path, self._path),
                "journal_head_sha256": stored.head,
                "started_utc": stored.events[0]["utc"],
            },
        }

    def _requirement(self, row: Requirement) -> dict[str, Any]:
        known = self._stored.requirements.get(row.id)
        planned = known["planned_trials"] if known else 0
        reason = known["reason"] if known else NOT_TESTED
        lacking = inapplicable(row, self.inputs.inverter)
        return requirement_document(row, self.inputs.inverter, planned, lacking or reason)

    def _end(self, event: Any) -> dict[str, Any]:
        names = ("bench_duration_s", "wall_duration_s", "exchanges")
        interrupted = self.interrupted or event["interrupted"]
        return {**{name: event[name] for name in names}, "interrupted": interrupted}


class _JournalClock:
    """The clock of a rejudgement's journal: the run's, where it is being replayed."""

    def __init__(self, rejudgement: Rejudgement) -> None:
        self.name = "replayed"
        self._rejudgement = rejudgement

    def now_s(self) -> float:
        return self._rejudgement.now_s

    def sleep(self, duration_s: float) -> None: ...

    def prompt(self) -> None: ...


def beside(run: Path) -> Path:
    """Return the first directory beside a run that no rejudgement of it has taken yet."""
    run = run.resolve()
    names = (run.with_name(f"{run.name}-rejudged-{number}") for number in count(1))
    return next(path for path in names if not path.exists())


def _relative(run: Path, directory: Path) -> str:
    """Return how to get from the new directory to the run; on another drive there is only the whole path."""
    try:
        return Path(os.path.relpath(run.resolve(), directory.resolve())).as_posix()
    except ValueError:
        return run.resolve().as_posix()
