"""How long an event takes to be durable: `python -m benchmarks.journal [--events N] [--directory D]`.

The disk decides; give a directory on the disk the runs will be on.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median, quantiles

from bench.evidence.journal import Journal, read_journal
from instruments.clock import WallClock, process_time_s


def append_times_ms(path: Path, events: int) -> list[float]:
    """Return how long each of `events` appends took, in ms."""
    times_ms = []
    with Journal.create(path, WallClock()) as journal:
        for number in range(events):
            started_s = process_time_s()
            journal.append("note", trial="benchmark", text=f"{number:06} " + "x" * 60)
            times_ms.append(1e3 * (process_time_s() - started_s))
    return times_ms


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--directory", type=Path, default=Path.cwd())
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        path = Path(directory) / "journal.jsonl"
        times_ms = append_times_ms(path, arguments.events)
        size = path.stat().st_size // arguments.events
        started_s = process_time_s()
        read_journal(path)
        read_ms = 1e3 * (process_time_s() - started_s)
    print(
        f"{arguments.events} events of about {size} bytes: "
        f"median {median(times_ms):.3f} ms, 99 % {quantiles(times_ms, n=100)[98]:.3f} ms, "
        f"slowest {max(times_ms):.3f} ms; reading and verifying all: {read_ms:.1f} ms"
    )


if __name__ == "__main__":
    main()
