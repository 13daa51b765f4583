"""Commanded set-points: what is expected at each, and how an inverter that was told them is judged. Pure.

A set-point and the readings after it are a plateau, as a level of a staircase is; what is expected counts in
shares of the rated apparent power.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import acos, copysign, tan

from bench.grid_code.profile import Requirement
from bench.metering.plateaus import Plateau
from bench.metering.response import (
    STEADY_S,
    Expected,
    Interval,
    Response,
    ResponseRules,
    measure_response,
)
from bench.trials.following import MeteringLimits, level_of, power_lines
from instruments.interfaces import Reading

PER_CENT = 0.01
COMMENCE_SHARE = 0.25
LEVEL_S = 15.0
"""How long active power gets to reach a level before a set-point is commanded there."""


@dataclass(frozen=True)
class OperatingPoint:
    """Active power and one set-point of a reactive mode.

    Attributes:
        power_pu: limit of active power as a share of the rated apparent power.
        value: power factor or share of reactive power, positive supplied.
    """

    power_pu: float
    value: float


def operating_points(requirement: Requirement, set_points: str) -> list[OperatingPoint]:
    """Return every set-point at every power, the powers falling so that none waits for a ramp.

    Args:
        set_points: quantity of the requirement that lists them.
    """
    scale = PER_CENT if requirement.quantity(set_points).unit == "%" else 1.0
    powers = sorted((float(p) for p in requirement.quantity("powers").values), reverse=True)
    values = [float(value) for value in requirement.quantity(set_points).values]
    return [OperatingPoint(PER_CENT * p, scale * value) for p, value in product(powers, values)]


def fixed_factor(
    points: Sequence[OperatingPoint],
    plateaus: Sequence[Plateau],
    requirement: Requirement,
    va: float,
) -> Expected:
    """Return the reactive power that belongs to the measured active power.

    Active power is what the array gives, the limit leaves and the power factor has room for; one that is
    further off than the tolerance does not excuse the reactive power that is missing with it.

    Args:
        plateaus: the first is what was before, one for each point follows.
        va: rated apparent power.
    """
    tolerance = PER_CENT * requirement.number("tolerance")
    available = active_pu(plateaus[0], va)

    def expected(number: int, _error: float) -> Interval:
        if number == 0:
            return 0.0, 0.0
        point = points[number - 1]
        due = min(point.power_pu, available, abs(point.value))
        measured = _share(plateaus[number].last(STEADY_S), va)
        active = max(due - tolerance, min(due + tolerance, measured))
        reactive = copysign(active * tan(acos(abs(point.value))), point.value)
        return reactive, reactive

    return expected


def fixed_reactive(points: Sequence[OperatingPoint]) -> Expected:
    """Return the reactive power that was commanded, whatever the active power."""
    values = [0.0, *(point.value for point in points)]
    return lambda number, _error: (values[number], values[number])


def limited_power(limits: Sequence[float], available: float) -> Expected:
    """Return the ceilings that limits of active power are; below them everything is permitted."""
    intervals = [(available, available), *((0.0, limit) for limit in limits)]
    return lambda number, _error: intervals[number]


def measure_set_points(
    plateaus: Sequence[Plateau],
    quantity: str,
    expected: Expected,
    requirement: Requirement,
    instrument: MeteringLimits,
) -> Response:
    """Measure how an inverter went to its set-points.

    Args:
        quantity: "active" or "reactive": the power that is judged.

    Raises:
        RecordingError: no set-point asks for a change larger than twice the tolerance.
    """
    rules = ResponseRules(
        tolerance_pu=PER_CENT * requirement.number("tolerance"),
        commence_share=COMMENCE_SHARE,
        sensing_error=0.0,
        clock_ppm=instrument.clock_ppm,
        level_lines=lambda plateau: power_lines(
            f"{quantity}_power", instrument, level_of(plateau, instrument.rated_va)
        ),
        rise_lines=(),
    )

    def share(reading: Reading) -> float:
        active = quantity == "active"
        power = reading.active_power_w if active else reading.reactive_power_var
        return power / instrument.rated_va

    return measure_response(plateaus, share, expected, rules)


def limits_of(requirement: Requirement) -> list[float]:
    """Return the limits of active power to command, as shares of the rated power."""
    return [PER_CENT * float(value) for value in requirement.quantity("limits").values]


def active_pu(plateau: Plateau, rated_va: float) -> float:
    """Return the steady active power of a plateau, as a share of the rated apparent power."""
    return _share(plateau.last(STEADY_S), rated_va)


def _share(readings: Sequence[Reading], rated_va: float) -> float:
    return sum(reading.active_power_w for reading in readings) / len(readings) / rated_va
