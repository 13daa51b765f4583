"""`bench run`: a campaign through pytest, with progress, evidence and report."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click
import pytest

from bench.campaign import Inputs, default_directory
from bench.cli.progress import Progress
from bench.paths import (
    DEFAULT_GRID_CODE,
    DEFAULT_INVERTER,
    DEFAULT_STATION,
    PROCEDURES,
)
from instruments.errors import ConfigurationError
from reports.summary import summary_text

USAGE = 2
UNSAFE = 4
FILE = click.Path(path_type=Path)


@click.command()
@click.option("--station", type=FILE, default=DEFAULT_STATION, help="Station file (TOML).")
@click.option("--inverter", type=FILE, default=DEFAULT_INVERTER, help="Inverter file (TOML).")
@click.option(
    "--grid-code",
    default=DEFAULT_GRID_CODE,
    show_default=True,
    help="Grid code: the name of a shipped one, or a file.",
)
@click.option("-k", "expression", default="", help="Only trials whose names match, as in pytest.")
@click.option("--out", type=FILE, help="Directory of this run; it must not exist yet.")
@click.option(
    "--fault", "faults", multiple=True, help="Deviation of the simulated inverter (bench faults)."
)
@click.option("--json", "as_json", is_flag=True, help="Print results.json and nothing else.")
def run(
    station: Path,
    inverter: Path,
    grid_code: str,
    expression: str,
    out: Path | None,
    faults: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run a campaign and leave evidence and a report.

    Without options: Australia A, on the simulated laboratory, with the reference inverter.
    """
    inputs = Inputs.load(grid_code, station, inverter, faults)
    directory = out or default_directory(Path("reports/runs"), inputs.inverter)
    if directory.exists():
        raise ConfigurationError(f"--out {directory}: exists already; a run never overwrites one")
    arguments = _arguments(station, inverter, grid_code, expression, directory, faults)
    output = io.StringIO()
    progress = Progress(quiet=as_json)
    with redirect_stdout(output):
        code = pytest.main(arguments, plugins=[progress])
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise ConfigurationError(
            f"-k {expression!r}: no trial matches. Trials are named like voltage_trip[OV1-L2-run1]"
        )
    results_file = directory / "results.json"
    if not results_file.exists():
        click.echo(f"bench: {progress.reason or output.getvalue().strip()}", err=True)
        # pytest itself failed in the middle of a run: nobody has confirmed the safe state.
        broken = code == pytest.ExitCode.INTERNAL_ERROR and directory.exists()
        unsafe = broken or (code == UNSAFE and bool(progress.reason))
        raise click.exceptions.Exit(UNSAFE if unsafe else USAGE)
    results = json.loads(results_file.read_text(encoding="utf-8"))
    _print(results, results_file, as_json)
    raise click.exceptions.Exit(results["exit_code"])


def _arguments(
    station: Path,
    inverter: Path,
    grid_code: str,
    expression: str,
    directory: Path,
    faults: tuple[str, ...],
) -> list[str]:
    options = {"--station": station, "--inverter": inverter, "--grid-code": grid_code}
    arguments = [f"{name}={value}" for name, value in options.items()]
    arguments += [f"--out={directory}", *(f"--fault={fault}" for fault in faults)]
    if expression:
        arguments += ["-k", expression]
    return [str(PROCEDURES), "-p", "no:cacheprovider", "--assert=plain", "--tb=short", *arguments]


def _print(results: dict[str, Any], results_file: Path, as_json: bool) -> None:
    if as_json:
        click.echo(results_file.read_text(encoding="utf-8"))
        return
    click.echo(summary_text(results))
    click.echo(f"report: {results_file.with_name('report.html')}")
