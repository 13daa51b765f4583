"""`bench audit`: the settings of installed inverters against a grid code, read over Modbus, never written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.audit.audit import document
from bench.audit.preparing import Asked, Preparation, Prepared
from bench.audit.sites import SIMULATED, Site, find_sites
from bench.cli.audit_fleet import audit_sites
from bench.cli.campaign_options import FILE
from bench.cli.tls_options import with_tls_files
from bench.paths import DEFAULT_GRID_CODE, DEFAULT_INVERTER
from bench.stations.interrupts import termination_interrupts
from bench.stations.station_file import load_inverter
from bench.stations.tls_table import Stated
from bench.verdicts.decision_rule import RULE_NAMES
from instruments.errors import ConfigurationError
from reports.audit_page import audit_json, check_audit, render_audit
from reports.audit_text import audit_lines

INTERRUPTED = 130
MOST_JOBS = 256


@click.command()
@click.option(
    "--at",
    metavar="ADDRESS",
    help="tcp://host:port, rtu+tcp://host:port, tls://host:port or serial://port; "
    "?unit=3&timeout_s=5&gap_s=0.1 may follow. "
    "Default: the inverter file's, else the simulated laboratory.",
)
@click.option("--inverter", type=FILE, default=DEFAULT_INVERTER, help="Inverter file (TOML).")
@with_tls_files
@click.option(
    "--grid-code",
    default=DEFAULT_GRID_CODE,
    show_default=True,
    help="Grid code: A, B, C or NZ, the name of a shipped file, or a file.",
)
@click.option(
    "--distributor", help="Distributor's set-points: name of a shipped profile, or a file."
)
@click.option("--overlay", type=FILE, help="File of confirmed numbers.")
@click.option("--decision-rule", type=click.Choice(RULE_NAMES), help="Instead of the grid code's.")
@click.option("--fault", "faults", multiple=True, help="Deviation of the simulated inverter.")
@click.option(
    "--change",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Parameter of the simulated inverter.",
)
@click.option(
    "--allow-unexposed",
    "unexposed_allowed",
    is_flag=True,
    help="Settings the inverter does not expose do not keep it from complying.",
)
@click.option("--html", type=FILE, help="Write a self-contained page.")
@click.option("--pdf", type=FILE, help="Write one page to be printed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option(
    "--fleet",
    type=FILE,
    help="CSV file of sites (site, at, unit, inverter, …), or a folder of inverter files.",
)
@click.option("--out", type=FILE, help="Directory of a fleet's audits; must not exist yet.")
@click.option(
    "--resume", is_flag=True, help="Go on with --out: sites read before are not read again."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, MOST_JOBS),
    default=16,
    show_default=True,
    help="Most endpoints of a fleet asked at the same time.",
)
def audit(
    at: str | None,
    inverter: Path,
    html: Path | None,
    pdf: Path | None,
    fleet: Path | None,
    out: Path | None,
    resume: bool,
    jobs: int,
    as_json: bool,
    tls: Stated,
    **asked: Any,
) -> None:
    """Compare the settings an inverter reports with a grid code. Nothing is ever written to it.

    \b
    bench audit --at tcp://192.0.2.7:502?unit=1 --inverter mine.toml --html audit.html
    bench audit --fault ov1-late           the simulated laboratory's inverter
    bench audit --fleet sites.csv --out fleet
    """
    preparation = Preparation(Asked(**asked, tls=tls if fleet else {}))
    try:
        with termination_interrupts():
            if fleet is None:
                _refuse_of_fleets(out, resume)
                code = _one(preparation.prepare(_site(at, inverter, tls)), html, pdf, as_json)
            else:
                directory = _directory(at, html or pdf, out)
                code = audit_sites(
                    preparation, find_sites(fleet, inverter), directory, resume, jobs, as_json
                )
    except KeyboardInterrupt:
        click.echo("bench: interrupted", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    raise click.exceptions.Exit(code)


def _refuse_of_fleets(out: Path | None, resume: bool) -> None:
    if out or resume:
        raise ConfigurationError(f"{'--out' if out else '--resume'}: belongs to --fleet")


def _directory(at: str | None, page: Path | None, out: Path | None) -> Path:
    if at or page:
        raise ConfigurationError(
            f"{'--at' if at else page}: not with --fleet, which has its own addresses and pages"
        )
    if out is None:
        raise ConfigurationError("--fleet: needs --out DIR, where one document per site is kept")
    return out


def _one(prepared: Prepared, html: Path | None, pdf: Path | None, as_json: bool) -> int:
    found = document(prepared.audit())
    check_audit(found)
    if html:
        _write(html, lambda: html.write_text(render_audit(found), encoding="utf-8", newline="\n"))
    if pdf:
        _write(pdf, lambda: _draw(found, pdf))
    click.echo(audit_json(found).rstrip() if as_json else "\n".join(audit_lines(found)))
    code: int = found["exit_code"]
    return code


def _site(at: str | None, inverter: Path, tls: Stated) -> Site:
    address = at or load_inverter(inverter).at or SIMULATED
    where = "--at" if at else str(inverter)
    return Site(name=inverter.stem, where=where, at=address, inverter=inverter, tls=tls)


def _draw(found: dict[str, Any], pdf: Path) -> None:
    # Drawing alone takes a second to load.
    from reports.audit_pdf import write_audit_pdf

    write_audit_pdf(found, pdf)


def _write(file: Path, write: Callable[[], object]) -> None:
    try:
        write()
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be written: {error.strerror}") from error
