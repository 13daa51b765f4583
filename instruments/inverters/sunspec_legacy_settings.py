"""What an inverter with SunSpec models of the 100s reports of its settings.

The older models say less: nothing of the way back to the grid, of times of responses or of priorities. Only the
curve in force is read, and a model is left alone where its successor of the 700s is there too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from instruments.interfaces import SettingValue
from instruments.inverters.sunspec_reported import (
    NOMINAL_SHARE,
    OF_ACTIVE,
    OF_AVAILABLE_ACTIVE,
    OF_AVAILABLE_REACTIVE,
    OF_RATED,
    OF_REACTIVE,
    RATED_SHARE,
    Ratings,
    Reference,
    Settings,
    Single,
    active_points,
    curve,
    reference_of,
    singles,
    stages,
    switch,
)
from instruments.inverters.sunspec_settings import ModelReader
from instruments.inverters.sunspec_values import ModelValues

SECONDS_PER_MINUTE = 60
ROOM = 20
"""Points every older curve has room for."""
SUCCESSORS = {
    123: 704,
    126: 705,
    127: 711,
    129: 707,
    130: 708,
    132: 706,
    134: 711,
    135: 709,
    136: 710,
}
SINGLES = (
    Single("ramp", 121, "WGra", "%/min", SECONDS_PER_MINUTE),
    Single("generation limit", 123, "WMaxLimPct", RATED_SHARE),
    Single("over-frequency dead band", 127, "HzStr", "Hz"),
)
SWITCHES = {
    123: ("generation limit enabled", "WMaxLim_Ena"),
    126: ("volt-var enabled", "ModEna"),
    127: ("frequency response enabled", "ModEna"),
    129: ("undervoltage enabled", "ModEna"),
    130: ("overvoltage enabled", "ModEna"),
    132: ("volt-watt enabled", "ModEna"),
    134: ("frequency response enabled", "ModEna"),
    135: ("underfrequency enabled", "ModEna"),
    136: ("overfrequency enabled", "ModEna"),
}
TRIPS = {
    129: ("undervoltage", "V", NOMINAL_SHARE),
    130: ("overvoltage", "V", NOMINAL_SHARE),
    135: ("underfrequency", "Hz", "Hz"),
    136: ("overfrequency", "Hz", "Hz"),
}
REACTIVE = {1: OF_ACTIVE, 2: OF_REACTIVE, 3: OF_AVAILABLE_REACTIVE}
ACTIVE = {1: OF_RATED, 2: OF_AVAILABLE_ACTIVE}
CURVES: Mapping[int, tuple[str, str, Mapping[int, Reference]]] = {
    126: ("volt-var", "VAr", REACTIVE),
    132: ("volt-watt", "W", ACTIVE),
}
RATINGS = {
    121: ("WMax", "VAMax", "VArMaxQ1", "VArMaxQ4"),
    120: ("WRtg", "VARtg", "VArRtgQ1", "VArRtgQ4"),
}
"""Settings first, then the nameplate: active, apparent, supplied and absorbed power."""


def read_legacy_settings(read: ModelReader, has: Callable[[int], bool]) -> Settings:
    """Return every setting the models of the 100s expose.

    Args:
        has: whether the device has a model.
    """
    found: Settings = {}
    for number in sorted({121, *SUCCESSORS}):
        values = None if has(SUCCESSORS.get(number, 0)) else read(number)
        if values is not None:
            found |= singles(values, SINGLES)
            found |= _switched(values, found)
            found |= _trips(values) if number in TRIPS else {}
            found |= _curve(values, read) if number in CURVES else {}
            found |= _frequency_response(values, read) if number == 127 else {}
    return found


def _switched(values: ModelValues, found: Settings) -> Settings:
    """Return whether the model's function is on; one that another model has switched on stays on."""
    if values.number not in SWITCHES:
        return {}
    state = switch(values, *SWITCHES[values.number])
    return {name: one for name, one in state.items() if name not in found or one.value}


def _points(values: ModelValues) -> tuple[str, range]:
    """Return the group of the curve in force, and the numbers of its active points."""
    start = f"curve{values.integer('ActCrv') or 0}."
    return start, active_points(values, f"{start}ActPt", ROOM)


def _trips(values: ModelValues) -> Settings:
    prefix, level, unit = TRIPS[values.number]
    start, active = _points(values)
    corners = [
        (
            values.setting(f"{start}{level}{k}", unit),
            values.setting(f"{start}Tms{k}", "s"),
        )
        for k in active
    ]
    return dict(stages(prefix, corners))


def _curve(values: ModelValues, read: ModelReader) -> Settings:
    prefix, share, references = CURVES[values.number]
    start, active = _points(values)
    reference = reference_of(values, f"{start}DeptRef", references)
    ratings = read_ratings(read) if reference.supplied else Ratings()
    pairs = (
        (
            values.setting(f"{start}V{k}", NOMINAL_SHARE),
            reference.share(values.setting(f"{start}{share}{k}", reference.unit), ratings),
        )
        for k in active
    )
    return dict(curve(prefix, pairs))


def read_ratings(read: ModelReader) -> Ratings:
    """Return what the settings say, and the nameplate where they say nothing."""
    known: list[float | None] = [None] * len(RATINGS[121])
    for number, paths in RATINGS.items():
        values = read(number)
        if values is not None:
            known = [
                values.number_of(path) if one is None else one
                for path, one in zip(paths, known, strict=True)
            ]
    return Ratings(*known)


def _frequency_response(values: ModelValues, read: ModelReader) -> Settings:
    """Return droop and hysteresis of model 127.

    Its gradient is a share of the power at the crossing per hertz; the droop is the part of nominal frequency
    in which that power goes to zero.
    """
    start, gradient = values.setting("HzStr", "Hz"), values.setting("WGra", "%/Hz")
    stop = values.setting("HzStop", "Hz") if values.integer("HysEna") else None
    basic = read(121)
    nominal_hz = basic.number_of("ECPNomHz") if basic else None
    found: Settings = {}
    if start and stop:
        quantum = start.quantum + stop.quantum
        found["hysteresis"] = SettingValue(start.value - stop.value, "Hz", quantum)
    if gradient and gradient.value and nominal_hz:
        droop = 100 / (gradient.value * nominal_hz)
        quantum = droop * gradient.quantum / gradient.value
        found["over-frequency droop"] = SettingValue(droop, "1", quantum)
    return found
