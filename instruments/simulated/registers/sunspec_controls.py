"""What a controller asks for while the inverter runs: SunSpec models 703, 704 and 123.

Model 123 is another view of the same modes. A mode of model 704 with a reversion time falls back to
its own fall-back values when the time has passed since it was last written. Percentages of
active, reactive and apparent power all count from the rated apparent power.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil, copysign, inf

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import GridSettings
from instruments.simulated.registers.sunspec_block import FIXED, Accepted, Block, BoardState, View
from instruments.simulated.registers.sunspec_ratings import (
    FREQUENCY,
    LEAST_POWER_FACTOR,
    PERCENT,
    POWER_FACTOR,
    header,
    model_layout,
    power_exponent,
)
from instruments.sunspec.layouts import Value, Values

LIMIT = -1
SWITCH: Accepted = (0, 1)
SHARE: Accepted = (0, 100)
SIGNED_SHARE: Accepted = (-100, 100)
DURATION: Accepted = (0, 0xFFFF_FFFE)
SHORT_DURATION: Accepted = (0, 0xFFFE)
FACTOR: Accepted = (LEAST_POWER_FACTOR, 1)
OVER_EXCITED, UNDER_EXCITED = 0, 1
WATTS, ACTIVE_PERCENT, APPARENT_PERCENT, VARS = 1, 0, 3, 4
REACTIVE_MODES: Accepted = (0, 1, APPARENT_PERCENT, VARS)
RAMP_OF_ACTIVE_POWER = 1


@dataclass(frozen=True)
class Mode:
    """One mode of model 704: its set-points, each with what it reverts to."""

    name: str
    setpoints: Mapping[str, str]

    @property
    def enable(self) -> str:
        """The point that switches the mode."""
        return f"{self.name}Ena"

    def holds(self, path: str) -> bool:
        """Return whether a point belongs to the mode and starts its time anew."""
        return path in self.setpoints or path in (self.enable, f"{self.name}RvrtTms")


MODES = (
    Mode("WMaxLimPct", {"WMaxLimPct": "WMaxLimPctRvrt"}),
    Mode("WSet", {"WSet": "WSetRvrt", "WSetPct": "WSetPctRvrt"}),
    Mode("VarSet", {"VarSet": "VarSetRvrt", "VarSetPct": "VarSetPctRvrt"}),
    Mode("PFWInj", {"PFWInj.PF": "PFWInjRvrt.PF", "PFWInj.Ext": "PFWInjRvrt.Ext"}),
)


def enter_service(parameters: InverterParameters) -> Block:
    """Return model 703; the remaining time is rounded up to whole seconds."""
    layout = model_layout(703)
    fixed = header(layout, 703) | {"V_SF": PERCENT, "Hz_SF": FREQUENCY}
    nominal_v, nominal_hz = parameters.nominal_voltage_v, parameters.nominal_frequency_hz

    def values(view: View) -> dict[str, Value]:
        state, settings = view.state, view.state.settings
        low_v, high_v = settings.connect_voltage_v
        low_hz, high_hz = settings.connect_frequency_hz
        return fixed | {
            "ES": int(state.permitted),
            "ESVHi": 100 * high_v / nominal_v,
            "ESVLo": 100 * low_v / nominal_v,
            "ESHzHi": high_hz,
            "ESHzLo": low_hz,
            "ESDlyTms": settings.observation_s,
            "ESRmpTms": 1 / settings.ramp_pu_per_s,
            "ESDlyRemTms": ceil(view.snapshot.reconnect_remaining_s),
        }

    accepts: dict[str, Accepted] = {
        "ES": SWITCH,
        "ESVHi": (100, 130),
        "ESVLo": (50, 99.99),
        "ESHzHi": (nominal_hz, nominal_hz + 5),
        "ESHzLo": (nominal_hz - 5, nominal_hz - 0.001),
        "ESDlyTms": (0, 3600),
        "ESRmpTms": (1, 3600),
    }
    return Block("703", layout, values, accepts, unprotected=("ES",), apply=_apply_service)


def _apply_service(state: BoardState, written: Values, _now_s: float) -> BoardState:
    settings, parameters = state.settings, state.parameters
    new = _Written(written)
    low_v, high_v = settings.connect_voltage_v
    low_hz, high_hz = settings.connect_frequency_hz
    share_v = parameters.nominal_voltage_v / 100
    state = replace(state, permitted=new.get("ES", 1, state.permitted) == 1)
    if "ESRmpTms" in written:
        state = state.setting(ramp_pu_per_s=1 / new.get("ESRmpTms", 1, 0.0))
    return state.setting(
        connect_voltage_v=(new.get("ESVLo", share_v, low_v), new.get("ESVHi", share_v, high_v)),
        connect_frequency_hz=(new.get("ESHzLo", 1, low_hz), new.get("ESHzHi", 1, high_hz)),
        observation_s=new.get("ESDlyTms", 1, settings.observation_s),
    )


class _Written:
    """Numbers of a write, each with what stays when it was not written."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def get(self, path: str, factor: float, otherwise: float) -> float:
        """Return a written number times `factor`, or `otherwise`."""
        value = self._values.get(path)
        return value * factor if isinstance(value, int | float) else otherwise


