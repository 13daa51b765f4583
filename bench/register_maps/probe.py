"""A look at a live device through a register map, reading only: what the map says, beside what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from instruments.clock import Clock
from instruments.errors import IdentityMismatch, RegisterError
from instruments.inverters.map_identity import require_identity
from instruments.inverters.map_reader import Found, MapReader
from instruments.register_maps.access import WideRegisterLink
from instruments.register_maps.model import Point, RegisterMap

ABSENT, EMPTY, READ, SUSPECT, UNREAD = "absent", "no value", "read", "suspect", "write-only"


@dataclass(frozen=True)
class Probed:
    """One point as the device shows it.

    Attributes:
        state: "read", "no value" (not implemented), "absent" (the device refuses the register), "suspect" (a
            value the map does not know or permit) or "write-only".
        shown: value with unit, or the name of a code.
        registers: as read; empty for none.
    """

    point: Point
    state: str
    shown: str
    registers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Probe:
    """What a look at a device brought.

    Attributes:
        identity: empty when the device is the one the map describes, else why not.
    """

    identity: str
    points: tuple[Probed, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing contradicts the map."""
        return not self.identity and all(one.state not in (ABSENT, SUSPECT) for one in self.points)


def probe(link: WideRegisterLink, register_map: RegisterMap, clock: Clock) -> Probe:
    """Read every readable point of a map once; nothing is written.

    Raises:
        LinkError: the line failed, also when asked again.
    """
    reader = MapReader(link, register_map, clock)
    points = sorted(register_map.points.values(), key=lambda point: (point.table, point.address))
    return Probe(_identity(reader), tuple(_probed(reader, points)))


def _identity(reader: MapReader) -> str:
    try:
        require_identity(reader)
    except (IdentityMismatch, RegisterError) as error:
        return str(error)
    return ""


def _probed(reader: MapReader, points: Sequence[Point]) -> list[Probed]:
    found = reader.read(points)
    return [
        _judged(found[point.name])
        if point.name in found
        else Probed(point, ABSENT if point.readable else UNREAD, "")
        for point in points
    ]


def _judged(found: Found) -> Probed:
    point, value = found.point, found.value
    if point.secret:
        return Probed(point, READ, "***")
    if value is None:
        return Probed(point, EMPTY, "", found.registers)
    if isinstance(value, str):
        return Probed(point, READ if value.isprintable() else SUSPECT, repr(value), found.registers)
    names = {float(code): name for name, code in point.codes.items()}
    if names:
        state = READ if value in names else SUSPECT
        return Probed(point, state, names.get(value, f"code {value:g}"), found.registers)
    return Probed(point, _range_state(point, value), f"{value:.10g} {point.unit}", found.registers)


def _range_state(point: Point, value: float) -> str:
    write = point.write
    if write is None or write.lowest is None or write.highest is None:
        return READ
    return READ if write.lowest <= value <= write.highest else SUSPECT
