"""Prepare the views while the run goes on: a process of its own that follows a run's journal.

It reads evidence only, as every report does, so it can neither slow nor disturb the bench. The run tells it
over its standard input when a trial has ended; when the input ends, the run has, or its process is gone.
`python -m reports.follow RUN` is what a `reports.following.Follower` starts.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reports.html import load_templates
from reports.results import load_results
from reports.trials import Json, collect_trials
from reports.write import PreparedTrial, prepare_trial, write_views

Event = dict[str, Any]
GARBAGE_THRESHOLD = 50_000


def follow(run_directory: Path) -> None:
    """Prepare each trial when it has ended, and write the views when the run has."""
    load_templates()
    prepared: dict[str, PreparedTrial] = {}
    fresh = _ended_trials(run_directory / "journal.jsonl")
    for _ in sys.stdin.buffer:
        for run, events in next(fresh):
            [trial] = collect_trials(events)
            prepared[trial["id"]] = prepare_trial(trial, run, run_directory)
    write_views(load_results(run_directory), run_directory, prepared)


def _ended_trials(journal: Path) -> Iterator[list[tuple[Json, list[Event]]]]:
    """Yield, each time it is asked, every trial that has ended since: its run as it started, its events."""
    run: Json = {}
    waiting: dict[str, list[Event]] = {}
    with journal.open("rb") as file:
        while True:
            ended = []
            for line in file.readlines():
                event = json.loads(line)
                if event["type"] == "run_started":
                    run = event["run"]
                if event.get("trial"):
                    waiting.setdefault(event["trial"], []).append(event)
                if event["type"] == "trial_ended":
                    ended.append((run, waiting.pop(event["trial"])))
            yield ended


if __name__ == "__main__":
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    follow(Path(sys.argv[1]))
    # The run waits for this process: every file is closed, and taking the interpreter down takes a while.
    os._exit(0)
