"""Which requirements a station cannot test because it lacks an instrument. Pure."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Mapping

from bench.grid_code.requirement import Requirement
from bench.stations.station_file import InverterFile, StationFile

INSTRUMENTS: Mapping[str, str] = {
    "demand_response": "a demand response enabling device",
    "islanding_load": "a tunable load",
    "pv_source": "a PV source",
    "second_pv_source": "a second inverter at the connection point with a PV source of its own",
    "site_meter": "a meter at the connection point",
    "meter_line": "a box in the line of the inverter's meter",
    "utility_server": "a utility server",
}
"""Optional table of a station file → what that is."""

EXTRAS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "utility_server": ("csip", ("envoy_schema", "cryptography")),
}
"""Optional table of a station file → the extra it takes, and the packages by which that is known."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "demand_response": ("demand_response",),
    "demand_response_charging": ("demand_response",),
    "demand_response_level": ("demand_response",),
    "islanding": ("islanding_load", "pv_source"),
    "irradiance_ramp": ("pv_source",),
}
"""Kind of requirement → the optional tables of a station file it takes."""


def missing_equipment(requirement: Requirement, station: StationFile) -> str | None:
    """Return what a requirement takes that the station does not have, as a reason; None when it has all."""
    roles = NEEDED.get(requirement.kind, ())
    if requirement.case is not None:
        roles = requirement.case.equipment
    missing = [role for role in roles if role not in station.entries]
    if not missing:
        return _missing_extra(roles)
    words = " and ".join(INSTRUMENTS[role] for role in missing)
    tables = " and ".join(f"[{role}]" for role in missing)
    noun = "table" if len(missing) == 1 else "tables"
    return f"it takes {words}, and {station.file.name} has no {noun} {tables}"


def _missing_extra(roles: Collection[str]) -> str | None:
    """Return which optional part of an installation lacks for instruments that the station has."""
    for role, (extra, packages) in EXTRAS.items():
        if role in roles and any(importlib.util.find_spec(name) is None for name in packages):
            return (
                f"it takes the optional extra {extra}, which is not installed "
                f"(pip install inverter-compliance-bench[{extra}])"
            )
    return None


def untestable(
    requirement: Requirement, station: StationFile, inverter: InverterFile
) -> str | None:
    """Return why a requirement cannot be tested here: what station or inverter lacks; None when it can."""
    return missing_equipment(requirement, station) or not_commandable(requirement, inverter)


def not_commandable(requirement: Requirement, inverter: InverterFile) -> str | None:
    """Return what a case takes that an inverter cannot be told, as a reason; None if it can or nobody knows."""
    known = inverter.commandable
    if requirement.case is None or known is None:
        return None
    missing = [need for need in requirement.case.needs if need not in known]
    if not missing:
        return None
    return f"{inverter.file.name} gives the bench no way to command: {', '.join(missing)}"
