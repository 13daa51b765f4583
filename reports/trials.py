"""The journal's events about trials, gathered trial by trial. Pure.

Every function takes and returns JSON values as they stand in `results.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.verdicts.verdict import Outcome, worst
from instruments.errors import EvidenceError

Json = dict[str, Any]
ABORTED = "aborted: the trial was started and never ended"
DECIDED = frozenset(
    {Outcome.PASS, Outcome.CONDITIONAL_PASS, Outcome.CONDITIONAL_FAIL, Outcome.FAIL}
)
"""Outcomes that a measured value speaks for; every other one needs a reason in words."""

FILE_FIELDS = ("kind", "path", "sha256", "bytes", "sample_rate_hz", "start_s", "time_base")
FOR_REPLAY = frozenset({"calls", "capture"})
"""Kinds of files that only a rejudgement reads; no verdict names them."""

PLOT_FIELDS = ("file", "title", "marks", "limit_times", "levels", "view_s", "bars")
ADDED_PLOT_FIELDS = ("plane", "panels")
"""Fields of plots that need them."""


def collect_trials(events: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Return the trials in the order in which they were started.

    Raises:
        EvidenceError: a trial was started twice, or an event names a trial that was not started.
    """
    trials: dict[str, Json] = {}
    for event in events:
        if event["type"] == "trial_started":
            _start(trials, event)
        elif event["type"] in ADDITIONS and event["trial"] is not None:
            if event["trial"] not in trials:
                raise EvidenceError(
                    f"journal, event {event['seq']} ({event['type']}): trial {event['trial']!r} was "
                    "not started before"
                )
            ADDITIONS[event["type"]](trials[event["trial"]], event)
    return [_concluded(trial) for trial in trials.values()]


def contribution(trial: Json, requirement: str) -> list[Outcome]:
    """Return what a trial says about one of its requirements.

    A trial that bench trouble ended vouches for nothing better than invalid, even where it had judged
    before: nobody knows what it still had to judge.
    """
    judged = [
        Outcome(verdict["outcome"])
        for verdict in trial["verdicts"]
        if verdict["requirement"] == requirement
    ]
    if not trial["completed"]:
        return [*judged, Outcome.INVALID]
    return judged or [Outcome.NOT_TESTED]


def _start(trials: dict[str, Json], event: Mapping[str, Any]) -> None:
    if event["trial"] in trials:
        raise EvidenceError(
            f"journal, event {event['seq']}: trial {event['trial']!r} was started before; a repeat "
            "is a new trial with a name of its own"
        )
    trials[event["trial"]] = {
        "id": event["trial"],
        "procedure": event["procedure"],
        "title": event["title"],
        "requirements": list(event["requirements"]),
        "conditions": dict(event["conditions"]),
        "started_clock_s": event["clock_s"],
        "duration_s": None,
        "completed": False,
        "outcome": Outcome.INVALID.value,
        "reason": ABORTED,
        "stimuli": [],
        "files": [],
        "measurements": [],
        "verdicts": [],
        "plots": [],
        "notes": [],
    }


def _stimulus(trial: Json, event: Mapping[str, Any]) -> None:
    trial["stimuli"].append(event["stimulus"])


def _file(trial: Json, event: Mapping[str, Any]) -> None:
    if event["kind"] not in FOR_REPLAY:
        trial["files"].append({name: event.get(name) for name in FILE_FIELDS})


def _measured(trial: Json, event: Mapping[str, Any]) -> None:
    trial["measurements"].append(event["measurement"])


def _plotted(trial: Json, event: Mapping[str, Any]) -> None:
    plot = {name: event[name] for name in PLOT_FIELDS}
    added = {name: event[name] for name in ADDED_PLOT_FIELDS if event.get(name)}
    trial["plots"].append(plot | added)


def _judged(trial: Json, event: Mapping[str, Any]) -> None:
    trial["verdicts"].append({"requirement": event["requirement"], **event["verdict"]})


def _note(trial: Json, event: Mapping[str, Any]) -> None:
    trial["notes"].append(event["text"])


def _ended(trial: Json, event: Mapping[str, Any]) -> None:
    trouble = event["outcome"] == Outcome.INVALID and event["reason"] is not None
    trial["completed"] = not trouble
    trial["outcome"] = event["outcome"]
    trial["reason"] = event["reason"]
    trial["duration_s"] = event["clock_s"] - trial["started_clock_s"]


ADDITIONS: Mapping[str, Callable[[Json, Mapping[str, Any]], None]] = {
    "stimulus_applied": _stimulus,
    "file": _file,
    "measured": _measured,
    "plotted": _plotted,
    "judged": _judged,
    "note": _note,
    "trial_ended": _ended,
}
"""Type of event → what it adds to its trial."""


def _concluded(trial: Json) -> Json:
    """Return the trial with the worst of what it ended as and what was judged in it."""
    judged = [Outcome(verdict["outcome"]) for verdict in trial["verdicts"]]
    outcome = worst([Outcome(trial["outcome"]), *judged])
    return trial | {"outcome": outcome.value, "reason": trial["reason"] or _reason(trial, outcome)}


def _reason(trial: Json, outcome: Outcome) -> str | None:
    if outcome in DECIDED:
        return None
    reasons = [reason for verdict in trial["verdicts"] for reason in verdict["reasons"]]
    return "; ".join(dict.fromkeys(reasons)) or "the procedure gave no reason"
