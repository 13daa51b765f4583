"""Which requirements a station cannot test because it lacks an instrument. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bench.requirement import Requirement
from bench.station_file import StationFile

NEEDED: Mapping[str, tuple[str, str]] = {
    "demand_response": ("demand_response", "a demand response enabling device"),
    "demand_response_charging": ("demand_response", "a demand response enabling device"),
    "demand_response_level": ("demand_response", "a demand response enabling device"),
}
"""Kind of requirement → the optional table of a station file it takes, and what that is."""


def missing_equipment(requirement: Requirement, station: StationFile) -> str | None:
    """Return what a requirement takes that the station does not have, as a reason; None when it has all."""
    if requirement.kind not in NEEDED:
        return None
    role, words = NEEDED[requirement.kind]
    if role in station.entries:
        return None
    return f"it takes {words}, and {station.file.name} has no table [{role}]"
