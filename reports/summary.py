"""The results document as a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from reports.requirements import worst_verdict
from reports.trials import Json
from reports.wording import SYMBOLS, layer_lines, limit_text, margin_text, measured_text

SIMULATED = "SIMULATED – NOT EVIDENCE"
HEADINGS = ("", "Id", "Outcome", "Worst measured", "Permitted", "Margin", "Requirement")
LONGEST_REASON = 60


def summary_text(results: Json) -> str:
    """Return the summary: conclusion, what was planned, and how many requirements were not."""
    run = results["run"]
    planned = [row for row in results["requirements"] if row["planned_trials"]]
    rows = [_row(row, results["trials"]) for row in planned]
    lines = [
        *([SIMULATED] if run["simulated"] else []),
        f"{run['inverter']['name']}, {run['grid_code']['id']} ({run['grid_code']['region']})",
        *layer_lines(run["grid_code"]),
        "",
        *_table([HEADINGS, *rows]),
        "",
        *_unplanned(results),
        f"{SYMBOLS[results['outcome']]} {results['outcome'].upper()}  {results['statement']}",
    ]
    return "\n".join(lines)


def _row(requirement: Json, trials: Sequence[Json]) -> tuple[str, ...]:
    verdicts = [
        verdict
        for trial in trials
        for verdict in trial["verdicts"]
        if verdict["requirement"] == requirement["id"]
    ]
    outcome = requirement["outcome"]
    if not verdicts:
        reason = _short(requirement["reason"] or "")
        measured = (reason, "", "")
    else:
        verdict = worst_verdict(verdicts)
        measured = (
            measured_text(verdict["measurement"]),
            limit_text(verdict["limit"]),
            margin_text(verdict),
        )
    return (SYMBOLS[outcome], requirement["id"], outcome, *measured, requirement["title"])


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _unplanned(results: Json) -> list[str]:
    """Return which requirements nothing was planned for: silence would look like a pass."""
    lines = []
    for outcome in ("not tested", "not applicable"):
        names = [
            row["id"]
            for row in results["requirements"]
            if not row["planned_trials"] and row["outcome"] == outcome
        ]
        lines += [f"{outcome}: {', '.join(names)}"] if names else []
    return [*lines, ""] if lines else []


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"
