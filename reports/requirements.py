"""What the trials of a run say about each requirement of its plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bench.verdicts.verdict import Outcome, worst
from reports.trials import DECIDED, Json, contribution
from reports.wording import limit_text, measured_text


def judge_requirements(planned: Sequence[Mapping[str, Any]], trials: Sequence[Json]) -> list[Json]:
    """Return every requirement of the plan with its outcome, tested or not."""
    return [_judged(row, trials) for row in planned]


def worst_verdict(verdicts: Sequence[Json]) -> Json:
    """Return the verdict with the worst outcome and, among those, the smallest margin."""
    outcome = worst(Outcome(verdict["outcome"]) for verdict in verdicts)
    candidates = [verdict for verdict in verdicts if verdict["outcome"] == outcome]
    return min(candidates, key=_margin)


def _margin(verdict: Json) -> Decimal:
    """Return the margin as a number to sort by; without one a verdict comes first."""
    margin = verdict["margin"]
    return Decimal("-Infinity") if margin is None else Decimal(margin)


def _judged(row: Mapping[str, Any], trials: Sequence[Json]) -> Json:
    of_this = [trial for trial in trials if row["id"] in trial["requirements"]]
    outcomes = [outcome for trial in of_this for outcome in contribution(trial, row["id"])]
    missing = max(0, row["planned_trials"] - len(of_this))
    not_planned = Outcome.NOT_TESTED if row.get("applicable", True) else Outcome.NOT_APPLICABLE
    outcome = (
        worst([*outcomes, *[Outcome.NOT_TESTED] * missing]) if outcomes or missing else not_planned
    )
    return {
        "id": row["id"],
        "kind": row["kind"],
        "title": row["title"],
        "clause": row["clause"],
        "limits": row["limits"],
        "planned_trials": row["planned_trials"],
        "outcome": outcome.value,
        "reason": _reason(row, of_this, missing, outcome),
        "trials": [trial["id"] for trial in of_this],
    }


def _reason(
    row: Mapping[str, Any], trials: Sequence[Json], missing: int, outcome: Outcome
) -> str | None:
    """Return why a requirement did not pass."""
    if outcome is Outcome.PASS:
        return None
    if outcome in DECIDED:
        return _deciding_verdict(row["id"], trials, outcome)
    troubled = [
        f"{trial['id']}: {_trial_reason(trial, row['id'], outcome)}"
        for trial in trials
        if outcome in contribution(trial, row["id"])
    ]
    if missing and outcome is Outcome.NOT_TESTED:
        troubled.append(f"{missing} of {row['planned_trials']} planned trials were not run")
    return "; ".join(troubled) or row["reason"] or "no trial was planned"


def _trial_reason(trial: Json, requirement: str, outcome: Outcome) -> str:
    reasons = [
        reason
        for verdict in trial["verdicts"]
        if (verdict["requirement"], verdict["outcome"]) == (requirement, outcome)
        for reason in verdict["reasons"]
    ]
    return "; ".join(reasons) or trial["reason"] or "the procedure did not judge it"


def _deciding_verdict(requirement: str, trials: Sequence[Json], outcome: Outcome) -> str:
    found = [
        (trial["id"], verdict)
        for trial in trials
        for verdict in trial["verdicts"]
        if verdict["requirement"] == requirement and verdict["outcome"] == outcome
    ]
    trial, verdict = min(found, key=lambda pair: _margin(pair[1]))
    quantity = verdict["limit"]["quantity"]
    measured, limit = measured_text(verdict["measurement"]), limit_text(verdict["limit"])
    return f"{quantity} {measured}, permitted {limit} ({trial})"
