"""What a run says of itself in its journal: what it was started with, and what each requirement asks."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bench.grid_code.applicability import inapplicable
from bench.grid_code.profile import GridCode, Requirement
from bench.inputs import Inputs
from bench.paths import ROOT
from bench.stations.station_file import InverterFile

PACKAGES = ("inverter-compliance-bench", "numpy", "h5py", "pyvisa", "pyvisa-py", "pymodbus")


def run_document(inputs: Inputs, run_id: str, clock: str, command: str) -> dict[str, Any]:
    """Return what a run was started with.

    Args:
        clock: name of the clock.
        command: command line.
    """
    simulation = inputs.station.simulation
    return {
        "id": run_id,
        "simulated": simulation is not None,
        "clock": clock,
        "seed": simulation.seed if simulation else None,
        "faults": list(inputs.faults),
        "troubles": list(inputs.troubles),
        "grid_code": grid_code_document(inputs.grid_code),
        "station": {
            "name": inputs.station.name,
            "file": inputs.station.file.name,
            "sha256": inputs.station.sha256,
        },
        "inverter": {
            "name": f"{inputs.inverter.maker} {inputs.inverter.model}",
            "file": inputs.inverter.file.name,
            "sha256": inputs.inverter.sha256,
            "register_map_sha256": inputs.inverter.register_map_sha256 or None,
            "rated_apparent_power_va": inputs.inverter.rated_apparent_power_va,
            "phases": inputs.inverter.phases,
            "storage_power_w": inputs.inverter.storage_power_w,
        },
        "decision_rule": inputs.grid_code.rule.to_json(),
        "versions": versions(),
        "command": command,
    }


def grid_code_document(grid_code: GridCode) -> dict[str, Any]:
    """Return which grid code it was, from which files, and how it is tested."""
    return {
        "id": grid_code.id,
        "title": grid_code.title,
        "edition": grid_code.edition,
        "region": grid_code.region,
        "file": grid_code.file.name,
        "sha256": grid_code.sha256,
        "layers": [layer.to_json() for layer in grid_code.layers],
        "method": {key: str(value) for key, value in asdict(grid_code.method).items()},
    }


def requirement_document(
    row: Requirement, inverter: InverterFile, planned: int, reason: str | None
) -> dict[str, Any]:
    """Return what a requirement asks, and how many trials are planned for it.

    Args:
        reason: why no trial is planned.
    """
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title,
        "clause": row.clause,
        "limits": [
            {
                "quantity": quantity.name.replace("_", " "),
                "value": ", ".join(str(value) for value in quantity.values),
                "unit": quantity.unit,
                "clause": row.clause,
                "source": quantity.source,
                "status": quantity.status,
            }
            for quantity in row.quantities.values()
        ],
        "planned_trials": planned,
        "applicable": inapplicable(row, inverter) is None,
        "reason": reason,
    }


def versions() -> dict[str, str]:
    """Return what this run was made with."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found | _git()


def _git() -> dict[str, str]:
    """Return commit and cleanliness of the clone; an installation without git says so."""
    try:
        commit = _git_output("rev-parse", "HEAD")
        dirty = _git_output("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return {"git_commit": "unknown", "git_dirty": "unknown"}
    return {"git_commit": commit, "git_dirty": "yes" if dirty else "no"}


def _git_output(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=5,
    ).stdout.strip()
