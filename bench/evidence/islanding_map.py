"""The map of an islanding matrix as a file: one row for each island. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.grid_code.profile import Requirement
from bench.programs.islanding import Island
from bench.trials.trial_evidence import Level, Plot
from instruments.errors import EvidenceError

SUFFIX = ".map.csv"
HEAD = (
    "active_offset_pct",
    "reactive_offset_pct",
    "run_on_s",
    "expanded_uncertainty_s",
    "censored",
    "residual_pct",
    "began",
)
PHASE_HEAD = ("resistance_ohm", "inductance_h", "capacitance_f", "quality_factor")
DIGITS = ".6g"


@dataclass(frozen=True)
class MapCell:
    """One cell of a map as it is read back."""

    active_pct: float
    reactive_pct: float
    run_on_s: float
    censored: bool


def map_text(islands: Sequence[Island], phases: int) -> str:
    """Return the rows of a map as CSV, the achieved load of each phase behind the run-on time."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    numbered = [f"{name}_l{phase + 1}" for phase in range(phases) for name in PHASE_HEAD]
    writer.writerow([*HEAD, *numbered])
    for island in islands:
        writer.writerow([*_result(island), *_load(island, phases)])
    return text.getvalue()


def map_plot(requirement: Requirement) -> Plot:
    """Return what to draw of a map: its cells, and the limit that colours them."""
    limit = requirement.quantity("run_on_max")
    return Plot(
        title=f"{requirement.title}: run-on time over the offsets of the load",
        marks=[],
        limit_times=[],
        levels=[Level(f"{requirement.id} {limit}", float(limit.value), limit.unit)],
    )


def load_map(path: Path) -> list[MapCell]:
    """Return the cells of a map. Raises EvidenceError for anything that is none."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        return [
            MapCell(
                float(row["active_offset_pct"]),
                float(row["reactive_offset_pct"]),
                float(row["run_on_s"]),
                row["censored"] != "",
            )
            for row in rows
        ]
    except (OSError, KeyError, ValueError) as error:
        raise EvidenceError(f"{path}: not a map of run-on times: {error!r}") from error


def _result(island: Island) -> list[str]:
    run_on = island.run_on
    return [
        f"{island.offset.active_pct:g}",
        f"{island.offset.reactive_pct:g}",
        str(run_on.value),
        str(run_on.expanded_uncertainty),
        run_on.censored or "",
        format(island.residual_pct, DIGITS),
        island.began,
    ]


def _load(island: Island, phases: int) -> Iterator[str]:
    load = island.load
    for phase in range(phases):
        yield format(1 / load.conductance_s(phase), DIGITS)
        yield format(1 / load.inverse_inductance_per_h(phase), DIGITS)
        yield format(load.capacitance_f(phase), DIGITS)
        yield format(load.quality_factor(phase), DIGITS)
