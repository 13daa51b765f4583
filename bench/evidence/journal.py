"""The run's record: a hash-chained journal, and the directory its files lie in.

Each line of the journal is one event and carries the SHA-256 of the line before. A line is on disk before
`append` returns, and so is every line `follow_up` wrote before it. Files are complete under their final name or
not there at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from os import SEEK_END
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from bench.evidence.calls import Call, calls_bytes
from bench.evidence.durable import (
    append_durably,
    cut_durably,
    open_to_append,
    store_durably,
    sync_directory,
    write_whole,
)
from bench.evidence.readings_file import load_readings, readings_bytes
from bench.evidence.waveform_file import load_recording, recording_bytes
from instruments.clock import Clock, utc_now
from instruments.errors import EvidenceError
from instruments.interfaces import Reading, Recording

__all__ = [
    "FIRST_LINK",
    "FileRecord",
    "Journal",
    "RunDirectory",
    "journal_head",
    "load_readings",
    "load_recording",
    "read_journal",
]

FIRST_LINK = "0" * 64
INPUTS = "inputs"
OWN_FIELDS = ("seq", "utc", "clock_s", "prev", "type")
Write = Callable[[BinaryIO, bytes], None]
UNSAFE_IN_NAMES = frozenset('/\\:*?"<>|')


@dataclass(frozen=True)
class _Tail:
    """Where the journal ends: events and bytes so far, hash of the last line."""

    seq: int = 0
    length: int = 0
    head: str = FIRST_LINK

    def after(self, line: bytes) -> _Tail:
        return _Tail(self.seq + 1, self.length + len(line) + 1, _hash(line))


class Journal:
    """One writer's append-only journal. Use as a context manager, or close it."""

    def __init__(self, path: Path, clock: Clock, stream: BinaryIO, tail: _Tail) -> None:
        self.path = path
        self._clock = clock
        self._stream = stream
        self._tail = tail

    @classmethod
    def create(cls, path: Path, clock: Clock) -> Journal:
        """Begin a journal.

        Raises:
            EvidenceError: there is one already, or it cannot be written.
        """
        try:
            stream = open_to_append(path, create=True)
            sync_directory(path.parent)
        except OSError as error:
            raise EvidenceError(f"journal {path} cannot be created: {error.strerror}") from error
        return cls(path, clock, stream, _Tail())

    @classmethod
    def reopen(cls, path: Path, clock: Clock) -> Journal:
        """Go on with a journal; an unterminated last line is cut, and the cut is recorded.

        Raises:
            EvidenceError: there is none, another process writes to it, or the chain is broken.
        """
        try:
            stream = open_to_append(path, create=False)
        except OSError as error:
            raise EvidenceError(f"journal {path} cannot be reopened: {error.strerror}") from error
        try:
            return cls._resume(path, clock, stream)
        except BaseException:
            stream.close()
            raise

    @classmethod
    def _resume(cls, path: Path, clock: Clock, stream: BinaryIO) -> Journal:
        data = _bytes_of(path)
        whole, torn = _split_torn(data)
        _verified(whole, path)
        tail = _Tail()
        for line in _lines(whole):
            tail = tail.after(line)
        journal = cls(path, clock, stream, tail)
        if torn:
            journal.append("journal_cut", bytes=len(torn))
        return journal

    @property
    def head(self) -> str:
        """SHA-256 of the last line, which stands for the whole journal."""
        return self._tail.head

    def append(self, event: str, **fields: Any) -> dict[str, Any]:
        """Write one event and return it; it is on disk before this returns.

        Raises:
            EvidenceError: it was not written: the disk refuses it, it holds a value JSON has no
                word for, or a field the journal writes itself.
        """
        return self._append(event, fields, append_durably)

    def follow_up(self, event: str, **fields: Any) -> dict[str, Any]:
        """Write one event that means nothing without a later one, and return it.

        It outlives this process; if the power fails before the next `append` it may be lost, with
        every line behind it. Raises EvidenceError as `append` does.
        """
        return self._append(event, fields, write_whole)

    def _append(self, event: str, fields: Mapping[str, Any], write: Write) -> dict[str, Any]:
        try:
            document = self._document(event, fields)
            line = json.dumps(document, allow_nan=False, ensure_ascii=False).encode("utf-8")
            self._write(line, write)
        except (OSError, ValueError, TypeError) as error:
            raise EvidenceError(
                f"journal {self.path}: event {event!r} was not written: {error}"
            ) from error
        return document

    def _document(self, event: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        taken = sorted(set(OWN_FIELDS).intersection(fields))
        if taken:
            raise ValueError(f"the journal itself writes the field {taken[0]!r}")
        return {
            "seq": self._tail.seq,
            "utc": utc_now().isoformat(timespec="microseconds"),
            "clock_s": self._clock.now_s(),
            "prev": self._tail.head,
            "type": event,
            **fields,
        }

    def _write(self, line: bytes, write: Write) -> None:
        # A full disk or an interrupt at any point must leave whole lines that chain; one
        # assignment makes a line count.
        self._cut_surplus()
        try:
            write(self._stream, line + b"\n")
            self._tail = self._tail.after(line)
        except BaseException:
            self._cut_surplus()
            raise

    def _cut_surplus(self) -> None:
        surplus = self._stream.seek(0, SEEK_END) - self._tail.length
        if surplus < 0:
            raise OSError(f"somebody else shortened it by {-surplus} bytes")
        if surplus:
            cut_durably(self._stream, self._tail.length)

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
        EvidenceError: it cannot be read, or names the line at which the chain breaks or ends torn.
    """
    whole, torn = _split_torn(_bytes_of(path))
    events = _verified(whole, path)
    if torn:
        raise EvidenceError(
            f"journal {path}, line {len(events) + 1}: {len(torn)} bytes without an end of line; the "
            "writer was cut off. Reopening the journal removes them and records that it did"
        )
    return events


def journal_head(path: Path) -> str:
    """Return the SHA-256 of the journal's last line, which stands for all of it.

    Raises:
        EvidenceError: it cannot be read.
    """
    lines = _lines(_bytes_of(path))
    return _hash(lines[-1]) if lines else FIRST_LINK


@dataclass(frozen=True)
class FileRecord:
    """A file of a run: path inside it with forward slashes, hash and size."""

    path: str
    sha256: str
    bytes: int


class RunDirectory:
    """The directory of one run, new (`create`) or already there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path) -> RunDirectory:
        """Create the directory of a new run.

        Raises:
            EvidenceError: it exists already, or cannot be created.
        """
        try:
            path.mkdir(parents=True)
            sync_directory(path)
            sync_directory(path.parent)
        except OSError as error:
            raise EvidenceError(f"run directory {path}: {error.strerror}") from error
        return cls(path)

    def store_recording(self, trial: str, recording: Recording) -> FileRecord:
        """Write a capture window as HDF5. Raises EvidenceError."""
        return self._store("recordings", trial, "h5", recording_bytes(recording))

    def store_readings(self, trial: str, readings: Sequence[Reading]) -> FileRecord:
        """Write a series of readings as CSV. Raises EvidenceError."""
        return self._store("readings", trial, "csv", readings_bytes(readings))

    def store_table(self, trial: str, text: str) -> FileRecord:
        """Write rows that belong together as CSV. Raises EvidenceError."""
        return self._store("readings", trial, "map.csv", text.encode("utf-8"))

    def store_capture(self, trial: str, recording: Recording) -> FileRecord:
        """Write a record that a procedure only acted on, as HDF5. Raises EvidenceError."""
        return self._store("captures", trial, "h5", recording_bytes(recording))

    def store_calls(self, trial: str, calls: Sequence[Call]) -> FileRecord:
        """Write what a procedure asked of its instruments as JSON lines. Raises EvidenceError."""
        return self._store("calls", trial, "jsonl", calls_bytes(calls))

    def store_input(self, name: str, data: bytes) -> FileRecord:
        """Write a copy of a file the run was started from. Raises EvidenceError."""
        return self._write(f"{INPUTS}/{name}", data)

    def _store(self, folder: str, trial: str, suffix: str, data: bytes) -> FileRecord:
        return self._write(self._free_name(folder, trial, suffix), data)

    def _write(self, name: str, data: bytes) -> FileRecord:
        path = self.path / name
        try:
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True)
                sync_directory(path.parent.parent)
            store_durably(path, data)
        except OSError as error:
            raise EvidenceError(
                f"{path} ({len(data)} bytes) was not written: {error.strerror}"
            ) from error
        return FileRecord(name, hashlib.sha256(data).hexdigest(), len(data))

    def _free_name(self, folder: str, trial: str, suffix: str) -> str:
        """Return the first name not taken, so that a resumed run keeps what there is."""
        if not trial or trial.startswith(".") or not UNSAFE_IN_NAMES.isdisjoint(trial):
            raise EvidenceError(f"the trial {trial!r} cannot name a file on every system")
        names = (f"{folder}/{trial}-{number:02}.{suffix}" for number in count(1))
        return next(name for name in names if not (self.path / name).exists())


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"journal {path} cannot be read: {error.strerror}") from error


def _split_torn(data: bytes) -> tuple[bytes, bytes]:
    """Return the terminated lines, and what stands behind the last end of line."""
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]


def _lines(data: bytes) -> list[bytes]:
    return data.removesuffix(b"\n").split(b"\n") if data else []


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _verified(data: bytes, path: Path) -> list[dict[str, Any]]:
    events, head = [], FIRST_LINK
    for number, line in enumerate(_lines(data), 1):
        where = f"journal {path}, line {number}"
        event = _event(line, where)
        if event.get("prev") != head:
            raise EvidenceError(
                f"{where}: the chain is broken: expected prev {head}, found {event.get('prev')}. "
                "This line or the one before was changed, or lines are missing between them"
            )
        if event.get("seq") != number - 1:
            raise EvidenceError(f"{where}: expected seq {number - 1}, found {event.get('seq')}")
        head = _hash(line)
        events.append(event)
    return events


def _event(line: bytes, where: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError as error:
        raise EvidenceError(f"{where}: not JSON: {error}") from error
    if not isinstance(event, dict):
        raise EvidenceError(f"{where}: not an event: {event!r}")
    return event
