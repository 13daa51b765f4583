"""A fleet's audits as a table: one row per site. Pure."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.audit.judging import Conclusion

Json = Mapping[str, Any]
WORST_FIRST = (
    Conclusion.WRONG,
    Conclusion.UNREAD,
    Conclusion.UNDECIDED,
    Conclusion.COMPLIES,
)
IDENTITY = ("maker", "model", "serial", "firmware", "region")
COUNTS = ("right", "wrong", "not judged", "not exposed")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula; an inverter's name is not to be run."""


def summary_rows(audits: Iterable[Json], order: Sequence[str]) -> list[dict[str, Any]]:
    """Return one row per audited site.

    Args:
        order: names of the sites, as listed.
    """
    places = {name: place for place, name in enumerate(order)}
    return [_row(audit) for audit in sorted(audits, key=lambda audit: places[audit["site"]])]


def count_conclusions(rows: Iterable[Json]) -> dict[str, int]:
    """Return how many sites came to which conclusion, the worst first."""
    counts = Counter(row["conclusion"] for row in rows)
    return {conclusion.value: counts[conclusion.value] for conclusion in WORST_FIRST}


def exit_code(rows: Sequence[Json]) -> int:
    """Return 1 when a setting of any site is wrong, else 3 when any could not be judged, else 0."""
    codes = {row["exit_code"] for row in rows}
    return next((code for code in (1, 3) if code in codes), 0 if codes else 3)


def summary_csv(rows: Sequence[Json]) -> str:
    """Return the rows as CSV with a line of headings."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, tuple(_blank_row()), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return stream.getvalue()


def _row(audit: Json) -> dict[str, Any]:
    identity = audit["identity"] or dict.fromkeys(IDENTITY, "")
    return _blank_row() | {
        "site": audit["site"],
        "conclusion": audit["conclusion"],
        "exit_code": audit["exit_code"],
        **{name: identity[name] or "" for name in IDENTITY},
        **{name.replace(" ", "_"): audit["counts"][name] for name in COUNTS},
        "wrong_settings": "; ".join(audit["wrong"]),
        "trouble": audit["trouble"] or "",
        "grid_code": audit["grid_code"]["id"],
        "simulated": audit["simulated"],
        "address": audit["audit"]["address"] or "",
        "audited_utc": audit["audit"]["audited_utc"],
    }


def _blank_row() -> dict[str, Any]:
    """Return the columns in their order."""
    counts = (name.replace(" ", "_") for name in COUNTS)
    before = ("site", "conclusion", "exit_code", *IDENTITY, *counts)
    after = ("wrong_settings", "trouble", "grid_code", "simulated", "address", "audited_utc")
    return dict.fromkeys((*before, *after), "")


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
