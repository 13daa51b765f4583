"""The fleet of `bench audit`: progress on standard error, one document per site, a table and a page."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bench.audit.audit import SCHEMA_VERSION
from bench.audit.fleet import FleetDirectory, audit_fleet
from bench.audit.preparing import Preparation, Prepared
from bench.audit.sites import Site
from bench.audit.summary import count_conclusions, exit_code, summary_csv, summary_rows
from reports.audit_page import render_fleet
from reports.results import write_whole

Json = Mapping[str, Any]
MOST_LINES = 20
COMPLIES = "complies"


def audit_sites(
    preparation: Preparation,
    sites: Sequence[Site],
    out: Path,
    resume: bool,
    jobs: int,
    as_json: bool,
) -> int:
    """Audit a fleet and return the exit code.

    All files are checked before the first site is asked. What was read is kept and summed up also when
    it is interrupted.
    """
    prepared = [preparation.prepare(site) for site in sites]
    directory = FleetDirectory(out, resume=resume)
    before = {site.name: audit for site in prepared if (audit := directory.done(site))}
    audits: list[Json] = list(before.values())
    todo = [site for site in prepared if site.name not in before]
    try:
        _read(todo, jobs, directory, audits)
    finally:
        rows = summary_rows(audits, [site.name for site in sites])
        _sum_up(out, rows)
    click.echo(_document(rows) if as_json else "\n".join(_lines(rows, out)))
    return exit_code(rows)


def _read(
    todo: Sequence[Prepared], jobs: int, directory: FleetDirectory, audits: list[Json]
) -> None:
    with click.progressbar(
        length=len(todo), label="audited", show_pos=True, file=sys.stderr
    ) as bar:
        for audit in audit_fleet(todo, jobs):
            directory.keep(audit)
            audits.append(audit)
            bar.update(1)


def _sum_up(out: Path, rows: Sequence[Json]) -> None:
    write_whole(out / "summary.csv", summary_csv(rows))
    write_whole(out / "fleet.html", render_fleet(rows, out.name, count_conclusions(rows)))


def _document(rows: Sequence[Json]) -> str:
    return json.dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "exit_code": exit_code(rows),
            "counts": count_conclusions(rows),
            "sites": rows,
        },
        indent=1,
        ensure_ascii=False,
    )


def _lines(rows: Sequence[Json], out: Path) -> list[str]:
    """Return the sites that do not comply, the first of them, and how many there are of each kind."""
    remarkable = [row for row in rows if row["conclusion"] != COMPLIES]
    lines = [
        f"{row['site']}: {row['conclusion']}: {row['wrong_settings'] or row['trouble'] or _open(row)}"
        for row in remarkable[:MOST_LINES]
    ]
    if len(remarkable) > MOST_LINES:
        lines.append(f"… and {len(remarkable) - MOST_LINES} more")
    counts = ", ".join(f"{number} {word}" for word, number in count_conclusions(rows).items())
    return [*lines, f"{len(rows)} sites: {counts}", f"page: {out / 'fleet.html'}"]


def _open(row: Json) -> str:
    return f"{row['not_judged']} settings not judged, {row['not_exposed']} not exposed"
