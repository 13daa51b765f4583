"""The settings of the simulated inverter under the names register maps bind to, and how each is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from instruments.simulated.inverter.settings import GridSettings, VoltageResponse

TRIPS = {
    "overvoltage 1": "OV1",
    "overvoltage 2": "OV2",
    "undervoltage 1": "UV1",
    "undervoltage 2": "UV2",
    "overfrequency 1": "OF1",
    "underfrequency 1": "UF1",
}
CURVES = {
    "volt-watt": "volt_watt",
    "volt-var": "volt_var",
    "charging volt-watt": "volt_watt_charging",
}
CORNERS = {
    "over-frequency start": "upper_hz",
    "over-frequency stop": "zero_power_hz",
    "under-frequency start": "lower_hz",
    "under-frequency stop": "full_power_hz",
    "hysteresis": "hysteresis_hz",
    "dwell": "dwell_s",
}
BANDS = {"over-frequency dead band": ("upper_hz", 1), "under-frequency dead band": ("lower_hz", -1)}
WINDOWS = {"voltage": "connect_voltage_v", "frequency": "connect_frequency_hz"}
RAMP = 6000.0
"""Percent per minute in a share per second."""


def settings_by_name(settings: GridSettings, nominal_hz: float) -> dict[str, float]:
    """Return every setting, in V, Hz, s, % and %/min; switches are 1 or 0."""
    values = {
        "sustained voltage": settings.sustained_voltage_v,
        "observation": settings.observation_s,
        "ramp": RAMP * settings.ramp_pu_per_s,
        "frequency response enabled": float(settings.frequency.enabled),
    }
    for name, trip in TRIPS.items():
        values[f"{name} threshold"] = settings.trips[trip].threshold
        values[f"{name} time"] = settings.trips[trip].delay_s
        values[f"{name[:-2]} enabled"] = float(settings.trips[trip].enabled)
    for name, field in CURVES.items():
        response: VoltageResponse = getattr(settings, field)
        values[f"{name} enabled"] = float(response.enabled)
        for number, (voltage_v, share) in enumerate(response.curve, 1):
            values[f"{name} {number} voltage"] = voltage_v
            values[f"{name} {number} power"] = 100 * share
    for name, (field, sign) in BANDS.items():
        values[name] = sign * (getattr(settings.frequency, field) - nominal_hz)
    values |= {name: getattr(settings.frequency, field) for name, field in CORNERS.items()}
    for what, field in WINDOWS.items():
        low, high = getattr(settings, field)
        values |= {f"connection {what} low": low, f"connection {what} high": high}
    return values


def changed(settings: GridSettings, name: str, value: float, nominal_hz: float) -> GridSettings:
    """Return settings with one of those of `settings_by_name` replaced."""
    for pattern, change in CHANGES.items():
        found = re.fullmatch(pattern, name)
        if found:
            return change(settings, found.groups(), value, nominal_hz)
    raise KeyError(name)


Change = Callable[[GridSettings, tuple[str, ...], float, float], GridSettings]


def _plain(field: str, factor: float = 1.0) -> Change:
    def change(
        settings: GridSettings, _: tuple[str, ...], value: float, _hz: float
    ) -> GridSettings:
        items: Mapping[str, Any] = {field: value * factor}
        return replace(settings, **items)

    return change


def _trip(settings: GridSettings, found: tuple[str, ...], value: float, _hz: float) -> GridSettings:
    name, what = found
    fields: Mapping[str, Any] = {"threshold" if what == "threshold" else "delay_s": value}
    trip = replace(settings.trips[TRIPS[name]], **fields)
    return replace(settings, trips={**settings.trips, TRIPS[name]: trip})


def _trip_enabled(
    settings: GridSettings, found: tuple[str, ...], value: float, _hz: float
) -> GridSettings:
    names = [trip for name, trip in TRIPS.items() if name.startswith(found[0])]
    trips = {name: replace(settings.trips[name], enabled=value == 1) for name in names}
    return replace(settings, trips={**settings.trips, **trips})


def _curve(
    settings: GridSettings, found: tuple[str, ...], value: float, _hz: float
) -> GridSettings:
    name, number, what = found
    response: VoltageResponse = getattr(settings, CURVES[name])
    points = [list(point) for point in response.curve]
    points[int(number) - 1][what == "power"] = value / 100 if what == "power" else value
    curve = tuple((point[0], point[1]) for point in points)
    items: Mapping[str, Any] = {CURVES[name]: replace(response, curve=curve)}
    return replace(settings, **items)


def _curve_enabled(
    settings: GridSettings, found: tuple[str, ...], value: float, _hz: float
) -> GridSettings:
    response: VoltageResponse = getattr(settings, CURVES[found[0]])
    items: Mapping[str, Any] = {CURVES[found[0]]: replace(response, enabled=value == 1)}
    return replace(settings, **items)


def _frequency_enabled(
    settings: GridSettings, _: tuple[str, ...], value: float, _hz: float
) -> GridSettings:
    return replace(settings, frequency=replace(settings.frequency, enabled=value == 1))


def _corner(
    settings: GridSettings, found: tuple[str, ...], value: float, _hz: float
) -> GridSettings:
    items: Mapping[str, Any] = {CORNERS[found[0]]: value}
    return replace(settings, frequency=replace(settings.frequency, **items))


def _band(
    settings: GridSettings, found: tuple[str, ...], value: float, nominal_hz: float
) -> GridSettings:
    field, sign = BANDS[found[0]]
    items: Mapping[str, Any] = {field: nominal_hz + sign * value}
    return replace(settings, frequency=replace(settings.frequency, **items))


def _window(
    settings: GridSettings, found: tuple[str, ...], value: float, _hz: float
) -> GridSettings:
    what, side = found
    low, high = getattr(settings, WINDOWS[what])
    items: Mapping[str, Any] = {WINDOWS[what]: (value, high) if side == "low" else (low, value)}
    return replace(settings, **items)


def _one_of(names: Mapping[str, Any]) -> str:
    return "(" + "|".join(map(re.escape, names)) + ")"


CHANGES: Mapping[str, Change] = {
    "sustained voltage": _plain("sustained_voltage_v"),
    "observation": _plain("observation_s"),
    "ramp": _plain("ramp_pu_per_s", 1 / RAMP),
    "frequency response enabled": _frequency_enabled,
    rf"{_one_of(TRIPS)} (threshold|time)": _trip,
    r"((?:over|under)(?:voltage|frequency)) enabled": _trip_enabled,
    rf"{_one_of(CURVES)} ([0-9]+) (voltage|power)": _curve,
    rf"{_one_of(CURVES)} enabled": _curve_enabled,
    _one_of(CORNERS): _corner,
    _one_of(BANDS): _band,
    rf"connection {_one_of(WINDOWS)} (low|high)": _window,
}
