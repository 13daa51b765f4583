"""`bench prove`: try the catalogue of inverters and show what the procedures caught."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.cli.attempts import Attempt, Attempted, carried_out, simulated_campaign, workers
from bench.cli.enduring import endured
from bench.cli.searches import searched
from bench.paths import DEFAULT_GRID_CODE
from bench.proofs.proving import UNTRIED, Proof, Tried
from instruments.errors import ConfigurationError
from instruments.simulated.deviations import deviations
from instruments.simulated.faults import Fault, catalogue, sample
from instruments.simulated.troubles import one_of_each_kind, troubled_benches
from reports.proof import flaws, proof_text, render_proof, summary_lines
from reports.results import write_whole

FAILED = 1


@dataclass(frozen=True)
class Trial:
    """One inverter of the catalogue with one seed."""

    fault: Fault
    seed: int

    @property
    def name(self) -> str:
        """Name of its directory and on the progress line."""
        return f"{self.fault.id}-seed{self.seed}"


@click.command()
@click.option("--grid-code", default=DEFAULT_GRID_CODE, show_default=True, help="Grid code.")
@click.option("-k", "word", default="", help="Only what has this in its id.")
@click.option("--seed", "seeds", type=int, multiple=True, default=(1,), show_default=True)
@click.option(
    "--sample",
    "sampled",
    is_flag=True,
    help="One wrong and one good inverter per requirement; each kind of trouble once.",
)
@click.option(
    "--whole",
    is_flag=True,
    help="Run every procedure on every inverter; otherwise those it can show in.",
)
@click.option(
    "--inverters/--no-inverters",
    default=True,
    show_default=True,
    help="Try the wrong inverters and the good ones at the edge.",
)
@click.option(
    "--resolution/--no-resolution",
    default=True,
    show_default=True,
    help="Also look for the smallest deviation that is still caught.",
)
@click.option(
    "--trouble/--no-trouble",
    default=True,
    show_default=True,
    help="Also try the benches on which something goes wrong.",
)
@click.option("--jobs", type=int, default=os.cpu_count() or 1, show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Directory for prove.json and prove.html."
)
@click.option("--json", "as_json", is_flag=True, help="Print prove.json and nothing else.")
def prove(
    grid_code: str,
    word: str,
    seeds: tuple[int, ...],
    sampled: bool,
    whole: bool,
    inverters: bool,
    resolution: bool,
    trouble: bool,
    jobs: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Try every inverter of the catalogue and print what was caught.

    A wrong inverter must fail exactly the requirements it violates, a good one at the edge none. For growing
    deviations the smallest that is still caught is found by halving and compared with the stated uncertainty.
    On a bench where something goes wrong the compliant inverter must not fail.

    Exit code 0 when everything was caught, nothing else blamed and trouble never became a verdict; otherwise 1.
    """
    chosen = [fault for fault in catalogue().values() if inverters and word in fault.id]
    chosen = sample(chosen) if sampled else chosen
    growing = [one for one in deviations() if resolution and word in one.id]
    benches = [row for row in troubled_benches().values() if trouble and word in row.id]
    benches = one_of_each_kind(benches) if sampled else benches
    if not chosen and not growing and not benches:
        raise ConfigurationError(
            f"-k {word!r}: no inverter (bench faults) and no trouble of the catalogue matches"
        )
    if out and out.exists():
        raise ConfigurationError(f"--out {out}: exists already; nothing is overwritten")
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="bench-prove-")))
        pool = stack.enter_context(workers(jobs))
        trials = [Trial(fault, seed) for fault in chosen for seed in seeds]
        attempts = {trial.name: _attempt(trial, grid_code, whole, scratch) for trial in trials}
        named = dict(zip(attempts, trials, strict=True))
        tried: list[Tried] = []
        for attempt, attempted in carried_out(pool, list(attempts.values())):
            tried.append(_tried(named[attempt.name], attempted))
            _progress(len(tried), len(trials), tried[-1])
        found = tuple(searched(pool, growing, grid_code, scratch))
        troubled = tuple(endured(pool, benches, grid_code, scratch))
    places = {name: place for place, name in enumerate(named)}
    tried.sort(key=lambda one: places[f"{one.id}-seed{one.seed}"])
    _tell(Proof(grid_code, tuple(tried), found, troubled), out, as_json)


def _attempt(trial: Trial, grid_code: str, whole: bool, scratch: Path) -> Attempt:
    fault = trial.fault
    return Attempt(
        trial.name,
        simulated_campaign(
            fault.inverter,
            grid_code,
            "" if whole else " or ".join(fault.concerns),
            scratch / trial.name,
            seed=trial.seed,
            faults=(fault.id,),
            export_limits=fault.regime,
        ),
    )


def _tried(trial: Trial, attempted: Attempted) -> Tried:
    fault = trial.fault
    return Tried(
        fault.id,
        fault.title,
        trial.seed,
        frozenset((*fault.fails, *_tried_too(fault, attempted))),
        attempted.outcomes,
        attempted.trouble,
    )


def _tried_too(fault: Fault, attempted: Attempted) -> list[str]:
    """Return what a fault must fail beside what it is tried for, as far as that was tried."""
    found = attempted.outcomes
    return [row for row in fault.fails_too if found.get(row, UNTRIED[0]) not in UNTRIED]


def _progress(done: int, total: int, one: Tried) -> None:
    mark = "✓" if one.right else "✗"
    wrong = "; ".join(flaws(one))
    click.echo(f"[{done:3}/{total}] {mark} {one.id:<32} {wrong}".rstrip(), err=True)


def _tell(proof: Proof, out: Path | None, as_json: bool) -> None:
    text = proof_text(proof)
    if out:
        out.mkdir(parents=True)
        write_whole(out / "prove.json", text)
        write_whole(out / "prove.html", render_proof(proof))
    if as_json:
        click.echo(text)
    else:
        click.echo("\n".join(summary_lines(proof)))
        click.echo(f"matrix: {out / 'prove.html'}" if out else "matrix as a page: --out DIR")
    raise click.exceptions.Exit(0 if proof.perfect else FAILED)
