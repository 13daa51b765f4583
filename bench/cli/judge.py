"""`bench judge`: a recording made elsewhere, measured and judged like the bench's own."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bench.formatting import rounded_text
from bench.grid_code.profile import GridCode
from bench.inputs import load_layers
from bench.metering import Instant
from bench.paths import DEFAULT_GRID_CODE
from bench.recordings.channel_map import find_channel_map, load_channel_map
from bench.recordings.judging import JudgedRecording, judge_recording
from bench.recordings.readers import read_recording
from bench.verdicts.verdict import (
    Limit,
    Outcome,
    measurement_to_json,
    verdict_to_json,
    worst,
)
from instruments.errors import ConfigurationError

DEFAULT_REQUIREMENT = "AI1"
TIME_LIMITS = ("run_on_max", "disconnection_max")
EXIT_CODES = {
    Outcome.PASS: 0,
    Outcome.CONDITIONAL_PASS: 0,
    Outcome.FAIL: 1,
    Outcome.CONDITIONAL_FAIL: 1,
}
UNDECIDED = 3


@click.command()
@click.argument("recordings", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--channels",
    required=True,
    metavar="MAP",
    help="Which channel is what: a TOML file, or the name of a shipped map.",
)
@click.option(
    "--grid-code", default=DEFAULT_GRID_CODE, show_default=True, help="Where the limit stands."
)
@click.option(
    "--overlay",
    type=click.Path(path_type=Path),
    help="File of a laboratory that owns the standard: confirmed numbers.",
)
@click.option(
    "--requirement",
    default=DEFAULT_REQUIREMENT,
    show_default=True,
    help="Requirement whose longest time is the limit.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def judge(
    recordings: tuple[Path, ...],
    channels: str,
    grid_code: str,
    overlay: Path | None,
    requirement: str,
    as_json: bool,
) -> None:
    """Judge RECORDINGS (TDMS, CSV, NPZ, HDF5) made elsewhere.

    Prints the start of the event, the end of the inverter's power and the time between, each with its
    uncertainty, and the verdict against the requirement's longest time.
    """
    channel_map = load_channel_map(find_channel_map(channels))
    code = load_layers(grid_code, overlay, None)
    limit = _limit(code, requirement)
    judged = [
        judge_recording(read_recording(file), channel_map, limit, code.rule) for file in recordings
    ]
    if as_json:
        click.echo(json.dumps([_document(item) for item in judged], indent=2))
    else:
        for item in judged:
            click.echo(_text(item))
    outcome = worst(item.verdict.outcome for item in judged if item.verdict)
    raise click.exceptions.Exit(EXIT_CODES.get(outcome, UNDECIDED))


def _limit(code: GridCode, name: str) -> Limit:
    rows = {row.id: row for row in code.requirements}
    if name not in rows:
        raise ConfigurationError(
            f"--requirement {name}: {code.file.name} has no such requirement. It has: "
            f"{', '.join(rows)}"
        )
    quantity = next((item for item in TIME_LIMITS if item in rows[name]), None)
    if quantity is None:
        raise ConfigurationError(
            f"--requirement {name}: limits no duration ({' or '.join(TIME_LIMITS)}), so a recording "
            "cannot be judged against it"
        )
    return rows[name].limit(quantity.replace("_", " "), upper=quantity)


def _document(item: JudgedRecording) -> dict[str, Any]:
    return {
        "recording": item.source,
        "start": asdict(item.start),
        "end": asdict(item.end) if item.end else None,
        "duration": measurement_to_json(item.duration),
        "verdict": verdict_to_json(item.verdict) if item.verdict else None,
        "notes": list(item.notes),
    }


def _text(item: JudgedRecording) -> str:
    value, expanded = rounded_text(item.duration.value, item.duration.expanded_uncertainty)
    censored = f"{item.duration.censored} " if item.duration.censored else ""
    lines = [
        f"{item.source}: {item.verdict.outcome if item.verdict else 'measured'}",
        f"  start     {_instant(item.start)}",
        f"  end       {_instant(item.end) if item.end else 'not inside the record'}",
        f"  duration  {censored}{value} s ± {expanded} s (k = {item.duration.coverage_factor:.2f})",
    ]
    if item.verdict:
        lines.append(f"  limit     {item.verdict.limit} ({item.verdict.limit.requirement})")
    return "\n".join([*lines, *(f"  note      {note}" for note in item.notes)])


def _instant(instant: Instant) -> str:
    return f"{instant.best_s:.5f} s (between {instant.earliest_s:.5f} and {instant.latest_s:.5f} s)"
