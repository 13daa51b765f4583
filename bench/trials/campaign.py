"""One run: a plan, a station, a journal; trials one after the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

from bench.evidence.call_log import CallLog
from bench.evidence.journal import Journal, RunDirectory
from bench.evidence.run_document import requirement_document, run_document
from bench.evidence.run_inputs import keep_inputs
from bench.grid_code.applicability import inapplicable
from bench.grid_code.profile import Requirement
from bench.inputs import Inputs
from bench.stations.equipment import untestable
from bench.stations.station import Station
from bench.stations.station_file import InverterFile
from bench.trials.trial import Trial
from bench.trials.trial_evidence import TrialEvidence
from bench.trials.trial_station import logged
from bench.verdicts.verdict import Outcome
from instruments.clock import process_time_s, utc_now
from instruments.errors import UnsafeBench


class Ending(NamedTuple):
    """How a trial came out, and why it did when no verdict says so."""

    outcome: Outcome
    reason: str | None


class Campaign:
    """A run in progress. Use as a context manager around all trials.

    Args:
        inputs: loaded files.
        directory: the run's own directory; must not exist yet.
        planned: requirement id → number of trials planned for it.
        testable_kinds: kinds of requirement for which there is a procedure.
        command: command line, for the record.

    Raises:
        BenchError: on entering; nothing was energised.
    """

    def __init__(
        self,
        inputs: Inputs,
        directory: Path,
        planned: Mapping[str, int],
        testable_kinds: Collection[str],
        command: str,
    ) -> None:
        self.inputs = inputs
        self.directory = RunDirectory.create(directory)
        self.interrupted: str | None = None
        self.unsafe: str | None = None
        self._planned = planned
        self._testable_kinds = testable_kinds
        self._command = command
        self._evidence: TrialEvidence | None = None
        self._stack = ExitStack()
        self._started_s = process_time_s()

    def __enter__(self) -> Campaign:
        transcript = self.directory.path / "transcript.jsonl"
        inputs = self.inputs
        with ExitStack() as stack:
            self.station = Station(
                inputs.station,
                inputs.inverter,
                inputs.faults,
                transcript,
                inputs.parsed_troubles(),
            )
            self._leaving = stack.enter_context(ExitStack())
            self._leaving.enter_context(self.station)
            journal = Journal.create(self.directory.path / "journal.jsonl", self.station.clock)
            self.journal = stack.enter_context(journal)
            self._append_start()
            keep_inputs(inputs, self.directory, self.journal)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            self.make_safe()
            self._restore_settings()
            if self._evidence:
                # An interrupted trial has not put its calls on record.
                self._evidence.keep_calls()
            self._leave_station()
            self.journal.append(
                "run_ended",
                bench_duration_s=self.station.clock.now_s() - self._clock_started_s,
                wall_duration_s=process_time_s() - self._started_s,
                exchanges=self.station.exchanges,
                interrupted=self.interrupted,
            )

    def make_safe(self) -> None:
        """Bring the station to its safe state and record whether it is confirmed."""
        self.unsafe = None
        try:
            self.station.make_safe()
        except UnsafeBench as error:
            self.unsafe = str(error)
        self._record_safe_state()

    def _leave_station(self) -> None:
        """Leave the station, which confirms the safe state again; on record only when it no longer can."""
        try:
            self._leaving.close()
        except UnsafeBench as error:
            self.unsafe = str(error)
            self._record_safe_state()

    def _record_safe_state(self) -> None:
        problems = [self.unsafe] if self.unsafe else []
        self.journal.append("safe_state", confirmed=not problems, problems=problems)

    def _restore_settings(self) -> None:
        """Put the inverter's settings back after an interrupted trial; not a matter of safety, but reported."""
        problem = self.station.restore_settings()
        if problem:
            self.journal.append("note", trial=None, text=problem)

    def _record_change(self, setting: str, held: Any) -> None:
        """Have on record what a setting of the inverter held before the bench first changes it."""
        self.journal.append("setting_held", setting=setting, held=held)

    def begin_trial(
        self,
        trial_id: str,
        procedure: str,
        requirements: Sequence[Requirement],
        conditions: dict[str, str],
    ) -> Trial:
        """Start a trial and record it."""
        calls, code = CallLog(), self.inputs.grid_code
        evidence = self._evidence = TrialEvidence(trial_id, self.journal, self.directory, calls)
        title = requirements[0].title
        ids = [row.id for row in requirements]
        day = evidence.started(procedure, ids, title, conditions)
        return Trial(logged(self.station, calls, day), code.method, code.rule, evidence)

    def end_trial(self, trial: Trial, outcome: Outcome, reason: str | None) -> Ending:
        """Record how a trial came out, and return it."""
        trial.evidence.ended(outcome, reason)
        return Ending(outcome, reason)

    def _append_start(self) -> None:
        self._clock_started_s = self.station.clock.now_s()
        self.journal.append(
            "run_started",
            run=run_document(
                self.inputs, self.directory.path.name, self.station.clock.name, self._command
            ),
            requirements=[self._requirement(row) for row in self.inputs.grid_code.requirements],
        )
        self.station.state.changed = self._record_change
        if self.station.left_behind:
            text = f"put back what an earlier session had left changed: {self.station.left_behind}"
            self.journal.append("note", trial=None, text=text)
        for text in self.inputs.foresee(self._planned).announcements:
            self.journal.append("note", trial=None, text=f"known before the run: {text}")
        for found in self.station.identified:
            self.journal.append(
                "instrument_identified",
                role=found.role,
                **asdict(found.identity),
                driver=found.driver,
                resource=found.resource,
                simulated=self.station.simulated,
                calibration=self._calibration(found.role),
            )

    def _calibration(self, role: str) -> dict[str, str] | None:
        calibration = self.inputs.station.entries[role].calibration
        return calibration.to_json() if calibration else None

    def _requirement(self, row: Requirement) -> dict[str, Any]:
        planned = self._planned.get(row.id, 0)
        reason = None if planned else self._reason_unplanned(row)
        return requirement_document(row, self.inputs.inverter, planned, reason)

    def _reason_unplanned(self, row: Requirement) -> str:
        inputs = self.inputs
        lacking = inapplicable(row, inputs.inverter)
        lacking = lacking or untestable(row, inputs.station, inputs.inverter)
        if lacking:
            return lacking
        if row.kind in self._testable_kinds:
            return "not selected for this run"
        return f"this version has no procedure for {row.kind.replace('_', ' ')}"


def default_directory(parent: Path, inverter: InverterFile) -> Path:
    """Return a new run's directory below `parent`, named by date and inverter."""
    stamp = utc_now().strftime("%Y%m%dT%H%M%SZ")
    base = f"{stamp}_{inverter.maker}-{inverter.model}".replace(" ", "-")
    for name in chain([base], (f"{base}-{number}" for number in count(2))):
        if not (parent / name).exists():
            return parent / name
    raise AssertionError("count() does not end")
