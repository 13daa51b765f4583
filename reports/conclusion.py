"""Outcome, exit code and statement of a run. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.verdicts.verdict import Outcome, worst
from reports.trials import Json

COMPLIES, FAILED, NOT_JUDGED, NOT_SAFE, INTERRUPTED = 0, 1, 3, 4, 130
PASSED = frozenset({Outcome.PASS, Outcome.CONDITIONAL_PASS, Outcome.NOT_APPLICABLE})
FAILURES = frozenset({Outcome.FAIL, Outcome.CONDITIONAL_FAIL})
MOST_NAMES = 6


def conclude(
    requirements: Sequence[Json],
    trials: Sequence[Json],
    run: Mapping[str, Any],
    *,
    safe_confirmed: bool,
) -> Json:
    """Return what the run comes to, over the requirements that were planned.

    A requirement no procedure exists for is named in the statement and changes neither outcome nor code.
    """
    planned = [row for row in requirements if row["planned_trials"]]
    outcomes = [Outcome(row["outcome"]) for row in planned]
    complies = run["complete"] and bool(planned) and PASSED.issuperset(outcomes)
    return {
        "outcome": worst(outcomes).value,
        "complies": complies,
        "exit_code": _exit_code(outcomes, run, complies=complies, safe_confirmed=safe_confirmed),
        "statement": _statement(requirements, trials, run, safe_confirmed=safe_confirmed),
    }


def _exit_code(
    outcomes: Sequence[Outcome], run: Mapping[str, Any], *, complies: bool, safe_confirmed: bool
) -> int:
    """Return the code of the first thing that is so."""
    codes = {
        NOT_SAFE: not safe_confirmed,
        INTERRUPTED: run["interrupted"] is not None,
        FAILED: not FAILURES.isdisjoint(outcomes),
        NOT_JUDGED: not complies,
    }
    return next((code for code, applies in codes.items() if applies), COMPLIES)


def _statement(
    requirements: Sequence[Json],
    trials: Sequence[Json],
    run: Mapping[str, Any],
    *,
    safe_confirmed: bool,
) -> str:
    judged = {verdict["requirement"] for trial in trials for verdict in trial["verdicts"]}
    tested = f"{len(judged)} of {len(requirements)} requirements were tested"
    parts = [
        *_interruption(run),
        *([] if safe_confirmed else ["the bench was not confirmed safe at the end"]),
        tested,
        *_not_applicable(requirements),
        *_findings([row for row in requirements if row["planned_trials"]]),
    ]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _interruption(run: Mapping[str, Any]) -> list[str]:
    if run["interrupted"] is not None:
        return [f"the run was interrupted ({run['interrupted']})"]
    return [] if run["complete"] else ["the journal ends before the run did"]


def _not_applicable(requirements: Sequence[Json]) -> list[str]:
    names = [row["id"] for row in requirements if row["outcome"] == Outcome.NOT_APPLICABLE]
    return [f"not applicable to this inverter: {_names(names)}"] if names else []


def _findings(planned: Sequence[Json]) -> list[str]:
    """Return what was found, the worst first."""
    groups = {
        "failed": FAILURES,
        "could not be judged": {Outcome.INVALID, Outcome.INCONCLUSIVE},
        "planned but not tested": {Outcome.NOT_TESTED},
        "passed conditionally": {Outcome.CONDITIONAL_PASS},
    }
    found = []
    for words, outcomes in groups.items():
        names = [row["id"] for row in planned if row["outcome"] in outcomes]
        if names:
            found.append(f"{words}: {_names(names)}")
    return found or (["each of them passed"] if planned else ["none was planned"])


def _names(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
