"""The run's record: a hash-chained journal, and the directory its files lie in.

Each line of the journal is one event and carries the SHA-256 of the line before. A line is on disk before
`append` returns. Files are complete under their final name or not there at all.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from bench.waveform_file import recording_bytes
from instruments.clock import Clock, utc_now
from instruments.errors import EvidenceError
from instruments.interfaces import Reading, Recording

FIRST_LINK = "0" * 64


class Journal:
    """One writer's append-only journal. Use as a context manager, or close it."""

    def __init__(self, path: Path, clock: Clock, stream: BinaryIO, seq: int, head: str) -> None:
        self.path = path
        self.head = head
        self._clock = clock
        self._stream = stream
        self._seq = seq

    @classmethod
    def create(cls, path: Path, clock: Clock) -> Journal:
        """Begin a journal.

        Raises:
            EvidenceError: there is one already, or it cannot be written.
        """
        try:
            journal = cls(path, clock, path.open("xb"), 0, FIRST_LINK)
            _sync_directory(path.parent)
        except OSError as error:
            raise EvidenceError(f"journal {path} cannot be created: {error.strerror}") from error
        return journal

    @classmethod
    def reopen(cls, path: Path, clock: Clock) -> Journal:
        """Go on with a journal; an unterminated last line is cut, and the cut is recorded.

        Raises:
            EvidenceError: the chain is broken.
        """
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        events = _verified(whole, path)
        stream = path.open("r+b")
        stream.truncate(len(whole))
        stream.seek(0, os.SEEK_END)
        lines = whole.splitlines()
        head = hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST_LINK
        journal = cls(path, clock, stream, len(events), head)
        if len(whole) < len(data):
            journal.append("journal_cut", bytes=len(data) - len(whole))
        return journal

    def append(self, event: str, **fields: Any) -> dict[str, Any]:
        """Write one event and return it; it is on disk before this returns.

        Raises:
            EvidenceError: it cannot be written, or holds a value JSON has no word for.
        """
        document = {
            "seq": self._seq,
            "utc": utc_now().isoformat(timespec="microseconds"),
            "clock_s": self._clock.now_s(),
            "prev": self.head,
            "type": event,
            **fields,
        }
        try:
            line = json.dumps(document, allow_nan=False, ensure_ascii=False).encode("utf-8")
            self._stream.write(line + b"\n")
            self._stream.flush()
            _sync(self._stream.fileno())
        except (OSError, ValueError, TypeError) as error:
            raise EvidenceError(
                f"journal {self.path}: event {event!r} was not written: {error}"
            ) from error
        self._seq += 1
        self.head = hashlib.sha256(line).hexdigest()
        return document

    def close(self) -> None:
        """Close the file. May be called again."""
        self._stream.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def read_journal(path: Path) -> list[dict[str, Any]]:
    """Return all events of a journal whose chain holds.

    Raises:
        EvidenceError: names the line at which it does not.
    """
    try:
        return _verified(path.read_bytes(), path)
    except OSError as error:
        raise EvidenceError(f"journal {path} cannot be read: {error.strerror}") from error


def journal_head(path: Path) -> str:
    """Return the SHA-256 of the journal's last line, which stands for all of it."""
    lines = path.read_bytes().splitlines()
    return hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST_LINK


@dataclass(frozen=True)
class FileRecord:
    """A file of a run: path inside it with forward slashes, hash and size."""

    path: str
    sha256: str
    bytes: int


class RunDirectory:
    """The directory of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._counts: Counter[str] = Counter()

    @classmethod
    def create(cls, path: Path) -> RunDirectory:
        """Create the directory of a new run.

        Raises:
            EvidenceError: it exists already, or cannot be created.
        """
        try:
            path.mkdir(parents=True)
            (path / "recordings").mkdir()
            (path / "readings").mkdir()
        except OSError as error:
            raise EvidenceError(f"run directory {path}: {error.strerror}") from error
        return cls(path)

    def store_recording(self, trial: str, recording: Recording) -> FileRecord:
        """Write a capture window as HDF5."""
        return self._store(f"recordings/{self._name(trial)}.h5", recording_bytes(recording))

    def store_readings(self, trial: str, readings: Sequence[Reading]) -> FileRecord:
        """Write a series of readings as CSV."""
        return self._store(f"readings/{self._name(trial)}.csv", _readings_bytes(readings))

    def _name(self, trial: str) -> str:
        self._counts[trial] += 1
        return f"{trial}-{self._counts[trial]:02}"

    def _store(self, name: str, data: bytes) -> FileRecord:
        target = self.path / name
        partial = target.with_name(target.name + ".tmp")
        try:
            with partial.open("xb") as stream:
                stream.write(data)
                stream.flush()
                _sync(stream.fileno())
            partial.rename(target)
            _sync_directory(target.parent)
        except OSError as error:
            raise EvidenceError(f"{target} cannot be written: {error.strerror}") from error
        return FileRecord(name, hashlib.sha256(data).hexdigest(), len(data))


READING_COLUMNS = (
    "end_s",
    "window_s",
    *(f"u{n}_v" for n in (1, 2, 3)),
    *(f"i{n}_a" for n in (1, 2, 3)),
    *(f"p{n}_w" for n in (1, 2, 3)),
    "frequency_hz",
    "requested_s",
    "answered_s",
)


def _readings_bytes(readings: Sequence[Reading]) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(READING_COLUMNS)
    for reading in readings:
        row = (
            reading.end_s,
            reading.window_s,
            *reading.voltages_v,
            *reading.currents_a,
            *reading.active_powers_w,
            reading.frequency_hz,
            reading.requested_s,
            reading.answered_s,
        )
        writer.writerow([repr(value) for value in row])
    return text.getvalue().encode("ascii")


def load_readings(path: Path) -> list[Reading]:
    """Return the readings of a CSV file written by `RunDirectory.store_readings`.

    Raises:
        EvidenceError: it has another form.
    """
    with path.open(encoding="ascii", newline="") as stream:
        rows = list(csv.reader(stream))
    if not rows or tuple(rows[0]) != READING_COLUMNS:
        raise EvidenceError(f"{path}: expected the columns {', '.join(READING_COLUMNS)}")
    return [_reading([float(cell) for cell in row]) for row in rows[1:]]


def _reading(v: list[float]) -> Reading:
    return Reading(
        v[0], v[1], (v[2], v[3], v[4]), (v[5], v[6], v[7]), (v[8], v[9], v[10]), v[11], v[12], v[13]
    )


def _verified(data: bytes, path: Path) -> list[dict[str, Any]]:
    events, head = [], FIRST_LINK
    for number, line in enumerate(data.splitlines(), 1):
        try:
            event = json.loads(line)
        except ValueError as error:
            raise EvidenceError(f"journal {path}, line {number}: not JSON: {error}") from error
        if event.get("prev") != head or event.get("seq") != number - 1:
            raise EvidenceError(
                f"journal {path}, line {number}: the chain is broken: it names {event.get('prev')}, "
                f"the line before hashes to {head}"
            )
        head = hashlib.sha256(line).hexdigest()
        events.append(event)
    return events


def _sync(descriptor: int) -> None:
    getattr(os, "fdatasync", os.fsync)(descriptor)


def _sync_directory(path: Path) -> None:
    """Make a new name durable; Windows cannot open directories and needs no such step."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
