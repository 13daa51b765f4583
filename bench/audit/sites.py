"""The sites of a fleet: rows of a CSV file, or the inverter files of a folder."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.stations.station_file import load_inverter
from bench.stations.tls_table import FILE_KEYS, HOST_KEY, KEYS, Stated
from instruments.errors import ConfigurationError

COLUMNS = ("site", "at", "unit", "inverter", "grid_code", "distributor", *KEYS)
REQUIRED_COLUMNS = ("site", "at")
SIMULATED = "simulated"
ANSWERS = {"true": True, "false": False}
NAME = re.compile(r"\w[\w .-]*")


@dataclass(frozen=True)
class Site:
    """One inverter to be audited.

    Attributes:
        where: file and line that name it, for messages.
        at: address as written, or "simulated".
        unit, grid_code, distributor: None where the whole audit's holds.
        tls: what it states of a secured connection.
    """

    name: str
    where: str
    at: str
    inverter: Path
    unit: int | None = None
    grid_code: str | None = None
    distributor: str | None = None
    tls: Stated = field(default_factory=dict)


def find_sites(source: Path, inverter: Path) -> list[Site]:
    """Return the sites a CSV file lists, or one for each inverter file in a folder.

    Args:
        inverter: file of sites that name none.

    Raises:
        ConfigurationError: names file and line.
    """
    sites = _from_folder(source) if source.is_dir() else _from_csv(source, inverter)
    if not sites:
        raise ConfigurationError(f"--fleet {source}: names no site")
    _refuse_twins(sites)
    return sites


def _from_folder(folder: Path) -> list[Site]:
    files = sorted(folder.glob("*.toml"))
    sites = [Site(file.stem, str(file), load_inverter(file).at, file) for file in files]
    for site in sites:
        if not site.at:
            raise ConfigurationError(
                f'{site.where}: table [modbus]: a fleet needs an address: at = "tcp://host:port", or '
                f'at = "{SIMULATED}"'
            )
        _require_name(site)
    return sites


def _from_csv(file: Path, inverter: Path) -> list[Site]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            _check_columns(file, reader.fieldnames or ())
            return [_site(file, reader.line_num, row, inverter) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"--fleet {file}: cannot be read: {error}") from error


def _check_columns(file: Path, columns: Sequence[str]) -> None:
    unknown = [name for name in columns if name not in COLUMNS]
    missing = [name for name in REQUIRED_COLUMNS if name not in columns]
    for problem, names in (("unknown", unknown), ("missing", missing)):
        if names:
            raise ConfigurationError(
                f"{file}, line 1: column {names[0]!r} is {problem}. Columns: {', '.join(COLUMNS)}; "
                f"{' and '.join(REQUIRED_COLUMNS)} are needed"
            )


def _site(file: Path, line: int, row: Mapping[str | None, str | None], inverter: Path) -> Site:
    where = f"{file}, line {line}"
    if None in row or None in row.values():
        raise ConfigurationError(f"{where}: has another number of columns than line 1")
    given = {name: text.strip() for name, text in row.items() if name and text and text.strip()}
    for name in REQUIRED_COLUMNS:
        if name not in given:
            raise ConfigurationError(f"{where}: column {name!r} is empty")
    site = Site(
        name=given["site"],
        where=where,
        at=given["at"],
        inverter=_beside(file, given["inverter"]) if "inverter" in given else inverter,
        unit=_unit(where, given["unit"]) if "unit" in given else None,
        grid_code=given.get("grid_code"),
        distributor=given.get("distributor"),
        tls=_tls(file, where, given),
    )
    _require_name(site)
    return site


def _tls(file: Path, where: str, given: Mapping[str, str]) -> dict[str, Any]:
    stated: dict[str, Any] = {key: _beside(file, given[key]) for key in FILE_KEYS if key in given}
    if HOST_KEY in given:
        answer = given[HOST_KEY].lower()
        if answer not in ANSWERS:
            raise ConfigurationError(
                f"{where}: {HOST_KEY} {given[HOST_KEY]!r}: expected true or false"
            )
        stated[HOST_KEY] = ANSWERS[answer]
    return stated


def _beside(file: Path, name: str) -> Path:
    """Return a file named relative to the list that names it."""
    return file.parent / name


def _unit(where: str, text: str) -> int:
    if not text.isdecimal() or int(text) > 255:
        raise ConfigurationError(f"{where}: unit {text!r}: expected a number from 0 to 255")
    return int(text)


def _require_name(site: Site) -> None:
    if not NAME.fullmatch(site.name):
        raise ConfigurationError(
            f"{site.where}: site {site.name!r}: its audit becomes a file of that name; expected letters, "
            "digits, blanks and . _ -"
        )


def _refuse_twins(sites: Sequence[Site]) -> None:
    """Refuse names that would share a file, also where capitals do not count."""
    seen: dict[str, Site] = {}
    for site in sites:
        twin = seen.setdefault(site.name.casefold(), site)
        if twin is not site:
            raise ConfigurationError(f"{site.where}: site {site.name!r} is at {twin.where} already")
