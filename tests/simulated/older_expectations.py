"""What the SunSpec models of the 100s must show, from the world and the settings."""

from __future__ import annotations

from math import sqrt
from typing import Any

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import GridSettings

Expected = dict[str, float | str]


def totals(measured: Any, phases: int) -> Expected:
    apparent_va = sum(measured.voltages_v[k] * measured.currents_a[k] for k in range(phases))
    active_w = sum(measured.active_powers_w[:phases])
    return {
        "W": active_w,
        "VA": apparent_va,
        "Var": sum(measured.reactive_powers_var[:phases]),
        "A": sum(measured.currents_a[:phases]),
        "PF": active_w / apparent_va if apparent_va else float("nan"),
    }


def line_voltage(measured: Any, k: int) -> float:
    a, b = measured.voltages_v[k], measured.voltages_v[(k + 1) % 3]
    return sqrt(a * a + b * b + a * b)


def older_measured(measured: Any, phases: int) -> Expected:
    values = totals(measured, phases) | {"Hz": measured.frequency_hz}
    values["VAr"] = values.pop("Var")
    values["PF"] = 100 * float(values["PF"])
    for k, letter in enumerate("ABC"[:phases]):
        values[f"Aph{letter}"] = measured.currents_a[k]
        values[f"PhVph{letter}"] = measured.voltages_v[k]
    if phases == 3:
        for k, pair in enumerate(("AB", "BC", "CA")):
            values[f"PPVph{pair}"] = line_voltage(measured, k)
    return values


def nameplate(parameters: InverterParameters) -> Expected:
    rated_va, store_w = parameters.rated_apparent_power_va, parameters.storage_power_w
    values: Expected = {
        "DERTyp": 82 if store_w else 4,
        "WRtg": rated_va,
        "VARtg": rated_va,
        "VArRtgQ1": rated_va,
        "VArRtgQ4": -rated_va,
        "ARtg": rated_va / parameters.phases / 230,
        "PFRtgQ1": -0.8,
        "PFRtgQ4": 0.8,
        "Pad": 0x8000,
    }
    return values | ({"MaxChaRte": store_w, "MaxDisChaRte": store_w} if store_w else {})


def basic(parameters: InverterParameters, settings: GridSettings) -> Expected:
    rated_va = parameters.rated_apparent_power_va
    values: Expected = {
        "WMax": rated_va,
        "VRef": 230,
        "VRefOfs": 0,
        "VAMax": rated_va,
        "VArMaxQ1": rated_va,
        "VArMaxQ4": -rated_va,
        "WGra": 100 * settings.ramp_pu_per_s,
        "PFMinQ1": -0.8,
        "PFMinQ4": 0.8,
        "ClcTotVA": 1,
        "ECPNomHz": 50,
    }
    return values | ({"ConnPh": 1} if parameters.phases == 1 else {})


def status(parameters: InverterParameters, settings: GridSettings) -> Expected:
    commanded = settings.power_factor is not None
    return {
        "PVConn": 7 if parameters.pv_power_w else 0,
        "StorConn": 7 if parameters.storage_power_w else 0,
        "ECPConn": 1,
        "StActCtl": (1 << 3 | 1 << 4 | 1 << 10) | (0b111 if commanded else 0),
    }


def older_controls(settings: GridSettings) -> Expected:
    zero = [f"{name}_WinTms" for name in ("Conn", "WMaxLimPct", "OutPFSet", "VArPct")]
    zero += [f"{name}_RvrtTms" for name in ("Conn", "WMaxLimPct", "OutPFSet", "VArPct")]
    zero += [f"{name}_RmpTms" for name in ("WMaxLimPct", "OutPFSet", "VArPct")]
    share, factor = settings.reactive_power_pu, settings.power_factor
    return dict.fromkeys(zero, 0) | {
        "Conn": 1,
        "WMaxLimPct": 100 * settings.power_limit_pu,
        "WMaxLim_Ena": settings.power_limit_pu < 1,
        "OutPFSet": -1 if factor is None else -factor,
        "OutPFSet_Ena": factor is not None,
        "VArWMaxPct": 100 * (share or 0),
        "VArMaxPct": 100 * (share or 0),
        "VArPct_Mod": 2,
        "VArPct_Ena": share is not None,
    }


def older_trips(settings: GridSettings, kind: str) -> Expected:
    name, unit = ("V", 2.3) if kind.endswith("V") else ("Hz", 1.0)
    stages = [settings.trips[key] for key in (f"{kind}1", f"{kind}2") if key in settings.trips]
    values: Expected = {"ActCrv": 1, "ModEna": 1, "NCrv": 1, "NPt": 20, "Pad": 0x8000}
    values |= {"curve1.ActPt": len(stages), "curve1.ReadOnly": 1}
    for number, trip in enumerate(stages, 1):
        values[f"curve1.{name}{number}"] = trip.threshold / unit
        values[f"curve1.Tms{number}"] = trip.delay_s
    return values


def older_frequency_response(settings: GridSettings) -> Expected:
    frequency = settings.frequency
    return {
        "WGra": 100 / (frequency.zero_power_hz - frequency.upper_hz),
        "HzStr": frequency.upper_hz - 50,
        "HzStop": frequency.upper_hz - frequency.hysteresis_hz - 50,
        "HysEna": 1,
        "ModEna": 1,
        "HzStopWGra": 6000 * settings.ramp_pu_per_s,
        "Pad": 0x8000,
    }


def module(parameters: InverterParameters, measured: Any) -> Expected:
    power_w = sum(measured.active_powers_w[: parameters.phases])
    return {"Evt": 0, "N": 1, "module1.ID": 1, "module1.DCSt": 4, "module1.DCW": power_w}


def older_curve(name: str, reference: int, points: Any) -> Expected:
    values: Expected = {"ActCrv": 1, "ModEna": 1, "NCrv": 2, "NPt": 20}
    values |= dict.fromkeys(("WinTms", "RvrtTms", "RmpTms"), 0)
    for number in (1, 2):
        start = f"curve{number}."
        values |= {f"{start}ActPt": len(points), f"{start}DeptRef": reference}
        values[f"{start}ReadOnly"] = int(number == 1)
        for k, (voltage_v, share) in enumerate(points, 1):
            values |= {f"{start}V{k}": voltage_v / 2.3, f"{start}{name}{k}": 100 * share}
    return values
