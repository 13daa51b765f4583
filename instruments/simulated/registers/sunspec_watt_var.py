"""Reactive power over active power: SunSpec model 712 of an inverter without the function.

Its sets can be written, adopted and read; it cannot be switched on. The curve it starts with asks for nothing.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.registers.sunspec_adoption import SetModel, Unsuitable
from instruments.simulated.registers.sunspec_block import FIXED, Block, BoardState
from instruments.simulated.registers.sunspec_curves import (
    LEAST_POINTS,
    POINTS,
    SETS,
    VA_MAX,
    VAR_AVAILABLE,
    W_MAX,
    number_of,
)
from instruments.simulated.registers.sunspec_ratings import PERCENT
from instruments.sunspec.layouts import Value, Values

KEPT = "watt-var"
NOTHING: Values = {"ActPt": 2, "Pt1.W": 0.0, "Pt1.Var": 0.0, "Pt2.W": 100.0, "Pt2.Var": 0.0}


def watt_var(parameters: InverterParameters, adoption_s: float) -> Block:
    """Return model 712."""
    fixed: Values = {"DeptRef": VA_MAX, "Pri": int(parameters.response.reactive_priority)}

    def show(state: BoardState) -> dict[str, Value]:
        return {**fixed, **(state.block(KEPT) or NOTHING)}

    block = SetModel(
        number=712,
        group="Crv",
        count="NCrv",
        sets=SETS,
        points=POINTS,
        fixed={"W_SF": PERCENT, "DeptRef_SF": PERCENT},
        accepts={
            "Pri": FIXED,
            "DeptRef": (W_MAX, VA_MAX),
            "ActPt": (0, POINTS),
            "Pt.W": (-100, 100),
            "Pt.Var": (-100, 100),
        },
        absent=("Pt.W", "Pt.Var"),
        enabled=lambda _: False,
        switch=lambda state, _: state,
        show=show,
        adopt=_adopt,
        adoption_s=adoption_s,
    ).block()
    return replace(block, accepts={**block.accepts, "Ena": (0, 0)})


def _adopt(state: BoardState, points: Values) -> BoardState:
    """Return the state with the curve kept.

    Raises:
        Unsuitable: fewer than two points, one without value, powers that do not rise, or a base it does not
            know.
    """
    active = range(1, int(number_of(points, "ActPt")) + 1)
    powers = [number_of(points, f"Pt{k}.W") for k in active]
    shares = [number_of(points, f"Pt{k}.Var") for k in active]
    rising = all(before < after for before, after in pairwise(powers))
    if len(powers) < LEAST_POINTS or not rising or points["DeptRef"] == VAR_AVAILABLE:
        raise Unsuitable
    kept: dict[str, Value] = dict.fromkeys(state.block(KEPT))
    kept |= {"ActPt": len(powers), "DeptRef": points["DeptRef"]}
    for k, power, share in zip(active, powers, shares, strict=True):
        kept |= {f"Pt{k}.W": power, f"Pt{k}.Var": share}
    return state.holding(KEPT, kept)
