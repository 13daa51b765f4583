"""What the command line said of a campaign: the files it names, and how pytest is called with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.inputs import Inputs
from bench.paths import PROCEDURES
from instruments.errors import ConfigurationError

PROCEDURES_ALONE = (
    str(PROCEDURES),
    "--disable-plugin-autoload",
    "--assert=plain",
    "-p",
    "no:cacheprovider",
)
"""How pytest is called for the procedures: without the plugins that happen to be installed."""


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
        return [*PROCEDURES_ALONE, *options, *more]
