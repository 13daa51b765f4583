"""What the inverter is: SunSpec models 1, 120, 121 and 702, and the scale factors that fit its size."""

from __future__ import annotations

from math import ceil, log10, sqrt

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.registers.sunspec_block import FIXED, Block, BoardState, View
from instruments.sunspec.definitions import MODELS
from instruments.sunspec.layouts import HEADER, Layout, Value, Values

MAKER, PRODUCT, SERIAL, FIRMWARE = "Inverter Compliance Bench", "Simulated inverter", "SIM0001", "1"
DEVICE_ADDRESS = 1
VOLTAGE, FREQUENCY, POWER_FACTOR, PERCENT = -1, -3, -3, -2
MAINS_FREQUENCY, GRADIENT = -2, -3
LARGEST_POWER_PU = 1.5
LARGEST_INT16 = 32_767
LEAST_POWER_FACTOR = 0.8
CONTROL_MODES = (0, 1, 2, 3, 4, 5, 7, 8, 10, 12, 13)
PHOTOVOLTAIC, PHOTOVOLTAIC_AND_STORAGE = 4, 82
VECTOR_SUM, PHASE_A = 1, 1
GRADIENT_RANGE = (0.05, 65.0)


def model_layout(number: int, **counts: int) -> Layout:
    """Return the layout of a SunSpec model."""
    return Layout(HEADER + MODELS[number], counts)


def header(layout: Layout, number: int) -> dict[str, Value]:
    """Return the values of ID and length."""
    return {"ID": number, "L": layout.length - 2}


def power_exponent(parameters: InverterParameters) -> int:
    """Return the power of ten with which one and a half times the rating fits a register."""
    largest = LARGEST_POWER_PU * parameters.rated_apparent_power_va
    return ceil(log10(largest / LARGEST_INT16))


def current_exponent(parameters: InverterParameters) -> int:
    """Return the power of ten for currents: about a hundred volts finer than for powers."""
    return power_exponent(parameters) - 2


def rated_voltage_v(parameters: InverterParameters) -> float:
    """Return the rating as SunSpec counts it: between lines when there are three phases."""
    return parameters.nominal_voltage_v * (1.0 if parameters.phases == 1 else sqrt(3))


def identity() -> Block:
    """Return model 1."""
    layout = model_layout(1)
    fixed = header(layout, 1) | {
        "Mn": MAKER,
        "Md": PRODUCT,
        "Vr": FIRMWARE,
        "SN": SERIAL,
        "DA": DEVICE_ADDRESS,
    }
    return Block("1", layout, lambda _: dict(fixed))


def capacity(parameters: InverterParameters) -> Block:
    """Return model 702: ratings, which are also the settings."""
    layout = model_layout(702)
    rated_va = parameters.rated_apparent_power_va
    settings: dict[str, Value] = {
        "WMax": rated_va,
        "VAMax": rated_va,
        "VarMaxInj": rated_va,
        "VarMaxAbs": rated_va,
        "VNom": rated_voltage_v(parameters),
        "AMax": parameters.rated_current_a,
        "PFOvrExt": LEAST_POWER_FACTOR,
        "PFUndExt": LEAST_POWER_FACTOR,
    }
    if parameters.storage_power_w > 0:
        settings["WChaRteMax"] = settings["WDisChaRteMax"] = parameters.storage_power_w
    power = power_exponent(parameters)
    shown = header(layout, 702) | settings | {f"{name}Rtg": v for name, v in settings.items()}
    shown["CtrlModes"] = sum(1 << bit for bit in CONTROL_MODES)
    shown |= {"W_SF": power, "VA_SF": power, "Var_SF": power, "V_SF": VOLTAGE}
    shown |= {"A_SF": power - 2, "PF_SF": POWER_FACTOR}
    return Block("702", layout, lambda _: dict(shown), dict.fromkeys(settings, FIXED))


def nameplate(parameters: InverterParameters) -> Block:
    """Return model 120."""
    layout = model_layout(120)
    rated_va, power = parameters.rated_apparent_power_va, power_exponent(parameters)
    stores = parameters.storage_power_w > 0
    shown = header(layout, 120) | {
        "DERTyp": PHOTOVOLTAIC_AND_STORAGE if stores else PHOTOVOLTAIC,
        "WRtg": rated_va,
        "VARtg": rated_va,
        "VArRtgQ1": rated_va,
        "VArRtgQ4": -rated_va,
        "ARtg": parameters.rated_current_a,
        "PFRtgQ1": -LEAST_POWER_FACTOR,
        "PFRtgQ4": LEAST_POWER_FACTOR,
        "WRtg_SF": power,
        "VARtg_SF": power,
        "VArRtg_SF": power,
        "ARtg_SF": power - 2,
        "PFRtg_SF": POWER_FACTOR,
    }
    if stores:
        shown["MaxChaRte"] = shown["MaxDisChaRte"] = parameters.storage_power_w
        shown["MaxChaRte_SF"] = shown["MaxDisChaRte_SF"] = power
    return Block("120", layout, lambda _: dict(shown))


def basic_settings(parameters: InverterParameters) -> Block:
    """Return model 121: of its settings only the gradient of active power can be changed."""
    layout = model_layout(121)
    rated_va, power = parameters.rated_apparent_power_va, power_exponent(parameters)
    fixed: dict[str, Value] = {
        "WMax": rated_va,
        "VRef": parameters.nominal_voltage_v,
        "VRefOfs": 0.0,
        "VAMax": rated_va,
        "VArMaxQ1": rated_va,
        "VArMaxQ4": -rated_va,
        "PFMinQ1": -LEAST_POWER_FACTOR,
        "PFMinQ4": LEAST_POWER_FACTOR,
        "ClcTotVA": VECTOR_SUM,
        "ECPNomHz": parameters.nominal_frequency_hz,
    }
    if parameters.phases == 1:
        fixed["ConnPh"] = PHASE_A
    shown = header(layout, 121) | fixed | {"WMax_SF": power, "VAMax_SF": power}
    shown |= {"VArMax_SF": power, "VRef_SF": VOLTAGE, "VRefOfs_SF": VOLTAGE}
    shown |= {"WGra_SF": GRADIENT, "PFMin_SF": POWER_FACTOR, "ECPNomHz_SF": MAINS_FREQUENCY}

    def values(view: View) -> dict[str, Value]:
        return shown | {"WGra": 100 * view.state.settings.ramp_pu_per_s}

    accepts = dict.fromkeys(fixed, FIXED) | {"WGra": GRADIENT_RANGE}
    return Block("121", layout, values, accepts, apply=_apply_gradient)


def _apply_gradient(state: BoardState, written: Values, _now_s: float) -> BoardState:
    gradient = written.get("WGra")
    if not isinstance(gradient, int | float):
        return state
    return state.setting(ramp_pu_per_s=gradient / 100)
