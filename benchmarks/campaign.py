"""How fast a simulated campaign is: wall time, bench time, their ratio, exchanges.

python benchmarks/campaign.py [REPEATS]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run_once(directory: Path) -> tuple[float, dict]:
    """Run the default campaign in a process of its own; return wall seconds and its results."""
    started_s = time.perf_counter()
    command = [sys.executable, "-m", "bench", "run", "--json", "--out", str(directory)]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    return time.perf_counter() - started_s, json.loads(done.stdout)


def main(repeats: int) -> None:
    walls_s = []
    with tempfile.TemporaryDirectory() as parent:
        for number in range(repeats):
            wall_s, results = run_once(Path(parent) / str(number))
            walls_s.append(wall_s)
    run, wall_s = results["run"], statistics.median(walls_s)
    print(f"trials            {len(results['trials'])}")
    print(f"bench time        {run['bench_duration_s']:.0f} s")
    print(f"exchanges         {run['exchanges']}")
    print(f"wall time         {wall_s:.2f} s median of {repeats} ({min(walls_s):.2f} best)")
    print(f"times real time   {run['bench_duration_s'] / wall_s:.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
