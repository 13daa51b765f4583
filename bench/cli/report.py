"""`bench report`: write the views of a run again from its evidence."""

from __future__ import annotations

from pathlib import Path

import click

from reports.write import write_reports


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
def report(run: Path) -> None:
    """Write results.json, report.html and the Allure results of RUN again from its journal."""
    click.echo(write_reports(run))
