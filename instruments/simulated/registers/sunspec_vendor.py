"""The vendor's own registers: settings that have no place in SunSpec, the lock, and the commit.

A block of its own outside the SunSpec models, with fixed powers of ten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import inf
from typing import Any

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import REGIONS, PowerLimit, VoltageResponse
from instruments.simulated.registers.communication_board import Access
from instruments.simulated.registers.sunspec_block import Accepted, Block, BoardState, View
from instruments.sunspec.layouts import Layout, Value, Values

VENDOR = "vendor"
DEFINITION = (
    "UnlockCode:uint32* LockState:enum16 Commit:enum16* CommitState:enum16 Region:enum16* "
    "SustainedV:uint16/-1* MeanVL1:uint16/-1 MeanVL2:uint16/-1 MeanVL3:uint16/-1 "
    "TransitionHz:uint16/-2* StopChargingHz:uint16/-2* HysteresisHz:uint16/-3* DwellTms:uint16/-1* "
    "Gradient:uint16/-2* GenLimEna:enum16* GenLimHard:enum16* GenLimW:uint32* "
    "ExpLimEna:enum16* ExpLimHard:enum16* ExpLimW:uint32* "
    "ChaEna:enum16* ChaV1:uint16/-1* ChaW1:uint16/-1* ChaV2:uint16/-1* ChaW2:uint16/-1*"
)
UNLOCKED, LOCKED = 0, 1
NOTHING_WAITS, WAITS, BEING_COMMITTED = 0, 1, 2
RELOCK, COMMIT, RESTART = "relock", "commit", "restart"
SWITCH: Accepted = (0, 1)
LIMITS = {"GenLim": "generation_limit", "ExpLim": "export_limit"}
COMMANDED = tuple(f"{limit}{what}" for limit in LIMITS for what in ("Ena", "Hard", "W"))
"""What a network commands all day long, as the modes of model 704: it is never locked."""
CORNERS = {
    "TransitionHz": "transition_hz",
    "StopChargingHz": "stop_charging_hz",
    "HysteresisHz": "hysteresis_hz",
    "DwellTms": "dwell_s",
}
CHARGING_POINTS = (("ChaV1", "ChaW1"), ("ChaV2", "ChaW2"))
RANGES: dict[str, Accepted] = {
    "UnlockCode": (0, 0xFFFF_FFFE),
    "Commit": (1, 1),
    "SustainedV": (230, 270),
    "TransitionHz": (50, 55),
    "StopChargingHz": (45, 50),
    "HysteresisHz": (0, 1),
    "DwellTms": (0, 600),
    "Gradient": (5, 100),
    **{f"{limit}{what}": SWITCH for limit in LIMITS for what in ("Ena", "Hard")},
    **{f"{limit}W": (0, 0xFFFF_FFFE) for limit in LIMITS},
    "ChaEna": SWITCH,
    **{voltage: (150, 300) for voltage, _ in CHARGING_POINTS},
    **{share: (0, 100) for _, share in CHARGING_POINTS},
}


def is_locked(state: BoardState, access: Access) -> bool:
    """Return whether settings cannot be written now."""
    coded = access.locks and access.unlock_code is not None
    return coded and f"{VENDOR}.{RELOCK}" not in state.due


def vendor_block(
    parameters: InverterParameters, access: Access, reset: Callable[[BoardState], BoardState]
) -> Block:
    """Return the block. `reset` makes every block begin anew with the state's settings."""
    regions = {code: region for region, code in access.region_codes.items()}
    accepts = RANGES | {"Region": tuple(code for code in regions for _ in range(2))}

    def values(view: View) -> dict[str, Value]:
        state = view.state
        shown: dict[str, Value] = {
            "LockState": LOCKED if is_locked(state, access) else UNLOCKED,
            "CommitState": state.number(f"{VENDOR}.CommitState"),
            "Region": access.region_codes.get(state.settings.region),
        }
        return shown | _settings(state) | _means(view)

    def apply(state: BoardState, written: Values, now_s: float) -> BoardState:
        state = _accessed(state, written, now_s, access)
        code = written.get("Region")
        if isinstance(code, int | float):
            state = reset(replace(state, settings=REGIONS[regions[int(code)]]))
            if access.restart_s > 0:
                state = state.timed(f"{VENDOR}.{RESTART}", now_s + access.restart_s)
        return _with_settings(state, written)

    return Block(
        VENDOR,
        Layout(DEFINITION),
        values,
        accepts,
        unprotected=("UnlockCode", "Commit", *COMMANDED),
        begin=partial(_begin, parameters.rated_apparent_power_va),
        apply=apply,
        refuses=_contradicts,
        expire=_expire,
    )