def controls(parameters: InverterParameters, latch: str) -> Block:
    """Return model 704. `latch` is that of `Access`."""
    layout = model_layout(704)
    fixed = header(layout, 704) | {
        "VarSetPri": int(parameters.response.reactive_priority),
        "WRmpRef": RAMP_OF_ACTIVE_POWER,
        "AntiIslEna": 1,
        "PF_SF": POWER_FACTOR,
        "WMaxLimPct_SF": LIMIT,
        "WSetPct_SF": PERCENT,
        "VarSetPct_SF": PERCENT,
    }
    fixed |= dict.fromkeys(("WSet_SF", "VarSet_SF"), min(0, power_exponent(parameters)))

    def values(view: View) -> dict[str, Value]:
        state, now_s = view.state, view.snapshot.time_s
        remaining = {
            f"{mode.name}RvrtRem": ceil(state.remaining_s(f"704.{mode.name}", now_s))
            for mode in MODES
        }
        ramp = {"WRmp": 100 * state.settings.ramp_pu_per_s}
        return fixed | state.block("704") | remaining | ramp

    def apply(state: BoardState, written: Values, now_s: float) -> BoardState:
        return apply_controls(state, written, now_s, latch)

    accepts = _accepted_controls(parameters)
    return Block(
        "704",
        layout,
        values,
        accepts,
        unprotected=accepts,
        begin=with_controls,
        apply=apply,
    )


def _accepted_controls(parameters: InverterParameters) -> dict[str, Accepted]:
    rated_va = parameters.rated_apparent_power_va
    reactive: Accepted = (-rated_va, rated_va)
    store_w = parameters.storage_power_w
    accepts = {
        "WMaxLimPct": SHARE,
        "WMaxLimPctRvrt": SHARE,
        "WSetMod": SWITCH,
        **dict.fromkeys(("WSet", "WSetRvrt"), (-store_w, rated_va)),
        **dict.fromkeys(("WSetPct", "WSetPctRvrt"), (-100 * store_w / rated_va, 100)),
        "VarSetMod": REACTIVE_MODES,
        "VarSetPri": FIXED,
        "VarSet": reactive,
        "VarSetRvrt": reactive,
        "VarSetPct": SIGNED_SHARE,
        "VarSetPctRvrt": SIGNED_SHARE,
        "WRmp": (1, 100),
        "WRmpRef": FIXED,
        "AntiIslEna": FIXED,
    }
    for group in ("PFWInj", "PFWInjRvrt"):
        accepts |= {f"{group}.PF": FACTOR, f"{group}.Ext": SWITCH}
    for mode in MODES:
        accepts |= {mode.enable: SWITCH, f"{mode.enable}Rvrt": SWITCH}
        accepts[f"{mode.name}RvrtTms"] = DURATION
    return accepts


def controls_of(settings: GridSettings, parameters: InverterParameters) -> dict[str, Value]:
    """Return the held points of model 704 that stand for settings."""
    rated_va = parameters.rated_apparent_power_va
    share, factor = settings.reactive_power_pu, settings.power_factor
    return {
        "WMaxLimPctEna": int(settings.power_limit_pu < 1),
        "WMaxLimPct": 100 * settings.power_limit_pu,
        "WSetEna": 0,
        "WSetMod": ACTIVE_PERCENT,
        "WSet": rated_va,
        "WSetPct": 100.0,
        "VarSetEna": int(share is not None),
        "VarSetMod": APPARENT_PERCENT,
        "VarSet": rated_va * (share or 0.0),
        "VarSetPct": 100 * (share or 0.0),
        "PFWInjEna": int(factor is not None),
        "PFWInj.PF": abs(factor or 1.0),
        "PFWInj.Ext": UNDER_EXCITED if factor is not None and factor < 0 else OVER_EXCITED,
    }


