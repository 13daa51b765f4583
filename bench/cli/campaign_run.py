"""A campaign through pytest, with progress, evidence and report."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NoReturn

import click
import pytest

from bench.cli.campaign_choice import CampaignOptions
from bench.cli.garbage import FreezeLoaded, collect_rarely
from bench.cli.progress import Progress
from bench.trials.campaign import default_directory
from bench.trials.handed import Handed
from reports.summary import summary_text

USAGE = 2
UNSAFE = 4


def run_campaign(as_json: bool, no_views: bool, options: Mapping[str, Any]) -> NoReturn:
    """Run a campaign, print how it came out, and end with its exit code.

    Args:
        options: of `campaign_options`, by name.

    Raises:
        BenchError: nothing was energised.
        click.exceptions.Exit: in every other case.
    """
    campaign = CampaignOptions(**options)
    inputs = campaign.load()
    directory = campaign.out or default_directory(Path("reports/runs"), inputs.inverter)
    arguments = campaign.pytest_arguments("--tb=short", f"--out={directory}")
    arguments += ["--no-views"] if no_views else []
    output = io.StringIO()
    progress = Progress(as_json, inputs)
    plugins = [progress, Handed(inputs), FreezeLoaded()]
    collect_rarely()
    with redirect_stdout(output):
        code = pytest.main(arguments, plugins=plugins)
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise campaign.no_trials()
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


def _print(results: dict[str, Any], results_file: Path, as_json: bool) -> None:
    if as_json:
        click.echo(results_file.read_text(encoding="utf-8"))
        return
    click.echo(summary_text(results))
    page = results_file.with_name("report.html")
    click.echo(f"report: {page}" if page.exists() else f"results: {results_file}")