def _begin(rated_va: float, state: BoardState) -> BoardState:
    """Return the state with ceilings to show while there are none."""
    limits = {
        f"{limit}W": getattr(state.settings, field).limit_w for limit, field in LIMITS.items()
    }
    held = {path: rated_va if limit_w is None else limit_w for path, limit_w in limits.items()}
    return state.holding(VENDOR, held)


def _settings(state: BoardState) -> dict[str, Value]:
    settings, charging = state.settings, state.settings.volt_watt_charging
    shown: dict[str, Value] = {
        "SustainedV": settings.sustained_voltage_v,
        "Gradient": 6000 * settings.ramp_pu_per_s,
        "ChaEna": int(charging.enabled),
    }
    shown |= {path: getattr(settings.frequency, field) for path, field in CORNERS.items()}
    for (voltage, share), (voltage_v, value) in zip(CHARGING_POINTS, charging.curve, strict=False):
        shown |= {voltage: voltage_v, share: 100 * value}
    for limit, field in LIMITS.items():
        ceiling: PowerLimit = getattr(settings, field)
        held_w = state.number(f"{VENDOR}.{limit}W")
        shown[f"{limit}Ena"] = int(ceiling.limit_w is not None)
        shown[f"{limit}Hard"] = int(ceiling.hard)
        shown[f"{limit}W"] = held_w if ceiling.limit_w is None else ceiling.limit_w
    return shown


def _means(view: View) -> dict[str, Value]:
    means = view.sustained_v()
    if means is None:
        return {}
    present = means[: view.state.parameters.phases]
    return {f"MeanVL{number}": mean_v for number, mean_v in enumerate(present, 1)}


def _accessed(state: BoardState, written: Values, now_s: float, access: Access) -> BoardState:
    """Return the state unlocked by the right code, locked by another, committing when told to."""
    if "UnlockCode" in written:
        right = written["UnlockCode"] == access.unlock_code
        state = state.timed(f"{VENDOR}.{RELOCK}", now_s + access.unlocked_s if right else inf)
    if "Commit" in written and state.number(f"{VENDOR}.CommitState") == WAITS:
        state = state.holding(VENDOR, {"CommitState": BEING_COMMITTED})
        state = state.timed(f"{VENDOR}.{COMMIT}", now_s + access.commit_s)
    return state


def _with_settings(state: BoardState, written: Values) -> BoardState:
    """Return the state with those settings replaced that were written to."""
    shown = {**_settings(state), **written}

    def number(path: str) -> float:
        value = shown[path]
        return float(value) if isinstance(value, int | float) else 0.0

    def touched(*paths: str) -> bool:
        return not written.keys().isdisjoint(paths)

    settings = state.settings
    corners: dict[str, Any] = {
        field: number(path) for path, field in CORNERS.items() if path in written
    }
    changes: dict[str, Any] = {"frequency": replace(settings.frequency, **corners)}
    if touched("SustainedV"):
        changes["sustained_voltage_v"] = number("SustainedV")
    if touched("Gradient"):
        changes["ramp_pu_per_s"] = number("Gradient") / 6000
    if touched("ChaEna", *(path for point in CHARGING_POINTS for path in point)):
        curve = tuple((number(v), number(w) / 100) for v, w in CHARGING_POINTS)
        changes["volt_watt_charging"] = VoltageResponse(curve, enabled=number("ChaEna") == 1)
    for limit, field in LIMITS.items():
        if touched(f"{limit}Ena", f"{limit}Hard", f"{limit}W"):
            limit_w = number(f"{limit}W") if number(f"{limit}Ena") == 1 else None
            changes[field] = PowerLimit(limit_w, hard=number(f"{limit}Hard") == 1)
    kept = {path: value for path, value in written.items() if path in ("GenLimW", "ExpLimW")}
    return state.holding(VENDOR, kept).setting(**changes)


def _contradicts(state: BoardState, written: Values) -> bool:
    """Return whether corners would no longer be in order."""
    if written.keys().isdisjoint((*CORNERS, "ChaV1", "ChaV2")):
        return False
    settings = _with_settings(state, written).settings
    frequency, curve = settings.frequency, settings.volt_watt_charging.curve
    return not (
        curve[0][0] < curve[-1][0]
        and frequency.upper_hz < frequency.transition_hz < frequency.zero_power_hz
        and frequency.full_power_hz < frequency.stop_charging_hz < frequency.lower_hz
    )


def _expire(state: BoardState, what: str, _now_s: float) -> BoardState:
    state = state.timed(f"{VENDOR}.{what}", inf)
    return state.holding(VENDOR, {"CommitState": NOTHING_WAITS}) if what == COMMIT else state
