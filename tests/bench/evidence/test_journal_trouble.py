"""What trouble while writing leaves of the journal: a full disk, a shortened file, an interrupt at any line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import bench.evidence.durable
import bench.evidence.journal
from bench.evidence.journal import Journal, journal_head, read_journal
from instruments.errors import EvidenceError
from tests.bench.evidence.test_journal import StoppedClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """Let the system refuse to write beyond `size` bytes, after writing up to there."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on file sizes to set")
def test_a_disk_that_takes_half_an_event_keeps_none_of_it(path: Path) -> None:
    with Journal.create(path, StoppedClock()) as journal:
        journal.append("note", text="fits")
        whole = path.read_bytes()
        with (
            files_limited_to(len(whole) + 100),
            pytest.raises(EvidenceError, match=r"journal\.jsonl: event 'note' was not written"),
        ):
            journal.append("note", text="x" * 500)
        assert path.read_bytes() == whole
        journal.append("note", text="room again")
    assert [event["text"] for event in read_journal(path)] == ["fits", "room again"]


def test_a_journal_somebody_else_shortened_takes_no_more_events(path: Path) -> None:
    with Journal.create(path, StoppedClock()) as journal:
        journal.append("note", text="one")
        path.write_bytes(b"")
        with pytest.raises(EvidenceError, match="somebody else shortened it"):
            journal.append("note", text="two")


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, but only the one this test presses."""


@contextmanager
def interrupt_at(line_number: int) -> Iterator[list[int]]:
    """Press Ctrl-C at the n-th line of the journal's code that runs; yields how many ran."""
    files = {bench.evidence.journal.__file__, bench.evidence.durable.__file__}
    ran = [0]

    def trace(frame: FrameType, kind: str, _argument: Any) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        if kind == "line":
            ran[0] += 1
            if ran[0] == line_number:
                raise Interrupted
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield ran
    finally:
        sys.settrace(before)


def lines_of_one(method: str, path: Path) -> int:
    with Journal.create(path, StoppedClock()) as journal, interrupt_at(-1) as ran:
        getattr(journal, method)("note", text="counted")
    return ran[0]


def test_what_was_only_written_is_there_for_others_and_in_the_chain(path: Path) -> None:
    with Journal.create(path, StoppedClock()) as journal:
        for number in range(3):
            journal.follow_up("note", text=str(number))
            assert len(read_journal(path)) == number + 1
        journal.append("trial_ended")
        assert journal.head == journal_head(path)
    with Journal.reopen(path, StoppedClock()) as journal:
        journal.append("safe_state", confirmed=True, problems=[])
    assert [event["seq"] for event in read_journal(path)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("method", ["append", "follow_up"])
def test_an_interrupt_at_any_line_leaves_a_journal_that_goes_on(
    tmp_path: Path, method: str
) -> None:
    steps = lines_of_one(method, tmp_path / "counted.jsonl")
    assert steps > 10
    for step in range(1, steps + 1):
        path = tmp_path / f"{step}.jsonl"
        with Journal.create(path, StoppedClock()) as journal:
            journal.append("note", text="before")
            with pytest.raises(Interrupted), interrupt_at(step):
                getattr(journal, method)("note", text="interrupted")
            journal.append("safe_state", confirmed=True, problems=[])
        kinds = [event["type"] for event in read_journal(path)]
        assert kinds in (["note", "safe_state"], ["note", "note", "safe_state"])