def with_controls(state: BoardState) -> BoardState:
    """Return the state with all modes as the settings have them, and no time running."""
    held = controls_of(state.settings, state.parameters)
    for mode in MODES:
        held |= {f"{mode.enable}Rvrt": 0, f"{mode.name}RvrtTms": 0}
        held |= {revert: held[setpoint] for setpoint, revert in mode.setpoints.items()}
        state = state.timed(f"704.{mode.name}", inf)
    held |= {"WMaxLimPctRvrt": 100.0, "VarSetRvrt": 0.0, "VarSetPctRvrt": 0.0}
    held |= {"PFWInjRvrt.PF": 1.0, "PFWInjRvrt.Ext": OVER_EXCITED}
    return state.holding("704", held).holding("latched", _setpoints(held))


def settings_of_controls(state: BoardState) -> GridSettings:
    """Return the settings with those replaced that model 704 commands."""
    rated_va = state.parameters.rated_apparent_power_va

    def on(name: str) -> bool:
        return state.number(f"704.{name}Ena") == 1

    def latched(name: str) -> float:
        return state.number(f"latched.{name}")

    limits, set_point_pu = [1.0], None
    if on("WMaxLimPct"):
        limits.append(latched("WMaxLimPct") / 100)
    if on("WSet"):
        in_watts = state.number("704.WSetMod") == WATTS
        asked_pu = latched("WSet") / rated_va if in_watts else latched("WSetPct") / 100
        limits.append(asked_pu)
        set_point_pu = asked_pu if state.parameters.storage_power_w > 0 else None
    in_vars = state.number("704.VarSetMod") == VARS
    share = latched("VarSet") / rated_va if in_vars else latched("VarSetPct") / 100
    sign = -1.0 if latched("PFWInj.Ext") == UNDER_EXCITED else 1.0
    return replace(
        state.settings,
        power_limit_pu=min(limits),
        set_point_pu=set_point_pu,
        reactive_power_pu=share if on("VarSet") else None,
        power_factor=copysign(latched("PFWInj.PF"), sign) if on("PFWInj") else None,
    )


def apply_controls(state: BoardState, written: Values, now_s: float, latch: str) -> BoardState:
    """Return the state after points of model 704 were written."""
    if latch == "while enabled":
        written = _without_disabled(state, written)
    before, state = state, state.holding("704", written)
    for mode in MODES:
        if any(mode.holds(path) for path in written):
            rising = _enabled(state, mode) and not _enabled(before, mode)
            if latch != "on enable" or rising:
                state = state.holding("latched", _setpoints(state.block("704"), mode))
            state = _started(state, mode, now_s)
    ramp = _Written(written).get("WRmp", 0.01, state.settings.ramp_pu_per_s)
    return replace(state, settings=replace(settings_of_controls(state), ramp_pu_per_s=ramp))


def _without_disabled(state: BoardState, written: Values) -> dict[str, Value]:
    """Return what was written without set-points of modes that are off and stay off."""
    enabled = state.holding("704", written)
    forgotten = {
        setpoint
        for mode in MODES
        if not _enabled(state, mode) and not _enabled(enabled, mode)
        for setpoint in mode.setpoints
    }
    return {path: value for path, value in written.items() if path not in forgotten}


def _enabled(state: BoardState, mode: Mode) -> bool:
    return state.number(f"704.{mode.enable}") == 1


def _setpoints(held: Values, *modes: Mode) -> dict[str, Value]:
    return {path: held[path] for mode in modes or MODES for path in mode.setpoints}


def _started(state: BoardState, mode: Mode, now_s: float) -> BoardState:
    """Return the state with the reversion time of a mode started anew, if it has one."""
    reversion_s = state.number(f"704.{mode.name}RvrtTms")
    runs = _enabled(state, mode) and reversion_s > 0
    return state.timed(f"704.{mode.name}", now_s + reversion_s if runs else inf)


def revert(state: BoardState, what: str) -> BoardState:
    """Return the state after the reversion time of a mode has passed."""
    [mode] = [mode for mode in MODES if mode.name == what]
    held = state.block("704")
    reverted = {path: held[revert] for path, revert in mode.setpoints.items()}
    reverted[mode.enable] = held[f"{mode.enable}Rvrt"]
    state = state.timed(f"704.{what}", inf).holding("704", reverted)
    state = state.holding("latched", _setpoints(state.block("704"), mode))
    return replace(state, settings=settings_of_controls(state))
