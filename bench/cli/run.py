"""`bench run`: a campaign through pytest, with progress, evidence and report."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click
import pytest

from bench.cli.campaign_options import CampaignOptions, campaign_options
from bench.cli.garbage import collect_rarely
from bench.cli.progress import Progress
from bench.trials.campaign import default_directory
from reports.summary import summary_text

USAGE = 2
UNSAFE = 4


@click.command()
@campaign_options
@click.option("--no-views", is_flag=True, help="Leave evidence and results.json, draw no report.")
@click.option("--json", "as_json", is_flag=True, help="Print results.json and nothing else.")
def run(as_json: bool, no_views: bool, **options: Any) -> None:
    """Run a campaign and leave evidence and a report.

    Without options: Australia A, on the simulated laboratory, with the reference inverter.
    """
    campaign = CampaignOptions(**options)
    inputs = campaign.load()
    directory = campaign.out or default_directory(Path("reports/runs"), inputs.inverter)
    arguments = campaign.pytest_arguments("--tb=short", f"--out={directory}")
    arguments += ["--no-views"] if no_views else []
    output = io.StringIO()
    progress = Progress(as_json, inputs)
    collect_rarely()
    with redirect_stdout(output):
        code = pytest.main(arguments, plugins=[progress])
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
