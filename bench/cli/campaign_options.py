"""The options that say what a campaign is: the same for `bench run` and `bench plan`.

Quick to load, as `--help` needs no more; what is done with them is in `bench.cli.campaign_choice`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.paths import DEFAULT_GRID_CODE, DEFAULT_INVERTER, DEFAULT_STATION
from bench.stations.troubles import FORM
from bench.verdicts.decision_rule import RULE_NAMES

FILE = click.Path(path_type=Path)
OPTIONS = (
    click.option("--station", type=FILE, default=DEFAULT_STATION, help="Station file (TOML)."),
    click.option("--inverter", type=FILE, default=DEFAULT_INVERTER, help="Inverter file (TOML)."),
    click.option(
        "--grid-code",
        default=DEFAULT_GRID_CODE,
        show_default=True,
        help="Grid code: A, B, C or NZ, the name of a shipped file, or a file.",
    ),
    click.option(
        "--distributor", help="Distributor's set-points: the name of a shipped profile, or a file."
    ),
    click.option(
        "--export-limits",
        help="Regime of export limits: the name of a shipped one, a file, or none.",
    ),
    click.option(
        "--overlay",
        type=FILE,
        help="File of a laboratory that owns the standard: confirmed numbers.",
    ),
    click.option(
        "--decision-rule",
        type=click.Choice(RULE_NAMES),
        help="Rule agreed for this run, instead of the grid code's.",
    ),
    click.option(
        "-k", "expression", default="", help="Only trials whose names match, as in pytest."
    ),
    click.option(
        "--fault",
        "faults",
        multiple=True,
        help="Deviation of the simulated inverter (bench faults).",
    ),
    click.option(
        "--change",
        "changes",
        multiple=True,
        metavar="PATH=VALUE",
        help="Parameter of the simulated inverter, such as settings.trips.OV1.delay_s=1.9.",
    ),
    click.option(
        "--trouble",
        "troubles",
        multiple=True,
        metavar=FORM,
        help="What goes wrong in the simulated laboratory, such as "
        "silence@power_analyser,from_s=420 (docs/simulation_protocols.md).",
    ),
    click.option("--seed", type=int, help="Of the simulated laboratory, not the station file's."),
    click.option("--out", type=FILE, help="Directory of this run; it must not exist yet."),
)


def campaign_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a click command the options of a campaign."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
