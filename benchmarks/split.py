"""Where the time of a simulated campaign goes: `python -m benchmarks.split`.

A timer interrupts the process every 2 ms of its processor time and looks which part of the project was at
work; whatever a part calls in libraries counts as its own. In a simulated campaign one thread does all of it.
The views are drawn in a process of their own, whose processor time stands beside it. Not on Windows, which has
no such timer.
"""

from __future__ import annotations

import resource
import signal
import sys
import tempfile
from collections import Counter
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import FrameType

from bench.cli import main as bench
from bench.paths import ROOT
from instruments.clock import process_time_s

PERIOD_S = 0.002
PARTS = {
    "instruments/simulated/physics/waveforms.py": "physics: waveforms",
    "instruments/simulated/devices/analyser_recorder.py": "physics: waveforms",
    "instruments/simulated/devices/analyser_noise.py": "physics: waveforms",
    "instruments/simulated/physics": "physics: grid, loads, island",
    "instruments/simulated/inverter": "physics: inverter",
    "instruments/simulated": "exchanges: simulated instruments",
    "instruments": "exchanges: drivers and links",
    "bench/metering": "metering",
    "bench/budgets": "metering",
    "bench/evidence": "evidence",
    "reports": "report: results",
    "bench": "procedures and verdicts",
    "test_procedures": "procedures and verdicts",
}
"""Beginnings of paths inside the project; the first that fits counts."""
START = "start: Python, libraries, pytest"


class Sampler:
    """Counts which part of the project is at work."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def look(self, _signal: int, frame: FrameType | None) -> None:
        """Note the part whose code is innermost."""
        while frame is not None:
            part = part_of(frame.f_code.co_filename)
            if part:
                self.seen[part] += 1
                return
            frame = frame.f_back
        self.seen[START] += 1


def part_of(file: str) -> str | None:
    """Return the part of the project a file belongs to; None for a library and for what starts the rest."""
    if "importlib" in file:
        return START
    path = Path(file)
    if not path.is_relative_to(ROOT) or "site-packages" in file:
        return None
    inside = path.relative_to(ROOT).as_posix()
    if inside.startswith("bench/cli"):
        return None
    return next((part for start, part in PARTS.items() if inside.startswith(start)), None)


def main() -> None:
    """Run the default campaign and print the table."""
    sampler = Sampler()
    signal.signal(signal.SIGPROF, sampler.look)
    signal.setitimer(signal.ITIMER_PROF, PERIOD_S, PERIOD_S)
    started_s = process_time_s()
    with tempfile.TemporaryDirectory() as parent, redirect_stdout(StringIO()):
        bench.main(["run", "--json", "--out", str(Path(parent) / "run")], standalone_mode=False)
    wall_s = process_time_s() - started_s
    signal.setitimer(signal.ITIMER_PROF, 0.0)
    views = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = sum(sampler.seen.values())
    print(f"wall time of the run, under the timer   {wall_s:6.2f} s")
    for part, count in sorted(sampler.seen.items()):
        print(f"{part:40}{wall_s * count / total:6.2f} s {count / total:5.0%}")
    print(f"views, in a process beside it           {views.ru_utime + views.ru_stime:6.2f} s")


if __name__ == "__main__":
    sys.exit(main())
