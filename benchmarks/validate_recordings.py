"""Print the table of docs/validation.md: recordings with published durations, measured by the bench.

python benchmarks/validate_recordings.py FOLDER

FOLDER holds published.csv and the recordings it names.
"""

from __future__ import annotations

import csv
import sys
from decimal import Decimal
from pathlib import Path

from bench.grid_code.profile import find_grid_code, load_grid_code
from bench.paths import DEFAULT_GRID_CODE
from bench.recordings.channel_map import find_channel_map, load_channel_map
from bench.recordings.judging import JudgedRecording, judge_recording
from bench.recordings.readers import read_recording

CHANNEL_MAP = "islanding_2015"
HEADER = (
    "file",
    "published start / end / duration (s)",
    "measured start / end (s)",
    "measured duration ± U (s)",
    "start, end, duration off (ms)",
    "verdict (≤ 2 s)",
)


def main(folder: Path) -> None:
    channel_map = load_channel_map(find_channel_map(CHANNEL_MAP))
    grid_code = load_grid_code(find_grid_code(DEFAULT_GRID_CODE))
    limit = grid_code.only("anti_islanding").limit("run-on time", upper="run_on_max")
    print(f"| {' | '.join(HEADER)} |")
    print("|---" * len(HEADER) + "|")
    with (folder / "published.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            recording = read_recording(folder / row["file"])
            judged = judge_recording(recording, channel_map, limit, grid_code.rule)
            print(f"| {' | '.join(cells(row, judged))} |")


def cells(row: dict[str, str], judged: JudgedRecording) -> list[str]:
    start_s, end_s, duration_s = (
        float(row[key]) for key in ("island_start_s", "island_end_s", "island_duration_s")
    )
    start_off = f"{1e3 * (judged.start.best_s - start_s):+.2f}"
    end_off = f"{1e3 * (judged.end.best_s - end_s):+.2f}" if judged.end else "–"
    duration_off = f"{1e3 * (float(judged.duration.value) - duration_s):+.2f}"
    return [
        row["file"].removesuffix(".tdms"),
        f"{start_s:.5f} / {end_s:.5f} / {duration_s:.5f}",
        f"{judged.start.best_s:.5f} / {f'{judged.end.best_s:.5f}' if judged.end else 'beyond the record'}",
        duration_text(judged),
        f"{start_off}, {end_off}, {duration_off if judged.end else '–'}",
        str(judged.verdict.outcome) if judged.verdict else "",
    ]


def duration_text(judged: JudgedRecording) -> str:
    place = Decimal("0.00001")
    value = judged.duration.value.quantize(place)
    expanded = judged.duration.expanded_uncertainty.quantize(place)
    return f"{judged.duration.censored or ''} {value} ± {expanded}".strip()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
