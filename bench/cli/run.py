"""`bench run`: what it can be told; what it does is in `bench.cli.campaign_run`."""

from __future__ import annotations

from typing import Any

import click

from bench.cli.campaign_options import campaign_options
from bench.cli.loading import load


@click.command()
@campaign_options
@click.option("--no-views", is_flag=True, help="Leave evidence and results.json, draw no report.")
@click.option("--json", "as_json", is_flag=True, help="Print results.json and nothing else.")
def run(as_json: bool, no_views: bool, **options: Any) -> None:
    """Run a campaign and leave evidence and a report.

    Without options: Australia A, on the simulated laboratory, with the reference inverter.
    """
    load("bench.cli.campaign_run:run_campaign")(as_json, no_views, options)
