"""What the points of a mode are called in the models of immediate controls, 704 and the older 123. Data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import copysign

from instruments.commands import ControlMode, Reversion
from instruments.inverters.sunspec_reported import Ratings
from instruments.sunspec.layouts import Values

PERCENT = 100.0
OVER_EXCITED, UNDER_EXCITED = 0, 1
WATTS, SHARE_OF_APPARENT_POWER = 1, 3
SHARE_OF_ACTIVE_POWER, SHARE_OF_REACTIVE_POWER = 1, 2


@dataclass(frozen=True)
class Basis:
    """What the value of a point counts from.

    Attributes:
        ratings: gives what the inverter states, read when it is needed.
        over_excited_sign: of 123.OutPFSet while reactive power is supplied: -1 by the EEI, in the field also 1.
    """

    ratings: Callable[[], Ratings]
    over_excited_sign: int


@dataclass(frozen=True)
class Way:
    """One way to command a mode.

    Attributes:
        enable: the point that switches the mode on.
        setpoint: the point that shows whether the inverter has it.
        points: value and basis → points that are written together; None where the ratings it takes are unknown.
        times: points that would delay a command, draw it out or take it back.
        selects: points that say what the set-point counts.
    """

    enable: str
    setpoint: str
    points: Callable[[float, Basis], Values | None]
    times: tuple[str, ...]
    selects: Values = field(default_factory=dict)


@dataclass(frozen=True)
class ControlModel:
    """One model.

    Attributes:
        ways: mode → ways to command it, the first that the inverter has is taken.
        timer: the point with the time after which a limit of active power reverts.
        reversion: what becomes of the limit → points that say so; None where the model has no place for it.
    """

    number: int
    ways: Mapping[ControlMode, tuple[Way, ...]]
    timer: str
    reversion: Callable[[Reversion], Values | None]


def _newer_factor(factor: float, _: Basis) -> Values:
    side = OVER_EXCITED if copysign(1.0, factor) > 0 else UNDER_EXCITED
    return {"PFWInj.PF": abs(factor), "PFWInj.Ext": side}


def _newer_reversion(reversion: Reversion) -> Values:
    share = 1.0 if reversion.share is None else reversion.share
    return {
        "WMaxLimPctRvrt": PERCENT * share,
        "WMaxLimPctEnaRvrt": int(reversion.share is not None),
        "WMaxLimPctRvrtTms": reversion.after_s,
    }


def _share_of_active(share: float, basis: Basis) -> Values | None:
    ratings = basis.ratings()
    if not ratings.apparent_va or not ratings.active_w:
        return None
    return {"VArWMaxPct": PERCENT * share * ratings.apparent_va / ratings.active_w}


def _share_of_reactive(share: float, basis: Basis) -> Values | None:
    ratings = basis.ratings()
    most_var = ratings.supplied_var if share >= 0 else ratings.absorbed_var
    if not ratings.apparent_va or not most_var:
        return None
    return {"VArMaxPct": PERCENT * share * ratings.apparent_va / abs(most_var)}


def _older_reversion(reversion: Reversion) -> Values | None:
    return {"WMaxLimPct_RvrtTms": reversion.after_s} if reversion.share is None else None


def _older_times(start: str) -> tuple[str, ...]:
    return tuple(f"{start}_{time}" for time in ("WinTms", "RvrtTms", "RmpTms"))


_REACTIVE_TIMES = _older_times("VArPct")
NEWER = ControlModel(
    704,
    {
        ControlMode.POWER_FACTOR: (
            Way(
                "PFWInjEna",
                "PFWInj.PF",
                _newer_factor,
                times=("PFWInjRvrtTms",),
            ),
        ),
        ControlMode.REACTIVE_POWER: (
            Way(
                "VarSetEna",
                "VarSetPct",
                lambda share, _: {"VarSetPct": PERCENT * share},
                times=("VarSetRvrtTms",),
                selects={"VarSetMod": SHARE_OF_APPARENT_POWER},
            ),
        ),
        ControlMode.POWER_LIMIT: (
            Way(
                "WMaxLimPctEna",
                "WMaxLimPct",
                lambda share, _: {"WMaxLimPct": PERCENT * share},
                times=("WMaxLimPctRvrtTms",),
            ),
        ),
        ControlMode.ACTIVE_POWER: (
            Way(
                "WSetEna",
                "WSet",
                lambda power_w, _: {"WSet": power_w},
                times=("WSetRvrtTms",),
                selects={"WSetMod": WATTS},
            ),
        ),
    },
    timer="WMaxLimPctRvrtTms",
    reversion=_newer_reversion,
)
OLDER = ControlModel(
    123,
    {
        ControlMode.POWER_FACTOR: (
            Way(
                "OutPFSet_Ena",
                "OutPFSet",
                lambda factor, basis: {"OutPFSet": basis.over_excited_sign * factor},
                times=_older_times("OutPFSet"),
            ),
        ),
        ControlMode.REACTIVE_POWER: (
            Way(
                "VArPct_Ena",
                "VArWMaxPct",
                _share_of_active,
                times=_REACTIVE_TIMES,
                selects={"VArPct_Mod": SHARE_OF_ACTIVE_POWER},
            ),
            Way(
                "VArPct_Ena",
                "VArMaxPct",
                _share_of_reactive,
                times=_REACTIVE_TIMES,
                selects={"VArPct_Mod": SHARE_OF_REACTIVE_POWER},
            ),
        ),
        ControlMode.POWER_LIMIT: (
            Way(
                "WMaxLim_Ena",
                "WMaxLimPct",
                lambda share, _: {"WMaxLimPct": PERCENT * share},
                times=_older_times("WMaxLimPct"),
            ),
        ),
    },
    timer="WMaxLimPct_RvrtTms",
    reversion=_older_reversion,
)
MODELS = (NEWER, OLDER)
"""The newer first: it is the one that is commanded where an inverter has both."""
