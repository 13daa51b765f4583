"""Growing deviations, halved in worker processes until the turn of the verdict is known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path

import click

from bench.cli.attempts import Attempt, Attempted, carry_out, simulated_campaign
from bench.proofs.proving import FAILED
from bench.proofs.resolution import Search, Seen
from instruments.errors import BenchError
from instruments.simulated.deviations import Deviation

SEED = 1


def searched(
    pool: ProcessPoolExecutor, growing: Sequence[Deviation], grid_code: str, scratch: Path
) -> Iterator[Search]:
    """Yield each search when it has ended; steps of different searches run side by side.

    A run that broke ends its own search, as a flaw of it.
    """

    def begin(search: Search) -> Future[Attempted]:
        return pool.submit(carry_out, _attempt(search, grid_code, scratch))

    running = {begin(search): search for search in map(Search, growing)}
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            search = running.pop(future)
            search = _after(search, future.result())
            if search.done:
                _progress(search)
                yield search
            else:
                running[begin(search)] = search


def _attempt(search: Search, grid_code: str, scratch: Path) -> Attempt:
    deviation = search.deviation
    name = f"{deviation.id}-step{search.steps}"
    changes = deviation.changes(search.next_share)
    campaign = simulated_campaign(
        deviation.inverter,
        grid_code,
        deviation.trials,
        scratch / name,
        seed=SEED,
        changes=[f"{path}={json.dumps(value)}" for path, value in changes.items()],
    )
    return Attempt(name, campaign)


def _after(search: Search, attempted: Attempted) -> Search:
    try:
        return search.after(_seen(search.deviation, attempted))
    except BenchError as error:
        return search.broken(str(error))


def _seen(deviation: Deviation, attempted: Attempted) -> Seen:
    """Return what the verdicts on the judged quantity say; where several fail, the least certain counts.

    Raises:
        BenchError: the run broke, or judged no such quantity.
    """
    if attempted.trouble:
        raise BenchError(f"the run broke: {attempted.trouble}")
    verdicts = [
        verdict
        for trial in attempted.results["trials"]
        for verdict in trial["verdicts"]
        if verdict["requirement"] == deviation.requirement
        and verdict["limit"]["quantity"].startswith(deviation.quantity)
    ]
    if not verdicts:
        raise BenchError(
            f"trials {deviation.trials!r} judged no {deviation.quantity!r} of "
            f"{deviation.requirement}: {[trial['reason'] for trial in attempted.results['trials']]}"
        )
    failed = [verdict for verdict in verdicts if verdict["outcome"] in FAILED]
    stated = (float(v["measurement"]["expanded_uncertainty"]) for v in failed or verdicts)
    return Seen(bool(failed), max(stated))


def _progress(search: Search) -> None:
    deviation = search.deviation
    if search.trouble:
        text = search.trouble
    elif search.smallest_caught is None:
        text = f"not caught at {deviation.size(1.0):g} {deviation.unit}"
    else:
        inside = ", and fails inside the limit" if search.inside_failed else ""
        caught = f"caught from {search.smallest_caught:.3g} {deviation.unit}"
        text = f"{caught}, stated ± {search.uncertainty:.2g}{inside}"
    click.echo(f"  {'✓' if search.good_enough else '✗'} {deviation.id:<32} {text}", err=True)
