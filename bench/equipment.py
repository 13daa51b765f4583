"""What a kind of requirement takes beyond the instruments that every station has. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bench.station_file import StationFile

NEEDED_ROLES: Mapping[str, tuple[str, ...]] = {
    "islanding": ("islanding_load", "pv_source"),
    "irradiance_ramp": ("pv_source",),
}
"""Kind of requirement → roles that not every station fills."""


def missing_equipment(kind: str, station: StationFile) -> str | None:
    """Return why a station cannot test a kind of requirement; None when it can."""
    missing = [role for role in NEEDED_ROLES.get(kind, ()) if role not in station.entries]
    if not missing:
        return None
    tables = " and ".join(f"[{role}]" for role in missing)
    return f"{station.file.name} has no {tables}"
