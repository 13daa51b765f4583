"""Study the metering functions on signals whose truth is known; write the page and its drawings.

python -m benchmarks.metering_study [--quick] [--seed N] [--docs DIRECTORY] [--workers N]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.metering_study.bars import bars
from benchmarks.metering_study.document import document
from benchmarks.metering_study.plan import FULL, QUICK, run
from benchmarks.metering_study.plots import draw

PAGE = "metrology_study.md"
IMAGES = "images"
SEED = 20


def main(arguments: list[str]) -> int:
    """Run the study; return 0 when every bar is met, 1 otherwise."""
    options = _parser().parse_args(arguments)
    size = QUICK if options.quick else FULL
    began_s = time.perf_counter()
    with ProcessPoolExecutor(options.workers) as executor:
        results = run(size, options.seed, executor)
    if options.docs:
        drawn = draw(results, options.docs / IMAGES)
        links = {name: f"{IMAGES}/{path.name}" for name, path in drawn.items()}
        page = document(results, size, options.seed, links)
        (options.docs / PAGE).write_text(page, encoding="utf-8", newline="\n")
    else:
        print(document(results, size, options.seed, {}))
    judged = bars(results)
    for bar in judged:
        print(f"{'met   ' if bar.met else 'MISSED'} {bar.text}: {bar.found}")
    print(f"{time.perf_counter() - began_s:.0f} s")
    return 0 if all(bar.met for bar in judged) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.metering_study")
    parser.add_argument("--quick", action="store_true", help="few cases, to see that it runs")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--docs", type=Path, help="write page and drawings here, not to the screen")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
