"""Which requirements a station cannot test because it lacks an instrument. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bench.grid_code.requirement import Requirement
from bench.stations.station_file import StationFile

INSTRUMENTS: Mapping[str, str] = {
    "demand_response": "a demand response enabling device",
    "islanding_load": "a tunable load",
    "pv_source": "a PV source",
}
"""Optional table of a station file → what that is."""

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
    missing = [role for role in roles if role not in station.entries]
    if not missing:
        return None
    words = " and ".join(INSTRUMENTS[role] for role in missing)
    tables = " and ".join(f"[{role}]" for role in missing)
    noun = "table" if len(missing) == 1 else "tables"
    return f"it takes {words}, and {station.file.name} has no {noun} {tables}"
