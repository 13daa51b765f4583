"""What a grid code expects on each level of a staircase: intervals of shares of the rated apparent power. Pure.

Levels are those the analyser measured. Reactive power has priority: active power gives way inside the circle of
apparent power.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bench.grid_code.curves import Curve, curve_of
from bench.grid_code.profile import Requirement
from bench.grid_code.required_curves import RequiredCurve
from bench.metering.plateaus import Plateau, Quantity, frequency_hz, mean_voltage_v
from bench.metering.response import Expected, Interval, apparent_leg, steady
from instruments.interfaces import GridStep, Reading

Expectation = Callable[[Requirement, Sequence[Plateau], float], Expected]


@dataclass(frozen=True)
class ResponseKind:
    """One response: what is varied, what follows, and what is expected of it.

    Attributes:
        what: the power that follows, in words.
        watts: the same of a reading, in W or var.
        slope_pu: steepest slope of the response per unit of the stimulus.
        sensing_error: largest error of the inverter's own measurement, as `expectation` takes it.
        expectation: requirement, plateaus and rated apparent power → expected intervals.
        curve: requirement and response before the staircase → the required curve as it is drawn.
        latched: whether the last level of the staircase releases the response.
        quantity: the power that follows, as uncertainty budgets call it.
    """

    stimulus: Quantity
    level: Callable[[GridStep], float]
    unit: str
    what: str
    watts: Callable[[Reading], float]
    slope_pu: Callable[[Requirement], float]
    sensing_error: Callable[[Requirement], float]
    expectation: Expectation
    curve: Callable[[Requirement, float], RequiredCurve]
    latched: bool = False
    quantity: str = "active_power"


def _volt_watt(requirement: Requirement, plateaus: Sequence[Plateau], rated_va: float) -> Expected:
    """A ceiling; a floor too as far as power was available before and the circle has room."""
    curve = curve_of(requirement, "voltages", "powers")
    available = steady(plateaus[0], lambda r: r.active_power_w / rated_va)
    room = [room_beside_reactive(plateau, plateaus[0].level, rated_va) for plateau in plateaus]

    def expected(number: int, error: float) -> Interval:
        ceiling = curve.at(plateaus[number].level + error)
        return min(ceiling, available, room[number]), ceiling

    return expected


def room_beside_reactive(plateau: Plateau, nominal_v: float, rated_va: float) -> float:
    """Return what reactive power leaves of the rated apparent power, below nominal voltage of rated current."""
    reactive = steady(plateau, lambda r: r.reactive_power_var / rated_va)
    return apparent_leg(min(1.0, plateau.level / nominal_v), reactive)


def _volt_var(requirement: Requirement, plateaus: Sequence[Plateau], rated_va: float) -> Expected:
    """The curve, or what an inverter must be capable of at the power it delivers, if that is less."""
    curve = curve_of(requirement, "voltages", "powers")
    capability = curve_of(requirement, "capability_powers", "capability_reactive")
    shares = [steady(p, lambda r: r.active_power_w / rated_va) for p in plateaus]
    least = [_capability(capability, share) for share in shares]

    def expected(number: int, error: float) -> Interval:
        whole = curve.at(plateaus[number].level + error)
        part = max(-least[number], min(least[number], whole))
        return min(whole, part), max(whole, part)

    return expected


def _capability(capability: Curve, active: float) -> float:
    """Return the reactive power an inverter must be able to give; nothing is known below the first point."""
    return capability.at(active) if active >= capability.points[0][0] else 0.0


def _over_frequency(
    requirement: Requirement, plateaus: Sequence[Plateau], rated_va: float
) -> Expected:
    """A line from the power before the crossing to nothing; the highest frequency so far counts."""
    droop = _droop(requirement, steady(plateaus[0], lambda r: r.active_power_w / rated_va))
    highest_hz = list(accumulate((plateau.level for plateau in plateaus), max))

    def expected(number: int, error: float) -> Interval:
        share = droop.at(highest_hz[number] + error)
        return share, share

    return expected


def _droop(requirement: Requirement, reference: float) -> Curve:
    start_hz, stop_hz = requirement.number("start"), requirement.number("stop")
    return Curve(((start_hz, reference), (stop_hz, 0.0)))


def _volt_watt_curve(requirement: Requirement, _before: float) -> RequiredCurve:
    curve = curve_of(requirement, "voltages", "powers")
    return RequiredCurve(curve, ("VW1", "VW2"), floor=False)


def _volt_var_curve(requirement: Requirement, _before: float) -> RequiredCurve:
    return RequiredCurve(curve_of(requirement, "voltages", "powers"), ("VV1", "VV2", "VV3", "VV4"))


def _over_frequency_curve(requirement: Requirement, before: float) -> RequiredCurve:
    return RequiredCurve(_droop(requirement, before), ("start", "stop"))


VOLT_WATT = ResponseKind(
    mean_voltage_v,
    lambda step: step.voltages_v[0],
    "V",
    "active power",
    lambda reading: reading.active_power_w,
    lambda requirement: curve_of(requirement, "voltages", "powers").steepest,
    lambda requirement: requirement.number("voltage_tolerance"),
    _volt_watt,
    _volt_watt_curve,
)
VOLT_VAR = ResponseKind(
    mean_voltage_v,
    lambda step: step.voltages_v[0],
    "V",
    "reactive power",
    lambda reading: reading.reactive_power_var,
    lambda requirement: curve_of(requirement, "voltages", "powers").steepest,
    lambda requirement: requirement.number("voltage_tolerance"),
    _volt_var,
    _volt_var_curve,
    quantity="reactive_power",
)
OVER_FREQUENCY = ResponseKind(
    frequency_hz,
    lambda step: step.frequency_hz,
    "Hz",
    "active power",
    lambda reading: reading.active_power_w,
    lambda requirement: 1 / (requirement.number("stop") - requirement.number("start")),
    lambda requirement: requirement.number("frequency_tolerance"),
    _over_frequency,
    _over_frequency_curve,
    latched=True,
)
