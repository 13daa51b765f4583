"""The catalogue of troubled benches, read from `troubles.toml` beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from instruments.errors import ConfigurationError

KEYS = {"id", "title", "troubles", "trials", "outcomes", "reason", "exit_code"}
OPTIONAL = {"reason"}


@dataclass(frozen=True)
class TroubledBench:
    """A bench on which something goes wrong while a compliant inverter is tested, and how the run must end.

    Attributes:
        troubles: what goes wrong, as `bench run --trouble` takes it.
        trials: expression that selects the trials, as `bench run -k` takes it.
        outcomes: of the trials in the order in which they run; none when the run must not begin.
        reason: what the reason of an invalid trial, or of a run that does not begin, must contain.
        exit_code: of the run; 4 when the safe state cannot be confirmed.
    """

    id: str
    title: str
    troubles: tuple[str, ...]
    trials: str
    outcomes: tuple[str, ...]
    reason: str
    exit_code: int


@cache
def troubled_benches() -> Mapping[str, TroubledBench]:
    """Return all rows by id, in the order of the file.

    Raises:
        ConfigurationError: a row lacks a key or has one that nobody reads.
    """
    data = tomllib.loads(Path(__file__).with_name("troubles.toml").read_text(encoding="utf-8"))
    groups = data["trials"]
    rows = [_row(row, groups) for row in data["bench"]]
    return {row.id: row for row in rows}


def one_of_each_kind(benches: Iterable[TroubledBench]) -> list[TroubledBench]:
    """Return the first bench with each kind of trouble."""
    chosen: dict[str, TroubledBench] = {}
    for bench in benches:
        for text in bench.troubles:
            chosen.setdefault(text.partition("@")[0], bench)
    return list({bench.id: bench for bench in chosen.values()}.values())


def _row(row: Mapping[str, Any], groups: Mapping[str, str]) -> TroubledBench:
    if not KEYS - OPTIONAL <= set(row) <= KEYS:
        raise ConfigurationError(
            f"troubles.toml, {row.get('id', 'a row without id')}: keys {', '.join(row)}; expected "
            f"{', '.join(sorted(KEYS - OPTIONAL))} and, where something is invalid, reason"
        )
    return TroubledBench(
        id=row["id"],
        title=row["title"],
        troubles=tuple(row["troubles"]),
        trials=groups[row["trials"]],
        outcomes=tuple(row["outcomes"]),
        reason=row.get("reason", ""),
        exit_code=row["exit_code"],
    )
