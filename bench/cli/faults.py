"""`bench faults`: the catalogue of wrong inverters."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from instruments.simulated.faults import catalogue


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def faults(as_json: bool) -> None:
    """List the deviations the simulated inverter can be given with `bench run --fault ID`."""
    rows = list(catalogue().values())
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    width = max(len(row.id) for row in rows)
    for row in rows:
        fails = ", ".join(row.fails) or "nothing: complies"
        click.echo(f"{row.id:{width}}  {row.title}  → must fail {fails}")
