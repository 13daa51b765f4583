"""What the older and the newer models say of settings, and what becomes of what they leave open."""

from __future__ import annotations

from typing import Any

import pytest

from instruments.errors import ConfigurationError
from instruments.interfaces import SettingValue
from instruments.inverters.sunspec import SunSpecInverter
from instruments.sunspec.layouts import Values
from tests.sunspec.register_file import RegisterFile, StepClock, model

COMMON = model(1, {"Mn": "Acme", "Md": "X", "SN": "7", "Vr": "1"})
ONE_CURVE = {"NCrv": 1}
HEAD = {"ActCrv": 1, "ModEna": 1}


def inverter(*models: list[int], **options: Any) -> SunSpecInverter:
    return SunSpecInverter(RegisterFile(COMMON, *models), StepClock(), **options)


def reported(*models: list[int], **options: Any) -> dict[str, SettingValue]:
    return dict(inverter(*models, **options).read_settings())


def older_volt_var(reference: int | None, **more: Any) -> list[int]:
    points: Values = {"curve1.ActPt": 2, "curve1.DeptRef": reference}
    points = {**points, "curve1.V1": 90.0, "curve1.VAr1": 50.0, "curve1.V2": 110.0}
    scales = {"V_SF": -1, "DeptRef_SF": -1}
    return model(126, {**HEAD, **scales, **points, "curve1.VAr2": -50.0, **more}, ONE_CURVE)


BASIC = model(
    121,
    {
        **{"WMax": 4000, "VAMax": 5000, "VArMaxQ1": 3000, "VArMaxQ4": -2500, "WGra": 0.28},
        **{"WMax_SF": 0, "VAMax_SF": 0, "VArMax_SF": 0, "WGra_SF": -2},
        **{"ECPNomHz": 50, "ECPNomHz_SF": -2},
    },
)
NAMEPLATE = model(
    120,
    {
        **{"WRtg": 4000, "VARtg": 5000, "VArRtgQ1": 3000, "VArRtgQ4": -2500},
        **{"WRtg_SF": 0, "VARtg_SF": 0, "VArRtg_SF": 0},
    },
)


@pytest.mark.parametrize("ratings", [BASIC, NAMEPLATE])
@pytest.mark.parametrize(("reference", "powers"), [(1, (40.0, -40.0)), (2, (30.0, -25.0))])
def test_a_share_of_something_known_becomes_one_of_apparent_power(
    ratings: list[int], reference: int, powers: tuple[float, float]
) -> None:
    found = reported(ratings, older_volt_var(reference))
    both = found["volt-var 1 power"], found["volt-var 2 power"]
    assert tuple(one.value for one in both) == pytest.approx(powers)
    assert {one.unit for one in both} == {"%"}
    assert both[0].quantum == pytest.approx(0.1 * powers[0] / 50)


@pytest.mark.parametrize(
    ("models", "unit"),
    [
        ([older_volt_var(2)], "% of the largest reactive power"),
        ([BASIC, older_volt_var(3)], "% of the available reactive power"),
        ([BASIC, older_volt_var(None)], "% of an unknown base"),
        ([BASIC, older_volt_var(9)], "% of an unknown base"),
    ],
)
def test_a_share_of_something_else_says_of_what(models: list[list[int]], unit: str) -> None:
    assert reported(*models)["volt-var 1 power"] == SettingValue(50.0, unit, 0.1)


def test_the_curve_in_force_is_read_and_no_other() -> None:
    curves = {"curve1.ActPt": 1, "curve1.V1": 95, "curve2.ActPt": 1, "curve2.V1": 105}
    values = {**HEAD, "ActCrv": 2, "V_SF": 0, "DeptRef_SF": 0, **curves}
    found = reported(model(132, values, {"NCrv": 2}))
    assert found["volt-watt 1 voltage"].value == 105


def test_more_active_points_than_there_is_room_for_are_none() -> None:
    assert "volt-var 1 voltage" in reported(older_volt_var(3))
    assert "volt-var 1 voltage" not in reported(older_volt_var(3, **{"curve1.ActPt": 21}))


def older_trip(number: int, points: list[tuple[float, float]], axis: str = "V") -> list[int]:
    values: dict[str, Any] = {**HEAD, "Tms_SF": -2, f"{axis}_SF": -1, "curve1.ActPt": len(points)}
    for k, (seconds, level) in enumerate(points, 1):
        values |= {f"curve1.Tms{k}": seconds, f"curve1.{axis}{k}": level}
    return model(number, values, ONE_CURVE)


STEPS = [
    (129, "undervoltage", [(1.5, 30.4), (10.5, 30.4), (10.5, 78.3), (60.0, 78.3)], "V"),
    (129, "undervoltage", [(10.5, 78.3), (1.5, 30.4)], "V"),
    (130, "overvoltage", [(0.1, 119.6), (1.5, 119.6), (1.5, 115.2)], "V"),
    (136, "overfrequency", [(0.1, 53.0), (1.5, 53.0), (1.5, 52.0)], "Hz"),
]


@pytest.mark.parametrize(("number", "name", "points", "axis"), STEPS)
def test_corners_of_steps_become_stages_from_nominal_outwards(
    number: int, name: str, points: list[tuple[float, float]], axis: str
) -> None:
    found = reported(older_trip(number, points, axis))
    levels = [found[f"{name} {k} threshold"].value for k in (1, 2)]
    assert sorted(levels, reverse=name.startswith("under")) == levels
    for k, level in enumerate(levels, 1):
        assert found[f"{name} {k} time"].value == min(s for s, at in points if at == level)
    assert f"{name} 3 threshold" not in found


