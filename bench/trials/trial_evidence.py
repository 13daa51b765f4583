"""What a trial leaves behind: its journal events, its files, and what to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

from bench.evidence.call_log import CallLog
from bench.evidence.calls import Call, StoredFile
from bench.evidence.journal import FileRecord, Journal
from bench.plots.panels import PlotPanel, Required
from bench.verdicts.verdict import (
    Measurement,
    Outcome,
    Verdict,
    measurement_to_json,
    verdict_to_json,
)
from instruments.interfaces import Reading, Recording, Stimulus


@dataclass(frozen=True)
class Mark:
    """A labelled instant on a plot, seconds from the start of the file."""

    label: str
    time_s: float


@dataclass(frozen=True)
class Level:
    """A labelled horizontal line on a plot, rms for voltages."""

    label: str
    value: float
    unit: str


@dataclass(frozen=True)
class Bar:
    """One value beside its limit; None where there is no limit."""

    label: str
    value: float
    limit: float | None
    unit: str


@dataclass(frozen=True)
class PlanePoint:
    """A steady response at one level, and the interval that is expected there."""

    level: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Corner:
    """A set-point of a curve: its name and the level at which it stands."""

    label: str
    at: float


@dataclass(frozen=True)
class Plane:
    """A response over what it follows.

    Attributes:
        across, along: what the axes show, with units.
        tolerance: permitted on both sides of the expected interval.
        curve: what is required over the whole range; where the level falls back a new line begins.
    """

    across: str
    along: str
    tolerance: float
    points: Sequence[PlanePoint]
    curve: Sequence[Required] = ()
    corners: Sequence[Corner] = ()


@dataclass(frozen=True)
class Plot:
    """What a reader should see of one file.

    Attributes:
        bars: drawn in the place of the traces, when there are any.
        plane: drawn in place of the series when there is one.
        panels: from top to bottom, of readings; a recording shows voltage unless the first is the frequency.
    """

    title: str
    marks: Sequence[Mark]
    limit_times: Sequence[Mark]
    levels: Sequence[Level]
    view_s: tuple[float, float] | None = None
    bars: Sequence[Bar] = ()
    plane: Plane | None = None
    panels: Sequence[PlotPanel] = ()


class Store(Protocol):
    """Where the files of a trial go; see `bench.evidence.journal.RunDirectory`."""

    def store_recording(self, trial: str, recording: Recording) -> FileRecord: ...

    def store_readings(self, trial: str, readings: Sequence[Reading]) -> FileRecord: ...

    def store_table(self, trial: str, text: str) -> FileRecord: ...

    def store_capture(self, trial: str, recording: Recording) -> FileRecord: ...

    def store_calls(self, trial: str, calls: Sequence[Call]) -> FileRecord: ...


class TrialEvidence:
    """Writes the events of one trial.

    A verdict and the end of a trial are on disk when their method returns, and all that was written before.
    """

    def __init__(
        self,
        trial_id: str,
        journal: Journal,
        directory: Store,
        calls: CallLog | None = None,
    ) -> None:
        self._trial_id = trial_id
        self._journal = journal
        self._directory = directory
        self._calls = calls or CallLog()

    def started(
        self, procedure: str, requirements: Sequence[str], title: str, conditions: dict[str, str]
    ) -> date:
        """Record what is about to be done; return the day, in UTC."""
        event = self._follow_up(
            "trial_started",
            procedure=procedure,
            requirements=list(requirements),
            title=title,
            conditions=conditions,
        )
        return date.fromisoformat(event["utc"][:10])

    def stimulus(self, stimulus: Stimulus) -> None:
        """Record the program the source is about to run."""
        self._follow_up("stimulus_applied", stimulus=asdict(stimulus))

    def recording(self, recording: Recording) -> str:
        """Store a capture window and return its path inside the run."""
        record = self._directory.store_recording(self._trial_id, recording)
        self._file(
            "recording",
            record,
            sample_rate_hz=recording.sample_rate_hz,
            start_s=recording.start_s,
            time_base=recording.source,
        )
        self._calls.kept(recording, record.path)
        return record.path

    def readings(self, readings: Sequence[Reading]) -> str:
        """Store a series of readings and return its path inside the run."""
        record = self._directory.store_readings(self._trial_id, readings)
        self._file("readings", record, start_s=readings[0].end_s, time_base="power_analyser")
        return record.path

    def table(self, text: str) -> str:
        """Store rows that belong together and return their path inside the run."""
        record = self._directory.store_table(self._trial_id, text)
        self._file("table", record, start_s=None, time_base=None)
        return record.path

    def measured(self, measurement: Measurement, file: str) -> None:
        """Record a measurement, judged or not."""
        self._follow_up("measured", measurement=measurement_to_json(measurement), file=file)

    def plotted(self, file: str, plot: Plot) -> None:
        """Record what to draw of a file."""
        self._follow_up("plotted", file=file, **asdict(plot))

    def judged(self, verdict: Verdict) -> None:
        """Record a verdict, and before it the calls it rests on."""
        self.keep_calls()
        self._append("judged", requirement=verdict.requirement, verdict=verdict_to_json(verdict))

    def note(self, text: str) -> None:
        """Record a remark; it decides nothing."""
        self._follow_up("note", text=text)

    def ended(self, outcome: Outcome, reason: str | None) -> None:
        """Record how the trial came out, and the calls that are not on record yet."""
        self.keep_calls()
        self._append("trial_ended", outcome=outcome.value, reason=reason)

    def keep_calls(self) -> None:
        """Store the calls since the last time, if there are any; records among them get a file first."""
        calls = self._calls.take()
        if not calls:
            return
        for call in calls:
            if isinstance(call.result, Recording):
                call.result = StoredFile(self._capture(call.result))
        self._file("calls", self._directory.store_calls(self._trial_id, calls))

    def _capture(self, recording: Recording) -> str:
        record = self._directory.store_capture(self._trial_id, recording)
        self._file(
            "capture",
            record,
            sample_rate_hz=recording.sample_rate_hz,
            start_s=recording.start_s,
            time_base=recording.source,
        )
        return record.path

    def _file(self, kind: str, record: FileRecord, **more: Any) -> None:
        self._follow_up(
            "file", kind=kind, path=record.path, sha256=record.sha256, bytes=record.bytes, **more
        )

    def _append(self, event: str, **fields: Any) -> None:
        self._journal.append(event, trial=self._trial_id, **fields)

    def _follow_up(self, event: str, **fields: Any) -> dict[str, Any]:
        return self._journal.follow_up(event, trial=self._trial_id, **fields)
