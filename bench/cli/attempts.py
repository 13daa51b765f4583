"""Short campaigns of many inverters, each in a worker process: what `bench prove` is made of."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from bench.cli.campaign_choice import CampaignOptions
from bench.cli.garbage import collect_rarely
from bench.paths import DEFAULT_INVERTER, DEFAULT_STATION, INVERTERS

SHOWN = 1000
ARGUMENTS = ("--tb=short", "--no-views", "-p", "no:unraisableexception")
"""Nothing that looks for garbage at the end of each of hundreds of runs."""


@dataclass(frozen=True)
class Attempt:
    """One campaign of one inverter.

    Attributes:
        name: tells it from the others.
        campaign: what is run.
        keep: whether the evidence stays.
    """

    name: str
    campaign: CampaignOptions
    keep: bool = False


@dataclass(frozen=True)
class Attempted:
    """How it went.

    Attributes:
        results: the results document; empty when the run broke.
        trouble: what broke, empty otherwise.
        exit_code: with which `bench run` would have ended.
    """

    results: dict[str, Any]
    trouble: str
    exit_code: int

    @property
    def outcomes(self) -> dict[str, str]:
        """Requirement id → outcome."""
        return {row["id"]: row["outcome"] for row in self.results.get("requirements", [])}


def carry_out(attempt: Attempt) -> Attempted:
    """Run a campaign in this process, without views, and return what it found."""
    directory = attempt.campaign.out
    assert directory is not None
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = pytest.main(attempt.campaign.pytest_arguments(*ARGUMENTS, f"--out={directory}"))
    file = directory / "results.json"
    if not file.exists():
        text = f"exit code {int(code)}: {said.getvalue().strip()[-SHOWN:]}"
        return Attempted({}, text, int(code))
    results = json.loads(file.read_text(encoding="utf-8"))
    if not attempt.keep:
        shutil.rmtree(directory)
    return Attempted(results, "", results["exit_code"])


@contextmanager
def workers(number: int) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool whose processes share nothing with this one; an interrupt cancels what waits."""
    pool = ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=collect_rarely)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def carried_out(
    pool: ProcessPoolExecutor, attempts: Sequence[Attempt]
) -> Iterator[tuple[Attempt, Attempted]]:
    """Yield each attempt with its result as soon as it is there."""
    waiting: dict[Future[Attempted], Attempt] = {
        pool.submit(carry_out, attempt): attempt for attempt in attempts
    }
    for future in as_completed(waiting):
        yield waiting[future], future.result()


def simulated_campaign(
    inverter: str,
    grid_code: str,
    expression: str,
    out: Path,
    *,
    seed: int,
    faults: Sequence[str] = (),
    changes: Sequence[str] = (),
    troubles: Sequence[str] = (),
    export_limits: str = "",
) -> CampaignOptions:
    """Return a campaign of the simulated laboratory.

    Args:
        inverter: stem of a reference inverter's file; empty for the usual one.
        export_limits: a regime; empty for that of the grid code.
    """
    return CampaignOptions(
        station=DEFAULT_STATION,
        inverter=INVERTERS / f"{inverter}.toml" if inverter else DEFAULT_INVERTER,
        grid_code=grid_code,
        distributor=None,
        overlay=None,
        decision_rule=None,
        expression=expression,
        faults=tuple(faults),
        changes=tuple(changes),
        seed=seed,
        out=out,
        troubles=tuple(troubles),
        export_limits=export_limits or None,
    )