def test_the_droop_of_model_127_brings_power_to_zero_where_its_gradient_does() -> None:
    droop = {"WGra": 57.14, "HzStr": 0.25, "HzStop": 0.15, "HysEna": 1, "ModEna": 1}
    response = model(127, {**droop, "WGra_SF": -2, "HzStrStop_SF": -2})
    found = reported(BASIC, response)
    stop_hz = 50.25 + 50 * found["over-frequency droop"].value
    assert stop_hz == pytest.approx(52.0, abs=0.001)
    assert found["hysteresis"].value == pytest.approx(0.1)
    assert found["frequency response enabled"].value == 1
    assert found["ramp"] == SettingValue(pytest.approx(16.8), "%/min", pytest.approx(0.6))


def test_without_hysteresis_or_nominal_frequency_nothing_is_made_up() -> None:
    droop = {"WGra": 57.14, "HzStr": 0.25, "HzStop": 0.15, "HysEna": 0, "ModEna": 0}
    found = reported(model(127, {**droop, "WGra_SF": -2, "HzStrStop_SF": -2}))
    assert not {"hysteresis", "over-frequency droop"} & set(found)
    assert found["frequency response enabled"].value == 0


def test_a_response_that_one_of_two_models_has_switched_on_is_on() -> None:
    off = {"HzStr": 0.25, "HzStrStop_SF": -2, "ModEna": 0}
    found = reported(model(127, off), model(134, {**HEAD}, ONE_CURVE))
    assert found["frequency response enabled"].value == 1
    found = reported(model(127, {**off, "ModEna": 1}), model(134, {"ModEna": 0}, ONE_CURVE))
    assert found["frequency response enabled"].value == 1


def test_a_limit_of_generation_is_read_from_either_generation() -> None:
    older = model(123, {"WMaxLimPct": 70, "WMaxLimPct_SF": 0, "WMaxLim_Ena": 1})
    newer = model(704, {"WMaxLimPct": 60, "WMaxLimPct_SF": 0, "WMaxLimPctEna": 0})
    assert reported(older)["generation limit"].value == 70
    assert reported(older, newer)["generation limit"].value == 60
    assert reported(older, newer, without=["704"])["generation limit enabled"].value == 1


def test_a_curve_that_counts_from_another_reference_is_brought_to_nominal() -> None:
    points = {"Crv1.ActPt": 1, "Crv1.DeptRef": 3, "Crv1.Pt1.V": 90, "Crv1.Pt1.Var": 44}
    values = {**points, "Crv1.VRef": 104, "V_SF": 0, "DeptRef_SF": 0, "RspTms_SF": 0}
    found = reported(model(705, values, {"NCrv": 1, "NPt": 1}))
    assert found["volt-var 1 voltage"].value == pytest.approx(93.6)


FLOATS = {"W": 4321.5, "St": 5, "Evt1": 1 << 10}


@pytest.mark.parametrize("number", [101, 102, 103, 111, 112, 113])
def test_the_state_is_read_from_every_older_measurement(number: int) -> None:
    scales = {"W_SF": 0} if number < 110 else {}
    status = inverter(
        model(number, {**FLOATS, **scales}), model(122, {"ECPConn": 1, "PVConn": 7})
    ).status()
    assert status.operating_state == "throttled"
    assert status.connected is True
    assert status.active_power_w == pytest.approx(4321.5, abs=0.5)
    assert status.alarms == ("AC over-voltage",)
    assert status.reconnect_delay_remaining_s is None


def test_a_state_nobody_reports_is_not_made_up() -> None:
    status = inverter(model(103, {})).status()
    assert status.operating_state == "not reported"
    assert (status.connected, status.active_power_w) == (None, None)


def test_an_older_inverter_is_forbidden_to_connect_by_its_own_switch() -> None:
    older = inverter(model(123, {"Conn": 1}))
    older.permit_service(False)
    assert older.device.require(123).integer("Conn") == 0


def test_settings_that_are_not_implemented_are_left_out() -> None:
    assert reported(model(703, {"ESDlyTms": 0})) == {"observation": SettingValue(0.0, "s", 1.0)}


def test_an_own_register_that_is_refused_or_not_implemented_is_left_out() -> None:
    rows = [
        {"setting": "sustained voltage", "address": 45_000, "unit": "V", "exponent": -1},
        {"setting": "dwell", "address": 45_001, "unit": "s"},
        {"setting": "ramp", "address": 45_002, "unit": "%/min"},
    ]
    registers = RegisterFile(COMMON)
    registers.words |= {45_000: 2580, 45_001: 0xFFFF}
    found = SunSpecInverter(registers, StepClock(), registers=rows).read_settings()
    assert found == {"sustained voltage": SettingValue(258.0, "V", 0.1)}


def test_an_own_register_of_no_type_is_a_mistake_of_the_inverter_file() -> None:
    rows = [{"setting": "dwell", "address": 45_001, "unit": "s", "type": "u16"}]
    with pytest.raises(ConfigurationError, match="expected one of int16, uint16"):
        inverter(registers=rows)
