"""Whether the device that answers is the one a register map describes."""

from __future__ import annotations

from instruments.errors import IdentityMismatch
from instruments.inverters.map_reader import MapReader
from instruments.register_maps.codec import Value
from instruments.register_maps.model import IdentityCheck

MARKER = [0x5375, 0x6E53]


def require_identity(reader: MapReader) -> None:
    """Raise IdentityMismatch when a register does not hold what the map says of its device."""
    for check in reader.map.identity:
        value = reader.one(reader.map.points[check.point]).value
        if not passes(check, value):
            raise IdentityMismatch(
                f"{reader.link.name}: point.{check.point} holds {value!r}, expected {_wanted(check)} "
                f"(map {reader.map.name}). Nothing was written."
            )
    if reader.map.sunspec is not None:
        _require_models(reader)


def passes(check: IdentityCheck, value: Value) -> bool:
    """Return whether a value is one the check permits."""
    if check.equals and value not in check.equals:
        return False
    if check.starts_with and not (isinstance(value, str) and value.startswith(check.starts_with)):
        return False
    if check.lowest is None or check.highest is None:
        return True
    return isinstance(value, int | float) and check.lowest <= value <= check.highest


def _require_models(reader: MapReader) -> None:
    """Require the SunSpec marker, and each model where the map says it is."""
    sunspec = reader.map.sunspec
    assert sunspec is not None
    expected = {sunspec.base: MARKER}
    expected |= {model.address: [model.number, model.length] for model in sunspec.models}
    for address, words in expected.items():
        found = reader.link.read(address, len(words))
        if found != words:
            raise IdentityMismatch(
                f"{reader.link.name}: registers {address} and {address + 1} hold {found}, expected {words} "
                f"(SunSpec, map {reader.map.name})"
            )


def _wanted(check: IdentityCheck) -> str:
    parts = [f"one of {list(check.equals)}"] if check.equals else []
    if check.starts_with:
        parts.append(f"a text that begins with {' or '.join(check.starts_with)}")
    if check.lowest is not None and check.highest is not None:
        parts.append(f"{check.lowest:g} to {check.highest:g}")
    return " and ".join(parts)
