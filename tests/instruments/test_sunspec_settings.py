"""Settings read over Modbus from a simulated inverter are those it has."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bench.paths import DEFAULT_INVERTER
from bench.stations.station_file import load_inverter
from instruments.interfaces import SettingValue
from instruments.inverters.sunspec import SunSpecInverter
from instruments.simulated.inverter.settings import REGIONS
from tests.instruments.conftest import Bench

A = REGIONS["A"]
OPTIONS = load_inverter(DEFAULT_INVERTER).options


@pytest.fixture
def inverter(bench: Bench) -> SunSpecInverter:
    return SunSpecInverter(bench.registers("inverter"), bench.laboratory.clock, **OPTIONS)


@pytest.fixture
def reported(inverter: SunSpecInverter) -> Mapping[str, SettingValue]:
    return inverter.read_settings()


def close(found: SettingValue, value: float) -> bool:
    return abs(found.value - value) <= found.quantum / 2 + 1e-9


@pytest.mark.parametrize(
    ("name", "trip", "unit"),
    [
        ("undervoltage 1", "UV1", 2.3),
        ("undervoltage 2", "UV2", 2.3),
        ("overvoltage 1", "OV1", 2.3),
        ("overvoltage 2", "OV2", 2.3),
        ("underfrequency 1", "UF1", 1.0),
        ("overfrequency 1", "OF1", 1.0),
    ],
)
def test_trips_are_read_from_nominal_outwards(
    reported: Mapping[str, SettingValue], name: str, trip: str, unit: float
) -> None:
    assert close(reported[f"{name} threshold"], A.trips[trip].threshold / unit)
    assert close(reported[f"{name} time"], A.trips[trip].delay_s)


@pytest.mark.parametrize(("name", "curve"), [("volt-watt", A.volt_watt), ("volt-var", A.volt_var)])
def test_curves_are_read_point_by_point(
    reported: Mapping[str, SettingValue], name: str, curve: object
) -> None:
    points = getattr(curve, "curve")  # noqa: B009
    for number, (voltage_v, share) in enumerate(points, 1):
        assert close(reported[f"{name} {number} voltage"], voltage_v / 2.3)
        assert close(reported[f"{name} {number} power"], 100 * share)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("observation", A.observation_s),
        ("connection voltage high", A.connect_voltage_v[1] / 2.3),
        ("connection frequency low", A.connect_frequency_hz[0]),
        ("over-frequency dead band", A.frequency.upper_hz - 50),
        ("under-frequency dead band", 50 - A.frequency.lower_hz),
        ("sustained voltage", A.sustained_voltage_v),
        ("hysteresis", A.frequency.hysteresis_hz),
        ("dwell", A.frequency.dwell_s),
        ("ramp", 6000 * A.ramp_pu_per_s),
        ("charging volt-watt 2 power", 100.0),
        ("region", 1.0),
        ("volt-watt enabled", 1.0),
        ("overvoltage enabled", 1.0),
    ],
)
def test_single_settings_are_read(
    reported: Mapping[str, SettingValue], name: str, value: float
) -> None:
    assert close(reported[name], value)


def test_without_the_makers_registers_their_settings_are_not_exposed(bench: Bench) -> None:
    plain = SunSpecInverter(bench.registers("inverter"), bench.laboratory.clock)
    assert "region" not in plain.read_settings()


def test_an_open_inverter_takes_the_attempt_and_shows_it(
    bench: Bench, inverter: SunSpecInverter
) -> None:
    assert inverter.try_observation(75.0) is None
    assert inverter.read_settings()["observation"].value == 75.0
    assert bench.world.inverter.settings.observation_s == 75.0
