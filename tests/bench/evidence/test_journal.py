"""The journal: durable, chained, one writer; what tampering and trouble look like."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.evidence.journal import FIRST_LINK, Journal, journal_head, read_journal
from bench.paths import ROOT
from instruments.errors import EvidenceError


class StoppedClock:
    """A bench clock that shows what it is told."""

    name = "virtual"

    def __init__(self, at_s: float = 0.0) -> None:
        self.at_s = at_s

    def now_s(self) -> float:
        return self.at_s

    def sleep(self, duration_s: float) -> None:
        self.at_s += duration_s


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def write(path: Path, *texts: str) -> list[dict[str, Any]]:
    with Journal.create(path, StoppedClock()) as journal:
        return [journal.append("note", trial=None, text=text) for text in texts]


# -- what is written ---------------------------------------------------------------------------


def test_what_was_appended_is_read_back(path: Path) -> None:
    written = write(path, "one", "two", "three")
    assert read_journal(path) == written


def test_an_event_is_in_the_file_before_append_returns(path: Path) -> None:
    with Journal.create(path, StoppedClock()) as journal:
        event = journal.append("note", text="now")
        assert json.loads(path.read_bytes()) == event


def test_every_line_names_the_hash_of_the_line_before(path: Path) -> None:
    write(path, "one", "two", "three")
    lines = path.read_bytes().splitlines()
    hashes = [hashlib.sha256(line).hexdigest() for line in lines]
    assert [json.loads(line)["prev"] for line in lines] == [FIRST_LINK, *hashes[:-1]]
    assert journal_head(path) == hashes[-1]


def test_keys_stand_in_the_same_order_in_every_line(path: Path) -> None:
    write(path, "one", "two")
    keys = [list(json.loads(line)) for line in path.read_bytes().splitlines()]
    assert keys == [["seq", "utc", "clock_s", "prev", "type", "trial", "text"]] * 2


def test_an_event_carries_the_bench_clock(path: Path) -> None:
    clock = StoppedClock()
    with Journal.create(path, clock) as journal:
        clock.sleep(61.5)
        assert journal.append("note", text="later")["clock_s"] == 61.5


def test_the_head_of_an_open_journal_is_the_head_of_its_file(path: Path) -> None:
    with Journal.create(path, StoppedClock()) as journal:
        journal.append("note", text="any")
        assert journal.head == journal_head(path)


def test_an_empty_journal_has_no_events(path: Path) -> None:
    write(path)
    assert read_journal(path) == []
    assert journal_head(path) == FIRST_LINK


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=4))
def test_any_value_json_has_a_word_for_comes_back(tmp_path: Path, values: list[Any]) -> None:
    path = tmp_path / "any.jsonl"
    path.unlink(missing_ok=True)
    with Journal.create(path, StoppedClock()) as journal:
        for value in values:
            journal.append("note", text=value)
    assert [event["text"] for event in read_journal(path)] == values


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), {"deep": [float("-inf")]}, b"bytes", object(), "\ud800"],
    ids=["nan", "inf", "nested inf", "bytes", "object", "half a character"],
)
def test_what_json_has_no_word_for_is_refused_and_leaves_no_trace(path: Path, value: Any) -> None:
    with Journal.create(path, StoppedClock()) as journal:
        with pytest.raises(EvidenceError, match="event 'measured' was not written"):
            journal.append("measured", value=value)
        journal.append("note", text="goes on")
    assert [event["type"] for event in read_journal(path)] == ["note"]


@pytest.mark.parametrize("field", ["seq", "utc", "clock_s", "prev", "type"])
def test_a_field_the_journal_writes_itself_cannot_be_given(path: Path, field: str) -> None:
    with (
        Journal.create(path, StoppedClock()) as journal,
        pytest.raises(EvidenceError, match=f"the journal itself writes the field '{field}'"),
    ):
        journal.append("note", **{field: "mine"})


def test_a_journal_is_never_written_over(path: Path) -> None:
    write(path, "first")
    with pytest.raises(EvidenceError, match="cannot be created"):
        Journal.create(path, StoppedClock())
    assert len(read_journal(path)) == 1


def test_a_journal_in_no_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="nowhere"):
        Journal.create(tmp_path / "nowhere" / "journal.jsonl", StoppedClock())


def test_a_second_writer_is_refused(path: Path) -> None:
    with (
        Journal.create(path, StoppedClock()),
        pytest.raises(EvidenceError, match="another process is writing to it"),
    ):
        Journal.reopen(path, StoppedClock())


def test_a_second_writer_in_another_process_is_refused(path: Path) -> None:
    attempt = (
        "import sys; from pathlib import Path; from bench.evidence.journal import Journal; "
        "from instruments.clock import WallClock; Journal.reopen(Path(sys.argv[1]), WallClock())"
    )
    with Journal.create(path, StoppedClock()):
        second = subprocess.run(
            [sys.executable, "-c", attempt, str(path)],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    assert second.returncode != 0
    assert "another process is writing to it" in second.stderr


def test_a_reader_is_not_kept_out_by_the_writer(path: Path) -> None:
    with Journal.create(path, StoppedClock()) as journal:
        journal.append("note", text="seen")
        assert len(read_journal(path)) == 1


def test_nothing_can_be_appended_to_a_closed_journal(path: Path) -> None:
    journal = Journal.create(path, StoppedClock())
    journal.close()
    with pytest.raises(EvidenceError, match="was not written"):
        journal.append("note", text="late")


# -- going on ----------------------------------------------------------------------------------


def test_a_reopened_journal_goes_on_with_the_chain(path: Path) -> None:
    write(path, "before")
    with Journal.reopen(path, StoppedClock()) as journal:
        journal.append("note", text="after")
    assert [event["text"] for event in read_journal(path)] == ["before", "after"]


@pytest.mark.parametrize("kept", [1, 60, -1])
def test_a_torn_last_line_is_cut_and_the_cut_is_recorded(path: Path, kept: int) -> None:
    write(path, "whole", "torn")
    whole, torn = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(whole + torn[:kept])
    Journal.reopen(path, StoppedClock()).close()
    events = read_journal(path)
    assert [event["type"] for event in events] == ["note", "journal_cut"]
    assert events[-1]["bytes"] == len(torn[:kept])


def test_a_torn_first_line_leaves_only_the_cut(path: Path) -> None:
    path.write_bytes(b'{"seq": 0, "ut')
    Journal.reopen(path, StoppedClock()).close()
    assert [event["type"] for event in read_journal(path)] == ["journal_cut"]


def test_a_whole_journal_is_reopened_without_a_mark(path: Path) -> None:
    write(path, "whole")
    before = path.read_bytes()
    Journal.reopen(path, StoppedClock()).close()
    assert path.read_bytes() == before


def test_a_reader_names_a_torn_last_line(path: Path) -> None:
    write(path, "whole", "torn")
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(EvidenceError, match=r"line 2: \d+ bytes without an end of line"):
        read_journal(path)


def test_a_missing_journal_is_not_made_by_reopening(path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be reopened"):
        Journal.reopen(path, StoppedClock())
    assert not path.exists()


def test_a_broken_chain_is_not_reopened_and_not_touched(path: Path) -> None:
    write(path, "one", "two")
    broken = path.read_bytes().replace(b"one", b"eno") + b"torn"
    path.write_bytes(broken)
    with pytest.raises(EvidenceError, match="line 2"):
        Journal.reopen(path, StoppedClock())
    assert path.read_bytes() == broken


# -- tampering ---------------------------------------------------------------------------------


def test_one_changed_byte_anywhere_before_the_last_line_is_found(path: Path) -> None:
    write(path, "one", "two", "three")
    honest = path.read_bytes()
    last_line = honest.rfind(b"\n", 0, -1) + 1
    for place in range(last_line):
        changed = bytearray(honest)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(EvidenceError):
            read_journal(path)


def test_a_break_names_line_and_both_hashes(path: Path) -> None:
    write(path, "one", "two", "three")
    lines = path.read_bytes().splitlines(keepends=True)
    named = hashlib.sha256(lines[1].rstrip()).hexdigest()
    lines[1] = lines[1].replace(b"two", b"owt")
    actual = hashlib.sha256(lines[1].rstrip()).hexdigest()
    path.write_bytes(b"".join(lines))
    with pytest.raises(EvidenceError, match=f"line 3: .*expected prev {actual}, found {named}"):
        read_journal(path)


@pytest.mark.parametrize(
    "order",
    [
        pytest.param("13", id="removed"),
        pytest.param("23", id="first removed"),
        pytest.param("132", id="swapped"),
        pytest.param("1123", id="repeated"),
        pytest.param("1_23", id="empty line"),
        pytest.param("1?23", id="not an event"),
    ],
)
def test_lines_that_do_not_follow_one_another_are_found(path: Path, order: str) -> None:
    write(path, "one", "two", "three")
    lines = path.read_bytes().splitlines(keepends=True)
    pieces = {**dict(zip("123", lines, strict=True)), "_": b"\n", "?": b"[]\n"}
    path.write_bytes(b"".join(pieces[piece] for piece in order))
    with pytest.raises(EvidenceError, match=r"line [1-4]:"):
        read_journal(path)


def test_a_number_left_out_of_an_intact_chain_is_found(path: Path) -> None:
    write(path, "one")
    first = path.read_bytes()
    head = hashlib.sha256(first.rstrip()).hexdigest()
    path.write_bytes(first + json.dumps({"seq": 2, "prev": head}).encode() + b"\n")
    with pytest.raises(EvidenceError, match="line 2: expected seq 1, found 2"):
        read_journal(path)


def test_a_changed_last_line_changes_the_head(path: Path) -> None:
    """The chain cannot show this: whoever keeps the head can."""
    write(path, "one", "two")
    head = journal_head(path)
    path.write_bytes(path.read_bytes().replace(b"two", b"owt"))
    assert journal_head(path) != head
