"""A rejudgement beside the run it judged again: what was done otherwise, and what came out otherwise. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.trials import Json
from reports.wording import limit_text, margin_text, measured_text

LONGEST_REASON = 160


def compare(before: Json, after: Json) -> Json:
    """Return the comparison of two results documents.

    Two verdicts are equal when every digit of measurement, limit, margin and reasons is. Why a trial is
    invalid may be told in other words.
    """
    verdicts = list(_verdicts(before["trials"], after["trials"]))
    trials = [
        {"trial": name, "before": old, "after": new}
        for name, old, new in _paired(_by_id(before["trials"]), _by_id(after["trials"]))
        if _word(old) != _word(new)
    ]
    requirements = [
        {"requirement": name, "before": _brief(old), "after": _brief(new)}
        for name, old, new in _paired(_by_id(before["requirements"]), _by_id(after["requirements"]))
        if _word(old) != _word(new)
    ]
    return {
        "run": {"before": before["run"]["id"], "after": after["run"]["id"]},
        "changed": list(_changed(before["run"], after["run"])),
        "equal": not (verdicts or trials or requirements),
        "verdicts_compared": sum(len(trial["verdicts"]) for trial in before["trials"]),
        "requirements": requirements,
        "trials": [
            row | {side: _brief(row[side]) for side in ("before", "after")} for row in trials
        ],
        "verdicts": verdicts,
        "outcome": {"before": before["outcome"], "after": after["outcome"]},
        "exit_code": {"before": before["exit_code"], "after": after["exit_code"]},
    }


def comparison_text(comparison: Json) -> str:
    """Return the comparison for a terminal."""
    changed, count = comparison["changed"], comparison["verdicts_compared"]
    lines = [f"judged again: {comparison['run']['before']}, {count} verdicts"]
    lines += [f"{item['what']}: {item['before']} → {item['after']}" for item in changed]
    if not changed:
        lines.append("rule and profile as in the run")
    shown = [row for row in comparison["verdicts"] if not changed or _decided_otherwise(row)]
    lines += [_verdict_line(row) for row in shown]
    lines += [_outcome_line(row, "trial") for row in comparison["trials"]]
    lines += [_outcome_line(row, "requirement") for row in comparison["requirements"]]
    return "\n".join([*lines, _conclusion(comparison, len(shown))])


def _conclusion(comparison: Json, shown: int) -> str:
    if comparison["equal"]:
        return "every verdict is the same, digit by digit"
    others = len(comparison["verdicts"]) - shown
    rest = f"; {others} more came out the same with other limits or another rule" if others else ""
    return (
        f"{shown} verdicts and the outcome of {len(comparison['requirements'])} requirements are not the "
        f"same{rest}"
    )


def _decided_otherwise(row: Json) -> bool:
    before, after = row["before"], row["after"]
    return before is None or after is None or bool(before["outcome"] != after["outcome"])


def _by_id(rows: Sequence[Json]) -> dict[str, Json]:
    return {row["id"]: row for row in rows}


def _paired(
    before: Mapping[Any, Json], after: Mapping[Any, Json]
) -> Iterator[tuple[Any, Json | None, Json | None]]:
    """Yield what has the same key, or nothing in its place."""
    for key in dict.fromkeys([*before, *after]):
        yield key, before.get(key), after.get(key)


def _verdicts(before: Sequence[Json], after: Sequence[Json]) -> Iterator[Json]:
    for key, old, new in _paired(_judged(before), _judged(after)):
        if old != new:
            trial, requirement, quantity, _ = key
            yield {
                "trial": trial,
                "requirement": requirement,
                "quantity": quantity,
                "before": old,
                "after": new,
            }


def _judged(trials: Sequence[Json]) -> dict[tuple[str, str, str, int], Json]:
    """Return every verdict by trial, requirement, quantity and how many of these came before."""
    found: dict[tuple[str, str, str, int], Json] = {}
    for trial in trials:
        for verdict in trial["verdicts"]:
            name = (trial["id"], verdict["requirement"], verdict["limit"]["quantity"])
            number = sum(key[:3] == name for key in found)
            found[(*name, number)] = verdict
    return found


def _changed(before: Json, after: Json) -> Iterator[Json]:
    """Yield what the rejudgement did otherwise: its rule, the files its limits come from."""
    rules = before["decision_rule"]["id"], after["decision_rule"]["id"]
    if rules[0] != rules[1]:
        yield {"what": "decision rule", "before": rules[0], "after": rules[1]}
    layers = _layers(before["grid_code"]), _layers(after["grid_code"])
    if layers[0] != layers[1]:
        yield {"what": "profile", "before": layers[0], "after": layers[1]}
    commits = before["versions"].get("git_commit"), after["versions"].get("git_commit")
    if commits[0] != commits[1]:
        yield {"what": "version of the bench", "before": commits[0], "after": commits[1]}


def _layers(grid_code: Json) -> str:
    files = [f"{layer['file']} ({layer['sha256'][:12]})" for layer in grid_code["layers"]]
    return " + ".join(files)


def _word(row: Json | None) -> str:
    return row["outcome"] if row else "absent"


def _brief(row: Json | None) -> Json | None:
    return {"outcome": row["outcome"], "reason": row["reason"]} if row else None


def _verdict_line(row: Json) -> str:
    texts = [_verdict_text(row[side]) for side in ("before", "after")]
    return f"{row['trial']}, {row['requirement']} {row['quantity']}: {texts[0]} → {texts[1]}"


def _verdict_text(verdict: Json | None) -> str:
    if verdict is None:
        return "no verdict"
    measured, limit = measured_text(verdict["measurement"]), limit_text(verdict["limit"])
    return f"{verdict['outcome']} ({measured}, permitted {limit}, margin {margin_text(verdict) or '–'})"


def _outcome_line(row: Json, what: str) -> str:
    after = row["after"]
    reason = f": {after['reason'][:LONGEST_REASON]}" if after and after["reason"] else ""
    return f"{what} {row[what]}: {_word(row['before'])} → {_word(after)}{reason}"
