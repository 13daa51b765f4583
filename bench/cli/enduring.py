"""The catalogue of troubled benches, each tried in a worker process beside the same trials without trouble."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click

from bench.cli.attempts import Attempt, Attempted, carried_out, simulated_campaign
from bench.proofs.enduring import Endured, RunEnd
from instruments.simulated.troubles import TroubledBench

SEED = 1
"""The moments of the catalogue are those of this seed."""


def endured(
    pool: ProcessPoolExecutor, benches: Sequence[TroubledBench], grid_code: str, scratch: Path
) -> list[Endured]:
    """Try all benches and return how they ended, in their order."""
    expressions = {bench.trials: f"without trouble, as {bench.id}" for bench in benches}
    usual = [_attempt(name, trials, grid_code, scratch) for trials, name in expressions.items()]
    untroubled = {attempt.name: _end(end) for attempt, end in carried_out(pool, usual)}
    rows = {row.id: row for row in benches}
    attempts = [_attempt(row.id, row.trials, grid_code, scratch, row.troubles) for row in benches]
    found: dict[str, Endured] = {}
    for attempt, attempted in carried_out(pool, attempts):
        row = rows[attempt.name]
        found[row.id] = Endured(row, _end(attempted), untroubled[expressions[row.trials]])
        click.echo("\n".join(_lines(found[row.id])), err=True)
    return [found[row.id] for row in benches]


def _attempt(
    name: str, trials: str, grid_code: str, scratch: Path, troubles: Sequence[str] = ()
) -> Attempt:
    out = scratch / f"trouble-{name.replace(' ', '-')}"
    return Attempt(
        name, simulated_campaign("", grid_code, trials, out, seed=SEED, troubles=troubles)
    )


def _end(attempted: Attempted) -> RunEnd:
    return RunEnd(attempted.exit_code, attempted.trouble, attempted.results)


def _lines(one: Endured) -> Iterator[str]:
    yield f"  {'✗' if one.flaws else '✓'} {one.bench.id:<32} {', '.join(one.run.outcomes)}"
    for flaw in one.flaws:
        yield f"      {flaw}"
