"""How points of SunSpec models become settings under the names of `bench.grid_code.settings_audit`. Pure.

What a model does not implement is left out, never guessed. A share of something the bench cannot convert keeps
a unit that says what it is a share of, so that nobody compares it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf

from instruments.interfaces import SettingValue
from instruments.inverters.sunspec_values import ModelValues

NOMINAL_SHARE = "% of nominal voltage"
RATED_SHARE = "%"
SWITCH = "on"
Settings = dict[str, SettingValue]
Corner = tuple[SettingValue | None, SettingValue | None]
"""A level, and the longest time it may last."""


@dataclass(frozen=True)
class Single:
    """A setting that is one point.

    Attributes:
        factor: one of the point's unit in `unit`.
    """

    setting: str
    model: int
    path: str
    unit: str
    factor: float = 1.0


@dataclass(frozen=True)
class Ratings:
    """What shares of power may refer to, as the inverter states it; None when it does not."""

    active_w: float | None = None
    apparent_va: float | None = None
    supplied_var: float | None = None
    absorbed_var: float | None = None


@dataclass(frozen=True)
class Reference:
    """What the ordinate of a curve is a share of.

    Attributes:
        unit: of a share that cannot be converted.
        supplied, absorbed: fields of `Ratings` a positive and a negative share count from; empty when the
            share is taken as it is.
    """

    unit: str
    supplied: str = ""
    absorbed: str = ""

    def share(self, found: SettingValue | None, ratings: Ratings) -> SettingValue | None:
        """Return a share of the apparent power, when it can be converted into one."""
        if found is None or not self.supplied:
            return found
        base = getattr(ratings, self.supplied if found.value >= 0 else self.absorbed)
        if base is None or not ratings.apparent_va:
            return found
        factor = abs(base) / ratings.apparent_va
        return SettingValue(found.value * factor, RATED_SHARE, found.quantum * factor)


UNKNOWN_REFERENCE = Reference("% of an unknown base")
OF_ACTIVE = Reference("% of the largest active power", "active_w", "active_w")
OF_REACTIVE = Reference("% of the largest reactive power", "supplied_var", "absorbed_var")
OF_AVAILABLE_REACTIVE = Reference("% of the available reactive power")
OF_AVAILABLE_ACTIVE = Reference("% of the available active power")
OF_RATED = Reference(RATED_SHARE)


def reference_of(values: ModelValues, path: str, known: Mapping[int, Reference]) -> Reference:
    """Return what the ordinate of a curve is a share of."""
    chosen = values.integer(path)
    return UNKNOWN_REFERENCE if chosen is None else known.get(chosen, UNKNOWN_REFERENCE)


def active_points(values: ModelValues, path: str, room: int) -> range:
    """Return the numbers of a curve's active points; none when there are more than it has room for."""
    count = values.integer(path) or 0
    return range(1, count + 1) if count <= room else range(0)


def singles(values: ModelValues, places: Iterable[Single]) -> Settings:
    """Return the settings of one model that are one point each."""
    found = {
        place.setting: values.setting(place.path, place.unit, place.factor)
        for place in places
        if place.model == values.number
    }
    return {name: value for name, value in found.items() if value is not None}


def switch(values: ModelValues, setting: str, path: str) -> Settings:
    """Return whether a function is on; a flag counts by its lowest bit."""
    state = values.integer(path)
    return {} if state is None else {setting: SettingValue(float(state & 1), SWITCH, 1.0)}


def curve(
    prefix: str, points: Iterable[tuple[SettingValue | None, SettingValue | None]]
) -> Iterator[tuple[str, SettingValue]]:
    """Yield voltages and powers of a curve, point by point."""
    for number, (voltage, power) in enumerate(points, 1):
        if voltage is not None:
            yield f"{prefix} {number} voltage", voltage
        if power is not None:
            yield f"{prefix} {number} power", power


def stages(prefix: str, corners: Iterable[Corner]) -> Iterator[tuple[str, SettingValue]]:
    """Yield the stages of a protection, counted from the nominal value outwards.

    A model draws them as corners of steps: a stage is a level with the shortest of its times.
    """
    shortest: dict[float, Corner] = {}
    for level, time in corners:
        known = shortest.get(level.value) if level else None
        if level and (known is None or _seconds(time) < _seconds(known[1])):
            shortest[level.value] = level, time
    outwards = sorted(shortest, reverse=prefix.startswith("under"))
    for number, value in enumerate(outwards, 1):
        threshold, time = shortest[value]
        if threshold is not None:
            yield f"{prefix} {number} threshold", threshold
        if time is not None:
            yield f"{prefix} {number} time", time


def _seconds(time: SettingValue | None) -> float:
    return inf if time is None else time.value
