"""The options that say what a campaign is: the same for `bench run` and `bench plan`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bench.inputs import Inputs
from bench.paths import DEFAULT_GRID_CODE, DEFAULT_INVERTER, DEFAULT_STATION, PROCEDURES
from bench.stations.troubles import FORM
from bench.verdicts.decision_rule import RULE_NAMES
from instruments.errors import ConfigurationError

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


@dataclass(frozen=True)
class CampaignOptions:
    """What the command line said, as it said it."""

    station: Path
    inverter: Path
    grid_code: str
    distributor: str | None
    overlay: Path | None
    decision_rule: str | None
    expression: str
    faults: tuple[str, ...]
    changes: tuple[str, ...]
    seed: int | None
    out: Path | None
    troubles: tuple[str, ...] = ()
    export_limits: str | None = None

    def load(self) -> Inputs:
        """Load all files. Raises ConfigurationError."""
        if self.out and self.out.exists():
            raise ConfigurationError(
                f"--out {self.out}: exists already; a run never overwrites one"
            )
        return Inputs.load(
            self.grid_code,
            self.station,
            self.inverter,
            self.faults,
            self.overlay,
            self.distributor,
            self.decision_rule,
            self.seed,
            self.changes,
            self.troubles,
            self.export_limits,
        )

    def no_trials(self) -> ConfigurationError:
        """Return the error to raise when no trial is left."""
        return ConfigurationError(
            f"-k {self.expression!r}: no trial matches. Trials are named like "
            "voltage_trip[OV1-L2-run1]"
        )

    def pytest_arguments(self, *more: str) -> list[str]:
        """Return how pytest is called to collect or run the procedures."""
        named = {
            "--station": self.station,
            "--inverter": self.inverter,
            "--grid-code": self.grid_code,
            "--distributor": self.distributor,
            "--export-limits": self.export_limits,
            "--overlay": self.overlay,
            "--decision-rule": self.decision_rule,
            "--seed": self.seed,
        }
        options = [f"{name}={value}" for name, value in named.items() if value is not None]
        options += [f"--fault={fault}" for fault in self.faults]
        options += [f"--change={change}" for change in self.changes]
        options += [f"--trouble={trouble}" for trouble in self.troubles]
        if self.expression:
            options += ["-k", self.expression]
        return [str(PROCEDURES), "-p", "no:cacheprovider", "--assert=plain", *options, *more]


def campaign_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a click command the options of a campaign."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
