"""Every point of every model, scanned by pysunspec2 over TCP, against the world and the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isnan, log, sqrt
from typing import Any

import pytest

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import REGIONS, GridSettings, PowerLimit
from instruments.simulated.physics.world import World
from instruments.simulated.registers.communication_board import CommunicationBoard
from tests.simulated.older_expectations import (
    Expected,
    basic,
    line_voltage,
    module,
    nameplate,
    older_controls,
    older_curve,
    older_frequency_response,
    older_measured,
    older_trips,
    status,
    totals,
)
from tests.simulated.register_bench import BOTH, Connected, all_values, connected, point


def inverter(region: str = "A", phases: int = 3, **changes: Any) -> InverterParameters:
    settings = replace(REGIONS[region], observation_s=20.0, ramp_pu_per_s=0.1)
    settings = replace(settings, **changes.pop("settings", {}))
    parameters = InverterParameters(phases=phases, settings=settings)
    return replace(parameters, **changes)


def rated(power_va: float, **changes: Any) -> InverterParameters:
    return inverter(rated_apparent_power_va=power_va, pv_power_w=power_va, **changes)


INVERTERS = {
    "region A": inverter("A"),
    "region B": inverter("B"),
    "region C": inverter("C"),
    "region NZ": inverter("NZ"),
    "single phase": inverter(phases=1),
    "storage": inverter(storage_power_w=5000.0),
    "storage alone": inverter(pv_power_w=0.0, storage_power_w=5000.0),
    "1 kVA": rated(1000.0, phases=1),
    "200 kVA": rated(200_000.0),
    "commanded": inverter(
        settings={
            "power_limit_pu": 0.605,
            "power_factor": -0.95,
            "reactive_power_pu": -0.25,
            "export_limit": PowerLimit(5000.0),
        }
    ),
}


@pytest.fixture(params=INVERTERS, ids=str)
def bench(request: pytest.FixtureRequest) -> Iterator[Connected]:
    with connected(INVERTERS[request.param], BOTH) as served:
        served.wait(45.4)
        yield served


def test_every_point_of_every_model_is_what_world_and_settings_say(bench: Connected) -> None:
    models = bench.models()
    parameters = bench.world.inverter.parameters
    expected = expected_values(bench.world, snapshot_s=45.37)

    assert list(models) == expected_models(parameters)
    for number, model in models.items():
        found = {
            path: value
            for path, value in all_values(model).items()
            if value is not None and path not in ("ID", "L") and not path.endswith("_SF")
        }
        wrong = {
            path: (found.get(path), expected[number].get(path))
            for path in found.keys() | expected[number].keys()
            if not agree(model, path, found.get(path), expected[number].get(path))
        }
        assert not wrong, f"model {number}: path: (read, true)"


def agree(model: Any, path: str, read: Any, true: Any) -> bool:
    """Whether a value read is the true one to half the resolution of its point."""
    if isinstance(true, str) or read is None or true is None:
        return read == true or (read is None and isinstance(true, float) and isnan(true))
    definition = point(model, path).pdef
    scale = definition.get("sf")
    exponent = scale if isinstance(scale, int) else 0
    if isinstance(scale, str):
        exponent = point(model, scale).value
    return abs(read - true) <= 0.5 * 10.0**exponent + 1e-9 * abs(true)


def expected_models(parameters: InverterParameters) -> list[int]:
    older = [101 if parameters.phases == 1 else 103, 120, 121, 122, 123, 126, 127, 129, 130, 132]
    older += [135, 136, *([160] if parameters.pv_power_w else [])]
    newer = [701, 702, 703, 704, 705, 706, 707, 708, 709, 710, 711, 712]
    return [1, *older, *newer, *([713] if parameters.storage_power_w else []), 714]


def expected_values(world: World, snapshot_s: float) -> dict[int, Expected]:
    parameters, settings = world.inverter.parameters, world.inverter.settings
    measured = world.averages(snapshot_s - 0.2, snapshot_s)
    values = {
        1: {
            "Mn": "Inverter Compliance Bench",
            "Md": "Simulated inverter",
            "Vr": "1",
            "SN": "SIM0001",
            "DA": 1,
            "Pad": -32768 + 0x10000,
        },
        101: older_measured(measured, 1) | {"St": 4, "Evt1": 0, "Evt2": 0},
        103: older_measured(measured, 3) | {"St": 4, "Evt1": 0, "Evt2": 0},
        120: nameplate(parameters),
        121: basic(parameters, settings),
        122: status(parameters, settings),
        123: older_controls(settings),
        126: older_curve("VAr", 2, settings.volt_var.curve),
        127: older_frequency_response(settings),
        132: older_curve("W", 1, settings.volt_watt.curve),
        701: newer_measured(measured, parameters.phases),
        702: capacity(parameters),
        703: service(settings),
        704: newer_controls(parameters, settings),
        705: volt_var(settings),
        706: volt_watt(settings),
        711: droop(settings),
        712: watt_var(),
        713: {"Sta": 0},
        160: module(parameters, measured),
        714: ports(parameters, measured),
    }
    for number, kind in ((707, "UV"), (708, "OV"), (709, "UF"), (710, "OF")):
        values[number] = trips(settings, kind)
    for number, kind in ((129, "UV"), (130, "OV"), (135, "UF"), (136, "OF")):
        values[number] = older_trips(settings, kind)
    return values


def newer_measured(measured: Any, phases: int) -> Expected:
    values = totals(measured, phases) | {
        "ACType": 0 if phases == 1 else 2,
        "St": 1,
        "InvSt": 3,
        "ConnSt": 1,
        "Alrm": 0,
        "DERMode": 1,
        "LNV": sum(measured.voltages_v[:phases]) / phases,
        "Hz": measured.frequency_hz,
    }
    for k in range(phases):
        values[f"VL{k + 1}"] = measured.voltages_v[k]
        values[f"WL{k + 1}"] = measured.active_powers_w[k]
        values[f"VarL{k + 1}"] = measured.reactive_powers_var[k]
        values[f"AL{k + 1}"] = measured.currents_a[k]
        apparent_va = measured.voltages_v[k] * measured.currents_a[k]
        values[f"VAL{k + 1}"] = apparent_va
        factor = measured.active_powers_w[k] / apparent_va if apparent_va else float("nan")
        values[f"PFL{k + 1}"] = factor
    if phases == 3:
        lines = [line_voltage(measured, k) for k in range(3)]
        values |= {"LLV": sum(lines) / 3}
        values |= dict(zip(("VL1L2", "VL2L3", "VL3L1"), lines, strict=True))
    return values


def newer_controls(parameters: InverterParameters, settings: GridSettings) -> Expected:
    rated_va = parameters.rated_apparent_power_va
    share, factor = settings.reactive_power_pu, settings.power_factor
    values: Expected = {
        "WMaxLimPct": 100 * settings.power_limit_pu,
        "WMaxLimPctEna": settings.power_limit_pu < 1,
        "WMaxLimPctRvrt": 100,
        "WSetEna": 0,
        "WSetMod": 0,
        "WSet": rated_va,
        "WSetRvrt": rated_va,
        "WSetPct": 100,
        "WSetPctRvrt": 100,
        "VarSetEna": share is not None,
        "VarSetMod": 3,
        "VarSetPri": 1,
        "VarSet": (share or 0) * rated_va,
        "VarSetRvrt": 0,
        "VarSetPct": 100 * (share or 0),
        "VarSetPctRvrt": 0,
        "WRmp": 100 * settings.ramp_pu_per_s,
        "WRmpRef": 1,
        "AntiIslEna": 1,
        "PFWInjEna": factor is not None,
        "PFWInj.PF": abs(factor or 1),
        "PFWInj.Ext": factor is not None and factor < 0,
        "PFWInjRvrt.PF": 1,
        "PFWInjRvrt.Ext": 0,
    }
    for mode in ("WMaxLimPct", "WSet", "VarSet", "PFWInj"):
        values |= dict.fromkeys((f"{mode}EnaRvrt", f"{mode}RvrtTms", f"{mode}RvrtRem"), 0)
    return values


def capacity(parameters: InverterParameters) -> Expected:
    rated_va = parameters.rated_apparent_power_va
    settings: Expected = {
        "WMax": rated_va,
        "VAMax": rated_va,
        "VarMaxInj": rated_va,
        "VarMaxAbs": rated_va,
        "VNom": 230 if parameters.phases == 1 else 230 * sqrt(3),
        "AMax": rated_va / parameters.phases / 230,
        "PFOvrExt": 0.8,
        "PFUndExt": 0.8,
    }
    if parameters.storage_power_w:
        settings |= dict.fromkeys(("WChaRteMax", "WDisChaRteMax"), parameters.storage_power_w)
    modes = sum(1 << bit for bit in (0, 1, 2, 3, 4, 5, 7, 8, 10, 12, 13))
    return settings | {f"{name}Rtg": v for name, v in settings.items()} | {"CtrlModes": modes}


def service(settings: GridSettings) -> Expected:
    return {
        "ES": 1,
        "ESVHi": settings.connect_voltage_v[1] / 2.3,
        "ESVLo": settings.connect_voltage_v[0] / 2.3,
        "ESHzHi": settings.connect_frequency_hz[1],
        "ESHzLo": settings.connect_frequency_hz[0],
        "ESDlyTms": settings.observation_s,
        "ESRmpTms": 1 / settings.ramp_pu_per_s,
        "ESDlyRemTms": 0,
    }


ADOPTION: Expected = {"Ena": 1, "AdptCrvReq": 1, "AdptCrvRslt": 1}
REVERSION: Expected = {"RvrtTms": 0, "RvrtRem": 0}


def in_all_sets(group: str, sets: int, one: Expected) -> Expected:
    values: Expected = {}
    for number in range(1, sets + 1):
        values |= {f"{group}{number}.{path}": value for path, value in one.items()}
        values[f"{group}{number}.ReadOnly"] = int(number == 1)
    return values


def curve(name: str, points: Any) -> Expected:
    values: Expected = {"ActPt": len(points)}
    for number, (voltage_v, share) in enumerate(points, 1):
        values |= {f"Pt{number}.V": voltage_v / 2.3, f"Pt{number}.{name}": 100 * share}
    return values


def volt_var(settings: GridSettings) -> Expected:
    one = curve("Var", settings.volt_var.curve) | {"DeptRef": 3, "Pri": 1, "VRef": 100}
    one |= {"VRefAutoEna": 0, "RspTms": log(10)}
    header: Expected = {"NPt": 8, "NCrv": 3, "RvrtCrv": 0}
    return ADOPTION | REVERSION | header | in_all_sets("Crv", 3, one)


def volt_watt(settings: GridSettings) -> Expected:
    one = curve("W", settings.volt_watt.curve) | {"DeptRef": 0, "RspTms": log(10)}
    header: Expected = {"NPt": 8, "NCrv": 3, "RvrtCrv": 0}
    return ADOPTION | REVERSION | header | in_all_sets("Crv", 3, one)


def trips(settings: GridSettings, kind: str) -> Expected:
    name, unit = ("V", 2.3) if kind.endswith("V") else ("Hz", 1.0)
    stages = [settings.trips[key] for key in (f"{kind}1", f"{kind}2") if key in settings.trips]
    one: Expected = {"MustTrip.ActPt": len(stages), "MayTrip.ActPt": 0, "MomCess.ActPt": 0}
    for number, trip in enumerate(stages, 1):
        one[f"MustTrip.Pt{number}.{name}"] = trip.threshold / unit
        one[f"MustTrip.Pt{number}.Tms"] = trip.delay_s
    return ADOPTION | {"NPt": 2, "NCrvSet": 2} | in_all_sets("Crv", 2, one)


def watt_var() -> Expected:
    one: Expected = {"ActPt": 2, "DeptRef": 3, "Pri": 1}
    one |= {"Pt1.W": 0, "Pt1.Var": 0, "Pt2.W": 100, "Pt2.Var": 0}
    header: Expected = {"Ena": 0, "NPt": 8, "NCrv": 3, "RvrtCrv": 0}
    return ADOPTION | REVERSION | header | in_all_sets("Crv", 3, one)


def droop(settings: GridSettings) -> Expected:
    frequency = settings.frequency
    one: Expected = {
        "DbOf": frequency.upper_hz - 50,
        "DbUf": 50 - frequency.lower_hz,
        "KOf": (frequency.zero_power_hz - frequency.upper_hz) / 50,
        "KUf": (frequency.lower_hz - frequency.full_power_hz) / 50,
        "RspTms": 0.5 * log(10),
    }
    header: Expected = {"Ena": 1, "AdptCtlReq": 1, "AdptCtlRslt": 1, "NCtl": 3, "RvrtCtl": 0}
    return header | REVERSION | in_all_sets("Ctl", 3, one)


def ports(parameters: InverterParameters, measured: Any) -> Expected:
    kinds = [0] * (parameters.pv_power_w > 0) + [1] * (parameters.storage_power_w > 0)
    power_w = sum(measured.active_powers_w[: parameters.phases])
    values: Expected = {"PrtAlrms": 0, "NPrt": len(kinds), "DCW": power_w}
    for number, kind in enumerate(kinds, 1):
        values |= {f"Prt{number}.PrtTyp": kind, f"Prt{number}.ID": number, f"Prt{number}.DCSta": 1}
    return values | ({"Prt1.DCW": power_w} if len(kinds) == 1 else {})


@pytest.mark.parametrize(("phases", "number"), [(1, 111), (3, 113)])
def test_floating_point_measurements_are_those_of_the_world(phases: int, number: int) -> None:
    board = CommunicationBoard(generations=("1xx",), float_measurement=True)
    with connected(inverter(phases=phases), board) as bench:
        bench.wait(45.4)
        found = all_values(bench.models()[number])
        measured = bench.world.averages(45.17, 45.37)
    expected = older_measured(measured, phases) | {"St": 4, "Evt1": 0, "Evt2": 0}
    values = {path: value for path, value in found.items() if path not in ("ID", "L")}
    known = {path: v for path, v in values.items() if v is not None and not isnan(v)}
    assert known == pytest.approx(expected, rel=1e-6)
