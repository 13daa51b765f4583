"""A process that writes evidence until it is killed: `python -m tests.bench.journal_writer DIRECTORY`.

It says on stdout what is durable, after the call that made it so has returned.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import numpy as np

from bench.evidence.journal import Journal, RunDirectory
from instruments.clock import WallClock
from instruments.interfaces import Recording


def noise(number: int) -> Recording:
    """Return a recording that does not compress, so that writing it takes a while."""
    samples = np.random.default_rng(number).normal(size=20_000)
    return Recording(10_000.0, 0.0, {"u1": samples}, {"u1": "V"}, "noise")


def write_for_ever(path: Path) -> None:
    """Append two events and store one file after the other."""
    directory = RunDirectory.create(path)
    with Journal.create(path / "journal.jsonl", WallClock()) as journal:
        for number in count():
            acknowledge(journal.append("note", text="x" * (number % 700)))
            record = directory.store_recording("trial", noise(number))
            acknowledge(journal.append("file", path=record.path, sha256=record.sha256))


def acknowledge(event: dict[str, object]) -> None:
    """Tell the parent which event is durable."""
    sys.stdout.write(f"{event['seq']}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]))
