"""SunSpec model 123, the older view of the modes of model 704 and of the permission to connect."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from instruments.simulated.registers.sunspec_block import FIXED, Accepted, Block, BoardState, View
from instruments.simulated.registers.sunspec_controls import (
    LIMIT,
    OVER_EXCITED,
    SHARE,
    SHORT_DURATION,
    SIGNED_SHARE,
    SWITCH,
    UNDER_EXCITED,
    apply_controls,
    with_controls,
)
from instruments.simulated.registers.sunspec_ratings import (
    LEAST_POWER_FACTOR,
    PERCENT,
    POWER_FACTOR,
    header,
    model_layout,
)
from instruments.sunspec.layouts import Value, Values

NEWER_NAMES = {
    "WMaxLimPct": "WMaxLimPct",
    "WMaxLimPct_RvrtTms": "WMaxLimPctRvrtTms",
    "WMaxLim_Ena": "WMaxLimPctEna",
    "OutPFSet_RvrtTms": "PFWInjRvrtTms",
    "OutPFSet_Ena": "PFWInjEna",
    "VArWMaxPct": "VarSetPct",
    "VArMaxPct": "VarSetPct",
    "VArPct_RvrtTms": "VarSetRvrtTms",
    "VArPct_Ena": "VarSetEna",
}
NEWER_MODES = {1: 0, 2: 1}
OLDER_MODES = {0: 1, 1: 2, 3: 2, 4: 0}
UNUSED = (
    *(f"{name}_WinTms" for name in ("Conn", "WMaxLimPct", "OutPFSet", "VArPct")),
    *(f"{name}_RmpTms" for name in ("WMaxLimPct", "OutPFSet", "VArPct")),
)
"""Points that only take 0: nothing is delayed at random or ramped to by a time."""
ACCEPTS: dict[str, Accepted] = {
    "Conn": SWITCH,
    "Conn_RvrtTms": SHORT_DURATION,
    "WMaxLimPct": SHARE,
    "WMaxLimPct_RvrtTms": SHORT_DURATION,
    "WMaxLim_Ena": SWITCH,
    "OutPFSet": (-1, -LEAST_POWER_FACTOR, LEAST_POWER_FACTOR, 1),
    "OutPFSet_RvrtTms": SHORT_DURATION,
    "OutPFSet_Ena": SWITCH,
    "VArWMaxPct": SIGNED_SHARE,
    "VArMaxPct": SIGNED_SHARE,
    "VArPct_RvrtTms": SHORT_DURATION,
    "VArPct_Mod": (1, 2),
    "VArPct_Ena": SWITCH,
    **dict.fromkeys(UNUSED, FIXED),
}


def legacy_controls(latch: str) -> Block:
    """Return model 123. `latch` is that of `Access`."""
    layout = model_layout(123)
    fixed = header(layout, 123) | dict.fromkeys(UNUSED, 0)
    fixed |= {"WMaxLimPct_SF": LIMIT, "OutPFSet_SF": POWER_FACTOR, "VArPct_SF": PERCENT}

    def values(view: View) -> dict[str, Value]:
        state = view.state
        held = state.block("704")
        return (
            fixed
            | {older: held[newer] for older, newer in NEWER_NAMES.items()}
            | {
                "Conn": int(state.permitted),
                "Conn_RvrtTms": state.number("123.Conn_RvrtTms"),
                "OutPFSet": _signed_factor(state),
                "VArPct_Mod": OLDER_MODES[int(state.number("704.VarSetMod"))],
            }
        )

    def apply(state: BoardState, written: Values, now_s: float) -> BoardState:
        state = _connected(state, written, now_s)
        return apply_controls(state, _newer(written), now_s, latch)

    return Block(
        "123",
        layout,
        values,
        ACCEPTS,
        unprotected=ACCEPTS,
        begin=with_controls,
        apply=apply,
        expire=_reconnect,
    )


def _signed_factor(state: BoardState) -> float:
    """Return the power factor by the EEI's sign: negative while reactive power is supplied."""
    over_excited = state.number("704.PFWInj.Ext") == OVER_EXCITED
    return state.number("704.PFWInj.PF", 1.0) * (-1 if over_excited else 1)


def _newer(written: Values) -> dict[str, Value]:
    """Return what was written as points of model 704."""
    newer = {NEWER_NAMES[path]: value for path, value in written.items() if path in NEWER_NAMES}
    factor, mode = written.get("OutPFSet"), written.get("VArPct_Mod")
    if isinstance(factor, int | float):
        newer["PFWInj.PF"] = abs(factor)
        newer["PFWInj.Ext"] = OVER_EXCITED if factor < 0 else UNDER_EXCITED
    if isinstance(mode, int | float):
        newer["VarSetMod"] = NEWER_MODES[int(mode)]
    return newer


def _connected(state: BoardState, written: Values, now_s: float) -> BoardState:
    """Return the state with the permission as written, for as long as its time says."""
    own = {path: value for path, value in written.items() if path == "Conn_RvrtTms"}
    state = state.holding("123", own)
    if "Conn" not in written:
        return state
    permitted, reversion_s = written["Conn"] == 1, state.number("123.Conn_RvrtTms")
    runs = not permitted and reversion_s > 0
    state = state.timed("123.Conn", now_s + reversion_s if runs else inf)
    return replace(state, permitted=permitted)


def _reconnect(state: BoardState, what: str, _now_s: float) -> BoardState:
    return replace(state.timed(f"123.{what}", inf), permitted=True)
