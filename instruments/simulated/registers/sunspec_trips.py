"""Passive protection: SunSpec models 707 to 710.

Must-trip points are the stages the inverter has, from the nominal value outwards. The curves "may trip"
and "momentary cessation" have no active points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import Trip
from instruments.simulated.registers.sunspec_adoption import SetModel, Unsuitable
from instruments.simulated.registers.sunspec_block import Accepted, Block, BoardState
from instruments.simulated.registers.sunspec_curves import number_of
from instruments.simulated.registers.sunspec_ratings import MAINS_FREQUENCY, PERCENT
from instruments.sunspec.layouts import Value, Values

SETS, POINTS = 2, 2
TIME = -2
LONGEST_S = 600
SUSPENDED = "suspended"


@dataclass(frozen=True)
class Side:
    """One of the four models: its trips, and the unit of their thresholds.

    Attributes:
        kind: beginning of the trips' names.
        point: name of a threshold in the model.
        unit: volts or hertz for 1 of what the model counts in.
        nominal: in the model's unit.
        outwards: 1 when later stages lie higher, -1 when lower.
    """

    number: int
    kind: str
    point: str
    unit: float
    nominal: float
    outwards: int
    ends: Accepted

    def stages(self, trips: Mapping[str, Trip]) -> list[str]:
        """Return the names of all stages, the innermost first."""
        names = [name for name in trips if name.startswith(self.kind)]
        return sorted(names, key=lambda name: self.outwards * trips[name].threshold)

    def active(self, state: BoardState) -> list[str]:
        """Return the stages that act, or would if the function were not switched off."""
        trips, suspended = state.settings.trips, self.suspended(state)
        return [name for name in self.stages(trips) if trips[name].enabled or name in suspended]

    def suspended(self, state: BoardState) -> list[str]:
        """Return the stages that were switched off together."""
        return str(state.held.get(f"{SUSPENDED}.{self.number}") or "").split()

    def enabled(self, state: BoardState) -> bool:
        """Return whether any stage acts."""
        trips = state.settings.trips
        return any(trips[name].enabled for name in self.stages(trips))

    def switch(self, state: BoardState, on: bool) -> BoardState:
        """Return the state with all stages off, or with those on again that were."""
        active = self.active(state)
        trips = {
            name: replace(trip, enabled=on) if name in active else trip
            for name, trip in state.settings.trips.items()
        }
        state = state.setting(trips=trips)
        return state.holding(SUSPENDED, {str(self.number): "" if on else " ".join(active)})

    def show(self, state: BoardState) -> dict[str, Value]:
        """Return the set in force."""
        active = self.active(state)
        shown: dict[str, Value] = {"MustTrip.ActPt": len(active)}
        shown |= {"MayTrip.ActPt": 0, "MomCess.ActPt": 0}
        for number, name in enumerate(active, 1):
            trip = state.settings.trips[name]
            shown[f"MustTrip.Pt{number}.{self.point}"] = trip.threshold / self.unit
            shown[f"MustTrip.Pt{number}.Tms"] = trip.delay_s
        return shown

    def adopt(self, state: BoardState, points: Values) -> BoardState:
        """Return the state with the must-trip points as stages; stages left over are off.

        Raises:
            Unsuitable: more points than stages, one without value or on the wrong side of nominal.
        """
        names = sorted(self.stages(state.settings.trips))
        wanted = self._wanted(points)
        if len(wanted) > len(names):
            raise Unsuitable
        on = self.enabled(state)
        trips = dict(state.settings.trips)
        for name in names:
            trips[name] = replace(trips[name], enabled=False)
        for name, (threshold, delay_s) in zip(names, wanted, strict=False):
            trips[name] = Trip(threshold * self.unit, delay_s, enabled=on)
        state = state.setting(trips=trips)
        off = "" if on else " ".join(names[: len(wanted)])
        return state.holding(SUSPENDED, {str(self.number): off})

    def _wanted(self, points: Values) -> list[tuple[float, float]]:
        active = range(1, int(number_of(points, "MustTrip.ActPt")) + 1)
        wanted = [
            (
                number_of(points, f"MustTrip.Pt{k}.{self.point}"),
                number_of(points, f"MustTrip.Pt{k}.Tms"),
            )
            for k in active
        ]
        if any(self.outwards * (threshold - self.nominal) <= 0 for threshold, _ in wanted):
            raise Unsuitable
        return sorted(wanted, key=lambda point: self.outwards * point[0])


def trip_sides(parameters: InverterParameters) -> tuple[Side, ...]:
    """Return the four kinds of passive protection."""
    percent_v = parameters.nominal_voltage_v / 100
    nominal_hz = parameters.nominal_frequency_hz
    volts, hertz = (0.0, 200.0), (0.0, 2 * nominal_hz)
    return (
        Side(707, "UV", "V", percent_v, 100.0, -1, volts),
        Side(708, "OV", "V", percent_v, 100.0, 1, volts),
        Side(709, "UF", "Hz", 1.0, nominal_hz, -1, hertz),
        Side(710, "OF", "Hz", 1.0, nominal_hz, 1, hertz),
    )


def trip_models(parameters: InverterParameters, adoption_s: float) -> list[Block]:
    """Return models 707 to 710."""
    return [_trip_model(side, parameters, adoption_s) for side in trip_sides(parameters)]


def _trip_model(side: Side, parameters: InverterParameters, adoption_s: float) -> Block:
    scale = PERCENT if side.point == "V" else MAINS_FREQUENCY
    points = max(POINTS, len(side.stages(parameters.settings.trips)))
    threshold, time = f"MustTrip.Pt.{side.point}", "MustTrip.Pt.Tms"
    block = SetModel(
        number=side.number,
        group="Crv",
        count="NCrvSet",
        sets=SETS,
        points=points,
        fixed={f"{side.point}_SF": scale, "Tms_SF": TIME},
        accepts={
            "MustTrip.ActPt": (0, points),
            "MayTrip.ActPt": (0, 0),
            "MomCess.ActPt": (0, 0),
            threshold: side.ends,
            time: (0, LONGEST_S),
        },
        absent=(threshold, time),
        enabled=side.enabled,
        switch=side.switch,
        show=side.show,
        adopt=side.adopt,
        adoption_s=adoption_s,
        reverts=False,
    ).block()
    return replace(block, begin=partial(_begin, side, block))


def _begin(side: Side, block: Block, state: BoardState) -> BoardState:
    return block.begin(state.holding(SUSPENDED, {str(side.number): ""}))
