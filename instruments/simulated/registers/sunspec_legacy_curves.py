"""The older volt-var and volt-watt curves: SunSpec models 126 and 132.

The active curve shows what is in force and cannot be written. Another becomes active when its number
is written to ActCrv; there is no result, and a curve that cannot be used stays without effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import GridSettings, VoltageResponse
from instruments.simulated.registers.sunspec_adoption import Unsuitable
from instruments.simulated.registers.sunspec_block import FIXED, Accepted, Block, BoardState, View
from instruments.simulated.registers.sunspec_controls import SWITCH
from instruments.simulated.registers.sunspec_curves import curve_of, points_of
from instruments.simulated.registers.sunspec_ratings import PERCENT, header, model_layout
from instruments.sunspec.layouts import Value, Values

CURVES, POINTS = 2, 20
UNUSED = ("WinTms", "RvrtTms", "RmpTms")
READ_WRITE, READ_ONLY = 0, 1


@dataclass(frozen=True)
class _LegacyCurve:
    """One of the two models.

    Attributes:
        share: name of a curve's ordinate; `newer` that of the model 705 or 706.
        reference: what the ordinate counts from; others are not suitable.
    """

    number: int
    share: str
    newer: str
    reference: int
    references: Accepted
    shares: Accepted
    response: Callable[[GridSettings], VoltageResponse]
    using: Callable[[GridSettings, VoltageResponse], GridSettings]
    parameters: InverterParameters

    def block(self) -> Block:
        """Return the model as a block of registers."""
        layout = model_layout(self.number, NCrv=CURVES)
        fixed = header(layout, self.number) | dict.fromkeys(UNUSED, 0)
        fixed |= {"NCrv": CURVES, "NPt": POINTS, "V_SF": PERCENT, "DeptRef_SF": PERCENT}
        accepts: dict[str, Accepted] = dict.fromkeys(UNUSED, FIXED)
        accepts |= {"ActCrv": (1, CURVES), "ModEna": SWITCH, "curve.ActPt": (0, POINTS)}
        accepts["curve.DeptRef"] = self.references
        pairs = [(f"curve.V{k}", f"curve.{self.share}{k}") for k in range(1, POINTS + 1)]
        for voltage, share in pairs:
            accepts |= {voltage: (0, 200), share: self.shares}
        return Block(
            str(self.number),
            layout,
            lambda view: fixed | self._values(view),
            accepts,
            absent=[path for pair in pairs for path in pair],
            begin=self._begin,
            apply=self._apply,
        )

    def _values(self, view: View) -> dict[str, Value]:
        state = view.state
        active = self._active(state)
        shown = state.block(str(self.number))
        shown |= self._in_force(state, active)
        shown["ModEna"] = int(self.response(state.settings).enabled)
        for number in range(1, CURVES + 1):
            shown[f"curve{number}.ReadOnly"] = READ_ONLY if number == active else READ_WRITE
        return shown

    def _active(self, state: BoardState) -> int:
        return int(state.number(f"{self.number}.ActCrv"))

    def _in_force(self, state: BoardState, curve: int) -> dict[str, Value]:
        """Return the points of a curve as they are in force."""
        start = f"curve{curve}."
        points = points_of(self.response(state.settings), self.newer, self.parameters)
        shown: dict[str, Value] = {f"{start}ActPt": points["ActPt"]}
        shown[f"{start}DeptRef"] = self.reference
        for k in range(1, POINTS + 1):
            shown[f"{start}V{k}"] = points.get(f"Pt{k}.V")
            shown[f"{start}{self.share}{k}"] = points.get(f"Pt{k}.{self.newer}")
        return shown

    def _begin(self, state: BoardState) -> BoardState:
        held: dict[str, Value] = {"ActCrv": 1}
        for curve in range(1, CURVES + 1):
            held |= self._in_force(state, curve)
        return state.holding(str(self.number), held)

    def _apply(self, state: BoardState, written: Values, _now_s: float) -> BoardState:
        block, before = str(self.number), self._active(state)
        own = (f"curve{before}.", "ActCrv", "ModEna")
        kept = {path: value for path, value in written.items() if not path.startswith(own)}
        state = state.holding(block, kept)
        if "ModEna" in written:
            response = replace(self.response(state.settings), enabled=written["ModEna"] == 1)
            state = replace(state, settings=self.using(state.settings, response))
        wanted = written.get("ActCrv")
        if not isinstance(wanted, int | float) or int(wanted) == before:
            return state
        return self._activated(state.holding(block, self._in_force(state, before)), int(wanted))

    def _activated(self, state: BoardState, curve: int) -> BoardState:
        start = f"curve{curve}."
        points: dict[str, Value] = {
            path.removeprefix(start).replace(self.share, self.newer): value
            for path, value in state.block(str(self.number)).items()
            if path.startswith(start)
        }
        if points["DeptRef"] not in (self.reference, 1):
            return state
        for k in range(1, POINTS + 1):
            points[f"Pt{k}.V"] = points.get(f"V{k}")
            points[f"Pt{k}.{self.newer}"] = points.get(f"{self.newer}{k}")
        try:
            new = curve_of(points, self.newer, self.parameters)
        except Unsuitable:
            return state
        response = replace(self.response(state.settings), curve=new)
        state = replace(state, settings=self.using(state.settings, response))
        return state.holding(str(self.number), {"ActCrv": curve})


def legacy_volt_var(parameters: InverterParameters) -> Block:
    """Return model 126; it cannot say percent of apparent power, which here is the same as VArMax."""
    return _LegacyCurve(
        number=126,
        share="VAr",
        newer="Var",
        reference=2,
        references=(1, 3),
        shares=(-100, 100),
        response=lambda settings: settings.volt_var,
        using=lambda settings, response: replace(settings, volt_var=response),
        parameters=parameters,
    ).block()


def legacy_volt_watt(parameters: InverterParameters) -> Block:
    """Return model 132."""
    return _LegacyCurve(
        number=132,
        share="W",
        newer="W",
        reference=1,
        references=(1, 2),
        shares=(0, 100),
        response=lambda settings: settings.volt_watt,
        using=lambda settings, response: replace(settings, volt_watt=response),
        parameters=parameters,
    ).block()
