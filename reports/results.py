"""The journal's events become the results document, from which every report is made. Pure.

What depends on the wall clock, on paths or on versions stands in `run` and nowhere else, so equal runs
have equal results beside it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from bench.evidence.journal import journal_head, read_journal
from bench.verdicts.verdict import Outcome
from instruments.errors import EvidenceError
from reports.conclusion import conclude
from reports.json_text import json_text
from reports.requirements import judge_requirements
from reports.schemas import check_document
from reports.trials import ADDITIONS, Json, collect_trials

SCHEMA_VERSION = "1.0"
SCHEMA_FILE = Path(__file__).with_name("results.schema.json")
INSTRUMENT_FIELDS = (
    "role",
    "maker",
    "model",
    "serial",
    "firmware",
    "driver",
    "resource",
    "simulated",
    "calibration",
)
RUN_END_FIELDS = ("bench_duration_s", "wall_duration_s", "exchanges", "interrupted")
OTHER_TYPES = frozenset(
    {
        "run_started",
        "input_kept",
        "instrument_identified",
        "trial_started",
        "safe_state",
        "setting_held",
        "journal_cut",
        "run_ended",
    }
)
LEVELS_OF_LINES = 4
"""What a trial lists stands on lines of its own, each measurement, verdict or plot on one."""

NO_SAFE_STATE = "the journal holds no confirmation of the safe state after the last trial"


def write_results(run_directory: Path) -> Json:
    """Write results.json and its schema from a run's journal, and return the document.

    Raises:
        EvidenceError: the journal is broken, or does not make a valid results document.
    """
    results = load_results(run_directory)
    write_whole(run_directory / "results.json", results_text(results))
    shutil.copyfile(SCHEMA_FILE, run_directory / SCHEMA_FILE.name)
    return results


def load_results(run_directory: Path) -> Json:
    """Return the results document that a run's journal makes, held against its schema.

    Raises:
        EvidenceError: the journal is broken, or does not make a valid results document.
    """
    journal = run_directory / "journal.jsonl"
    results = build_results(read_journal(journal), journal_head(journal))
    check_results(results)
    return results


def write_whole(path: Path, text: str) -> None:
    """Write a file at once, so that nobody ever reads half of one."""
    partial = path.with_name(path.name + ".tmp")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def build_results(events: Sequence[Mapping[str, Any]], journal_head_sha256: str) -> Json:
    """Return the results document of a run, finished or not.

    Args:
        events: the whole journal, in order.
        journal_head_sha256: hash of its last line.

    Raises:
        EvidenceError: the events are not those of one run.
    """
    started = _first_event(events)
    trials = collect_trials(events)
    _refuse_strangers(trials, {row["id"] for row in started["requirements"]})
    requirements = judge_requirements(started["requirements"], trials)
    safe_state = _safe_state(events)
    run = _run(started, events, journal_head_sha256)
    return {
        "schema_version": SCHEMA_VERSION,
        "run": run,
        **conclude(requirements, trials, run, safe_confirmed=safe_state["confirmed"]),
        "counts": {
            outcome.value: sum(row["outcome"] == outcome for row in requirements)
            for outcome in Outcome
        },
        "safe_state": safe_state,
        "instruments": [
            {name: event[name] for name in INSTRUMENT_FIELDS}
            for event in _of_type(events, "instrument_identified")
        ],
        "requirements": requirements,
        "trials": trials,
        "notes": _notes(events),
    }


def check_results(document: Json) -> None:
    """Check a results document against its schema. Raises EvidenceError with the place."""
    check_document("results document", document, SCHEMA_FILE)


def results_text(document: Json) -> str:
    """Return the text of results.json."""
    return json_text(document, LEVELS_OF_LINES) + "\n"


def _first_event(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    if not events or events[0]["type"] != "run_started":
        found = events[0]["type"] if events else "nothing"
        raise EvidenceError(f"journal: it begins with {found}, expected run_started")
    return events[0]


def _refuse_strangers(trials: Sequence[Json], planned: Set[str]) -> None:
    for trial in trials:
        strangers = sorted(set(trial["requirements"]) - planned)
        if strangers:
            raise EvidenceError(
                f"journal: trial {trial['id']!r} names the requirement {strangers[0]!r}, which the run "
                f"did not start with. It started with {', '.join(sorted(planned))}"
            )


def _of_type(events: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    return [event for event in events if event["type"] == name]


def _run(started: Mapping[str, Any], events: Sequence[Mapping[str, Any]], head: str) -> Json:
    ended = next(iter(_of_type(events, "run_ended")), None)
    return {
        **started["run"],
        "journal_head_sha256": head,
        "started_utc": started["utc"],
        "ended_utc": ended["utc"] if ended else None,
        "complete": ended is not None,
        **{name: ended[name] if ended else None for name in RUN_END_FIELDS},
    }


def _safe_state(events: Sequence[Mapping[str, Any]]) -> Json:
    """Return the safe state at the end; one that precedes a trial says nothing about the end."""
    for event in reversed(events):
        if event["type"] == "safe_state":
            return {"confirmed": event["confirmed"], "problems": list(event["problems"])}
        if event["type"] == "trial_started":
            break
    return {"confirmed": False, "problems": [NO_SAFE_STATE]}


def _notes(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return remarks on the run; what this version does not know is said, not dropped."""
    notes = []
    for event in events:
        if event["type"] == "note" and event["trial"] is None:
            notes.append(event["text"])
        elif event["type"] == "journal_cut":
            notes.append(
                f"an unfinished last line of {event['bytes']} bytes was cut off the journal"
            )
        elif event["type"] not in OTHER_TYPES and event["type"] not in ADDITIONS:
            notes.append(f"event {event['seq']} has a type unknown here: {event['type']}")
    return notes
