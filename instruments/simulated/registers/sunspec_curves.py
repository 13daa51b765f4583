"""Responses to voltage and frequency: SunSpec models 705, 706 and 711."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import log

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import Curve, FrequencyResponse, VoltageResponse
from instruments.simulated.registers.sunspec_adoption import SetModel, Unsuitable
from instruments.simulated.registers.sunspec_block import FIXED, Block, BoardState
from instruments.simulated.registers.sunspec_ratings import FREQUENCY, PERCENT
from instruments.sunspec.layouts import Value, Values

SETS, POINTS, LEAST_POINTS = 3, 8, 2
W_MAX, VAR_MAX, VAR_AVAILABLE, VA_MAX = 0, 1, 2, 3
SECONDS, DROOP = -2, -5
TIME_CONSTANTS_TO_90_PERCENT = log(10)


def volt_var(parameters: InverterParameters, adoption_s: float) -> Block:
    """Return model 705; reactive power counts from the rated apparent power in every reference."""
    fixed = {
        "VRef": 100.0,
        "VRefAutoEna": 0,
        "Pri": int(parameters.response.reactive_priority),
        "DeptRef": VA_MAX,
        "RspTms": TIME_CONSTANTS_TO_90_PERCENT * parameters.response.volt_var_s,
    }

    def adopt(state: BoardState, points: Values) -> BoardState:
        if points["DeptRef"] == VAR_AVAILABLE:
            raise Unsuitable
        curve = curve_of(points, "Var", parameters)
        return state.setting(volt_var=replace(state.settings.volt_var, curve=curve))

    return SetModel(
        number=705,
        group="Crv",
        count="NCrv",
        sets=SETS,
        points=max(POINTS, len(parameters.settings.volt_var.curve)),
        fixed={"V_SF": PERCENT, "DeptRef_SF": PERCENT, "RspTms_SF": SECONDS},
        accepts={
            **dict.fromkeys(("VRef", "VRefAutoEna", "Pri", "RspTms"), FIXED),
            "DeptRef": (W_MAX, VA_MAX),
            "ActPt": (0, POINTS),
            "Pt.V": (0, 200),
            "Pt.Var": (-100, 100),
        },
        absent=("Pt.V", "Pt.Var"),
        enabled=lambda state: state.settings.volt_var.enabled,
        switch=lambda state, on: state.setting(
            volt_var=replace(state.settings.volt_var, enabled=on)
        ),
        show=lambda state: fixed | points_of(state.settings.volt_var, "Var", parameters),
        adopt=adopt,
        adoption_s=adoption_s,
    ).block()


def volt_watt(parameters: InverterParameters, adoption_s: float) -> Block:
    """Return model 706, for generation; the curve for charging has no place in SunSpec."""
    fixed = {
        "DeptRef": W_MAX,
        "RspTms": TIME_CONSTANTS_TO_90_PERCENT * parameters.response.volt_watt_s,
    }

    def adopt(state: BoardState, points: Values) -> BoardState:
        if points["DeptRef"] != W_MAX:
            raise Unsuitable
        curve = curve_of(points, "W", parameters)
        return state.setting(volt_watt=replace(state.settings.volt_watt, curve=curve))

    return SetModel(
        number=706,
        group="Crv",
        count="NCrv",
        sets=SETS,
        points=max(POINTS, len(parameters.settings.volt_watt.curve)),
        fixed={"V_SF": PERCENT, "DeptRef_SF": PERCENT, "RspTms_SF": SECONDS},
        accepts={
            "RspTms": FIXED,
            "DeptRef": (0, 1),
            "ActPt": (0, POINTS),
            "Pt.V": (0, 200),
            "Pt.W": (0, 100),
        },
        absent=("Pt.V", "Pt.W"),
        enabled=lambda state: state.settings.volt_watt.enabled,
        switch=lambda state, on: state.setting(
            volt_watt=replace(state.settings.volt_watt, enabled=on)
        ),
        show=lambda state: fixed | points_of(state.settings.volt_watt, "W", parameters),
        adopt=adopt,
        adoption_s=adoption_s,
    ).block()


def frequency_droop(parameters: InverterParameters, adoption_s: float) -> Block:
    """Return model 711: two dead bands and two slopes, counted from the rated power.

    A store's two further corners, the hysteresis and the dwell have no place in it.
    """
    nominal_hz = parameters.nominal_frequency_hz
    response_s = TIME_CONSTANTS_TO_90_PERCENT * parameters.response.frequency_s

    def show(state: BoardState) -> dict[str, Value]:
        frequency = state.settings.frequency
        return {
            "DbOf": frequency.upper_hz - nominal_hz,
            "DbUf": nominal_hz - frequency.lower_hz,
            "KOf": (frequency.zero_power_hz - frequency.upper_hz) / nominal_hz,
            "KUf": (frequency.lower_hz - frequency.full_power_hz) / nominal_hz,
            "RspTms": response_s,
        }

    def adopt(state: BoardState, points: Values) -> BoardState:
        names = ("DbOf", "DbUf", "KOf", "KUf")
        over_hz, under_hz, over, under = (number_of(points, name) for name in names)
        upper_hz, lower_hz = nominal_hz + over_hz, nominal_hz - under_hz
        return _with_frequency(
            state,
            replace(
                state.settings.frequency,
                upper_hz=upper_hz,
                lower_hz=lower_hz,
                zero_power_hz=upper_hz + over * nominal_hz,
                full_power_hz=lower_hz - under * nominal_hz,
            ),
        )

    return SetModel(
        number=711,
        group="Ctl",
        count="NCtl",
        sets=SETS,
        points=0,
        fixed={"Db_SF": FREQUENCY, "K_SF": DROOP, "RspTms_SF": SECONDS},
        accepts={
            "DbOf": (0.01, 5),
            "DbUf": (0.01, 5),
            "KOf": (0.001, 0.5),
            "KUf": (0.001, 0.5),
            "RspTms": FIXED,
        },
        enabled=lambda state: state.settings.frequency.enabled,
        switch=lambda state, on: state.setting(
            frequency=replace(state.settings.frequency, enabled=on)
        ),
        show=show,
        adopt=adopt,
        adoption_s=adoption_s,
    ).block()


def points_of(
    response: VoltageResponse, share: str, parameters: InverterParameters
) -> dict[str, Value]:
    """Return a curve as points in percent, with their number."""
    shown: dict[str, Value] = {"ActPt": len(response.curve)}
    for number, (voltage_v, value) in enumerate(response.curve, 1):
        shown[f"Pt{number}.V"] = 100 * voltage_v / parameters.nominal_voltage_v
        shown[f"Pt{number}.{share}"] = 100 * value
    return shown


def curve_of(points: Values, share: str, parameters: InverterParameters) -> Curve:
    """Return the active points as a curve.

    Raises:
        Unsuitable: there are fewer than two, one has no value, or the voltages do not rise.
    """
    active = range(1, int(number_of(points, "ActPt")) + 1)
    curve = tuple(
        (
            number_of(points, f"Pt{k}.V") * parameters.nominal_voltage_v / 100,
            number_of(points, f"Pt{k}.{share}") / 100,
        )
        for k in active
    )
    rising = all(before < after for (before, _), (after, _) in pairwise(curve))
    if len(curve) < LEAST_POINTS or not rising:
        raise Unsuitable
    return curve


def number_of(points: Values, path: str) -> float:
    """Return a point's number. Raises Unsuitable when it has none."""
    value = points.get(path)
    if not isinstance(value, int | float):
        raise Unsuitable
    return value


def _with_frequency(state: BoardState, frequency: FrequencyResponse) -> BoardState:
    """Return the state with another response. Raises Unsuitable when its corners are not in order."""
    rising = (
        frequency.full_power_hz,
        frequency.stop_charging_hz,
        frequency.lower_hz,
        frequency.upper_hz,
        frequency.transition_hz,
        frequency.zero_power_hz,
    )
    if any(low >= high for low, high in pairwise(rising)):
        raise Unsuitable
    return state.setting(frequency=frequency)
