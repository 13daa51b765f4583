"""`bench simulate`: the simulated laboratory for outside clients, in real time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from bench.paths import DEFAULT_INVERTER, DEFAULT_STATION
from bench.stations.interrupts import termination_interrupts
from bench.stations.laboratory import build_laboratory
from bench.stations.station_file import load_inverter, load_station
from bench.stations.troubles import FORM, parse_trouble
from instruments.clock import WallClock
from instruments.errors import ConfigurationError
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.transport.passage import Pace

FILE = click.Path(path_type=Path)
LOOK_S = 0.2


@click.command()
@click.option(
    "--station", type=FILE, default=DEFAULT_STATION, help="Station file with [simulated]."
)
@click.option("--inverter", type=FILE, default=DEFAULT_INVERTER, help="Inverter file (TOML).")
@click.option(
    "--fault", "faults", multiple=True, help="Deviation of the simulated inverter (bench faults)."
)
@click.option(
    "--speed", default=1.0, show_default=True, help="World seconds per second of the wall clock."
)
@click.option(
    "--port", "ports", multiple=True, metavar="ROLE=NUMBER", help="Fixed port of an instrument."
)
@click.option(
    "--transport",
    "transports",
    multiple=True,
    metavar="ROLE=NAME",
    help="SCPI: socket (default), hislip, vxi11, serial. Modbus: tcp (default), rtu_tcp, rtu.",
)
@click.option(
    "--trouble",
    "troubles",
    multiple=True,
    metavar=FORM,
    help="What goes wrong, such as silence@ac_source,from_s=60,count=2 "
    "(docs/simulation_protocols.md).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the resources as one JSON document.")
def simulate(
    station: Path,
    inverter: Path,
    faults: tuple[str, ...],
    speed: float,
    ports: tuple[str, ...],
    transports: tuple[str, ...],
    troubles: tuple[str, ...],
    as_json: bool,
) -> None:
    """Serve the simulated laboratory to outside clients until Ctrl-C.

    Every instrument answers on loopback under the resource name that is printed. The inverter waits for a
    grid: switch the source on, then close the contactor (coil 0).
    """
    if speed <= 0:
        raise ConfigurationError(f"--speed {speed:g}: expected more than 0")
    loaded = load_station(station)
    if loaded.simulation is None:
        raise ConfigurationError(f"--station {station}: has no table [simulated]")
    laboratory = build_laboratory(
        loaded,
        loaded.simulation,
        load_inverter(inverter),
        faults,
        ports={role: _port(text) for role, text in _pairs("--port", ports)},
        transports=dict(_pairs("--transport", transports)),
        troubles=[parse_trouble(text) for text in troubles],
        pace=Pace(WallClock(), speed),
    )
    try:
        with termination_interrupts(), laboratory:
            _announce(laboratory, speed, as_json)
            _serve(laboratory)
    except KeyboardInterrupt:
        click.echo(f"stopped after {laboratory.exchanges} exchanges", err=True)


def _serve(laboratory: Laboratory) -> None:
    """Wait for Ctrl-C or SIGTERM; leaving the laboratory raises what an instrument failed with."""
    clock = WallClock()
    while laboratory.failure is None:
        clock.sleep(LOOK_S)


def _announce(laboratory: Laboratory, speed: float, as_json: bool) -> None:
    names = {role: _name(role, laboratory) for role in laboratory.resources}
    if as_json:
        click.echo(json.dumps({"speed": speed, "resources": names}))
        return
    click.echo(f"Simulated laboratory, {speed:g} × real time, on loopback only. Ctrl-C stops it.\n")
    width = max(map(len, names))
    for role, name in names.items():
        click.echo(f"  {role:{width}}  {name}")


def _name(role: str, laboratory: Laboratory) -> str:
    resource, transport = laboratory.resources[role], laboratory.transports[role]
    if isinstance(resource, tuple):
        scheme = "tcp" if transport == "tcp" else "rtu+tcp"
        return f"{scheme}://{resource[0]}:{resource[1]} (Modbus, unit {laboratory.units[role]})"
    if transport == "rtu":
        return f"serial://{resource} (Modbus RTU, unit {laboratory.units[role]})"
    return resource


def _pairs(option: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in texts]
    for text, (role, equals, value) in zip(texts, pairs, strict=True):
        if not (role and equals and value):
            raise ConfigurationError(f"{option} {text}: expected ROLE=VALUE")
    return [(role, value) for role, _, value in pairs]


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ConfigurationError(f"--port …={text}: expected a number from 1 to 65535")
    return int(text)
