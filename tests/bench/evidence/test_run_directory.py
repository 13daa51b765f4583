"""The files of a run: whole or absent, never written over, and what a killed writer leaves."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.evidence.journal import Journal, RunDirectory, load_recording, read_journal
from bench.paths import ROOT
from instruments.clock import WallClock
from instruments.errors import EvidenceError
from instruments.interfaces import Reading, Recording

KILLS = 6


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    return RunDirectory.create(tmp_path / "run")


def recording(value: float = 1.0) -> Recording:
    return Recording(10_000.0, 0.0, {"u1": np.full(100, value)}, {"u1": "V"}, "analyser")


READING = Reading(1.0, 0.2, (230.0,) * 3, (10.0,) * 3, (2300.0,) * 3, 50.0, 0.9, 1.1)


def test_a_stored_file_has_the_recorded_hash_and_size(directory: RunDirectory) -> None:
    record = directory.store_recording("voltage_trip-OV1-L2", recording())
    data = (directory.path / record.path).read_bytes()
    assert (record.sha256, record.bytes) == (hashlib.sha256(data).hexdigest(), len(data))


def test_files_of_a_trial_are_numbered(directory: RunDirectory) -> None:
    paths = [directory.store_recording("OV1", recording(value)).path for value in (1, 2)]
    paths.append(directory.store_readings("OV1", [READING]).path)
    assert paths == ["recordings/OV1-01.h5", "recordings/OV1-02.h5", "readings/OV1-01.csv"]


def test_the_same_recording_has_the_same_hash(directory: RunDirectory) -> None:
    records = [directory.store_recording(trial, recording()) for trial in ("a", "b")]
    assert records[0].sha256 == records[1].sha256


def test_a_resumed_run_keeps_the_files_it_finds(directory: RunDirectory) -> None:
    first = directory.store_recording("OV1", recording(1))
    second = RunDirectory(directory.path).store_recording("OV1", recording(2))
    assert second.path == "recordings/OV1-02.h5"
    kept = (directory.path / first.path).read_bytes()
    assert hashlib.sha256(kept).hexdigest() == first.sha256


def test_the_remainder_of_a_killed_writer_is_in_nobodys_way(directory: RunDirectory) -> None:
    remainder = directory.path / "recordings" / "OV1-01.h5.tmp"
    remainder.parent.mkdir()
    remainder.write_bytes(b"half a file, and longer than the whole one " * 1000)
    record = directory.store_recording("OV1", recording())
    assert np.array_equal(
        load_recording(directory.path / record.path).channels["u1"], recording().channels["u1"]
    )
    assert not remainder.exists()


@pytest.mark.parametrize("name", ["", ".hidden", "../outside", "a/b", "a\\b", "C:x", "what?"])
def test_a_trial_that_cannot_name_a_file_everywhere_is_refused(
    directory: RunDirectory, name: str
) -> None:
    with pytest.raises(EvidenceError, match="cannot name a file"):
        directory.store_recording(name, recording())


def test_the_directory_of_another_run_is_not_taken(directory: RunDirectory) -> None:
    with pytest.raises(EvidenceError, match="run directory"):
        RunDirectory.create(directory.path)


def test_a_file_that_cannot_be_written_is_named(directory: RunDirectory) -> None:
    (directory.path / "readings").write_bytes(b"a file in the place of the folder")
    with pytest.raises(EvidenceError, match=r"OV1-01\.csv \(\d+ bytes\) was not written"):
        directory.store_readings("OV1", [READING])


# -- kill at any moment ------------------------------------------------------------------------


def killed_writer(path: Path, after_events: int) -> int:
    """Let a process write evidence, kill it, and return the last event it called durable."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.journal_writer", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        assert process.stdout
        for _ in range(after_events):
            process.stdout.readline()
        process.kill()
        rest = process.stdout.read().split()
    return int(rest[-1]) if rest else after_events - 1


@pytest.mark.parametrize("attempt", range(KILLS))
def test_a_killed_writer_leaves_a_chain_that_goes_on_and_only_whole_files(
    tmp_path: Path, attempt: int
) -> None:
    path = tmp_path / "run"
    last_durable = killed_writer(path, random.Random(attempt).randint(1, 40))
    with Journal.reopen(path / "journal.jsonl", WallClock()) as journal:
        journal.append("note", text="resumed")
    events = read_journal(path / "journal.jsonl")
    assert len(events) > last_durable + 1
    for event in events:
        if event["type"] == "file":
            data = (path / event["path"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == event["sha256"]
    for file in (path / "recordings").glob("*.h5"):
        assert load_recording(file).sample_count == 20_000
