"""`bench inverter`: register maps written, checked and probed; what models a SunSpec device has."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from bench.audit.address import Address
from bench.cli.tls_options import with_tls_files
from bench.paths import MAPS
from bench.register_maps.inverter_table import find_map
from bench.register_maps.load import load_map, points_of
from bench.register_maps.probe import READ, Probe, Probed, probe
from bench.register_maps.sunspec_survey import SunSpecSurvey, survey
from bench.stations.tls_table import Stated
from instruments.clock import WallClock
from instruments.errors import ConfigurationError
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from instruments.register_maps.model import Point, RegisterMap
from instruments.register_maps.vocabulary import MEANINGS, UNITS, Base

TEMPLATE = MAPS.parent / "templates" / "register_map.toml"
DIFFERS = 3
FIRST_UNIT = 1
AS_JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)
AT = click.option(
    "--at",
    required=True,
    metavar="ADDRESS",
    help="tcp://host:port, rtu+tcp://host:port, tls://host:port or serial://port.",
)
UNIT = click.option("--unit", type=int, help="Unit identifier, when it is not the usual one.")


@click.group()
def inverter() -> None:
    """Register maps: write one from a vendor's document, check it, hold it against a device.

    MAP is a file or the name of a shipped map.
    """


@inverter.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--maker", default="Maker", show_default=True, help="As the inverter names itself.")
@click.option("--model", default="Model", show_default=True, help="As the inverter names itself.")
def new(file: Path, maker: str, model: str) -> None:
    """Write a commented map to FILE, to be filled in."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for old, name in (("Example Maker", maker), ("Example X5000", model)):
        text = text.replace(json.dumps(old), json.dumps(name, ensure_ascii=False))
    try:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise ConfigurationError(f"{file}: is there already; it was not touched") from error
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be written: {error.strerror}") from error
    click.echo(f"{file}: written. Fill it in, then: bench inverter check {file}")


@inverter.command()
@click.argument("name", metavar="MAP")
@AS_JSON
def check(name: str, as_json: bool) -> None:
    """Check a MAP and print what the bench makes of it; no device is needed."""
    register_map = load_map(find_map(name))
    points = points_of(register_map)
    if as_json:
        click.echo(json.dumps([_document(point) for point in points], indent=2))
        return
    for point in points:
        click.echo(_line(point))
    unverified = sum(not point.verified for point in points)
    click.echo(
        f"\n{register_map.name}: {len(points)} points, {unverified} not verified (read only)"
    )


@inverter.command(name="list")
def list_maps() -> None:
    """List the shipped maps."""
    for file in sorted(MAPS.glob("*.toml")):
        register_map = load_map(file)
        verified = sum(point.verified for point in register_map.points.values())
        click.echo(
            f"{register_map.name:26}  {register_map.maker} {register_map.model}: "
            f"{len(register_map.points)} points, {verified} verified"
        )


@inverter.command()
def words() -> None:
    """List what a point can mean, and the units and bases of percentages."""
    for meaning in MEANINGS:
        click.echo(f"{meaning.kind:9} {meaning.pattern}  [{', '.join(meaning.units)}]")
    click.echo(f"\nunits       {', '.join(UNITS)}\npercent_of  {', '.join(Base)}")


@inverter.command(name="probe")
@click.argument("name", metavar="MAP")
@AT
@with_tls_files
@UNIT
@AS_JSON
def probe_device(name: str, at: str, tls: Stated, unit: int | None, as_json: bool) -> None:
    """Read every point of a MAP from a live device. Nothing is written.

    Exit code 3 when the device contradicts the map: another identity, registers it does not have, values the
    map does not know.
    """
    register_map = load_map(find_map(name))
    clock = WallClock()
    link = _opened(at, tls, unit, register_map, clock)
    try:
        found = probe(link, register_map, clock)
    finally:
        link.close()
    printed: Callable[[Probe], str] = _probe_json if as_json else _probe_text
    click.echo(printed(found))
    raise click.exceptions.Exit(0 if found.agrees else DIFFERS)


@inverter.command()
@AT
@with_tls_files
@UNIT
@click.option(
    "--base", type=int, multiple=True, help="Where the marker is; the usual places unless given."
)
@AS_JSON
def models(at: str, tls: Stated, unit: int | None, base: tuple[int, ...], as_json: bool) -> None:
    """List the SunSpec models of a live device. Nothing is written.

    Exit code 3 when a model does not have the length its definition asks for, or refuses to be read.
    """
    link = _opened(at, tls, unit, None, WallClock())
    try:
        found = survey(link, base)
    finally:
        link.close()
    click.echo(json.dumps(asdict(found), indent=2) if as_json else _survey_text(found))
    raise click.exceptions.Exit(0 if found.agrees else DIFFERS)


def _opened(
    at: str, tls: Stated, unit: int | None, register_map: RegisterMap | None, clock: WallClock
) -> ModbusRegisterLink:
    """Connect for reading alone. `unit` is None for that of the address, or of the map."""
    address = Address.parse(at)
    if unit is not None:
        address = replace(address, unit=unit)
    usual = register_map.connection.unit if register_map else FIRST_UNIT
    name = register_map.name if register_map else "inverter"
    place = address.place_of(usual, register_map, tls)
    return place.open(clock, Transcript(None, clock), name)


def _survey_text(found: SunSpecSurvey) -> str:
    lines = [
        f"{model.number:5}  at {model.address:5}  {model.length:4} registers  {model.remark}"
        for model in found.models
    ]
    who = ", ".join((found.maker, found.model, found.serial, found.firmware))
    return "\n".join([who, *lines])


def _probe_text(found: Probe) -> str:
    counts = Counter(one.state for one in found.points)
    lines = [f"{_line(one.point)}  {one.state:10} {one.shown}" for one in found.points]
    summary = ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
    return "\n".join([*lines, "", f"identity: {found.identity or 'as the map says'}", summary])


def _probe_json(found: Probe) -> str:
    points = [_document(one.point) | _found(one) for one in found.points]
    document = {"agrees": found.agrees, "identity": found.identity, "points": points}
    return json.dumps(document, indent=2)


def _found(one: Probed) -> dict[str, Any]:
    registers = list(one.registers) if one.state == READ and not one.point.secret else []
    return {"state": one.state, "shown": one.shown, "registers": registers}


def _document(point: Point) -> dict[str, Any]:
    return {
        "name": point.name,
        "table": point.table,
        "wire_address": point.address,
        "type": point.type,
        "unit": point.unit,
        "means": point.means,
        "writable": point.write is not None,
        "verified": point.verified,
        "line": point.source.line,
    }


def _line(point: Point) -> str:
    mark = " " if point.verified else "?"
    access = "w" if point.write else "r"
    return f"{point.table:7} {point.address:5} {point.type:6} {access}{mark} {point.name:24} {point.means:32}"
