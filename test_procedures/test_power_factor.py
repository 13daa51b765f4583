"""Fixed power factor and fixed reactive power (AS/NZS 4777.2:2020, 3.3.3; clause number unverified).

At nominal voltage every set-point is commanded at every power, the powers falling so that no ramp is waited
for. Reactive power, positive when supplied, must be that of the set-point and get there in time: with a fixed
power factor at the measured active power, otherwise as commanded, active power giving way.
"""

from collections.abc import Sequence

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.commanding import (
    commanding,
    instrument_of,
    judge_set_points,
    readings_of,
    standing,
    told,
)
from bench.manoeuvres.watching import check_powers, show
from bench.metering.plateaus import Plateau
from bench.plots.responses import factor_plane, reactive_plane, set_point_plot
from bench.programs.set_points import (
    LEVEL_S,
    OperatingPoint,
    fixed_factor,
    fixed_reactive,
    measure_set_points,
    operating_points,
)
from bench.trials.trial import Trial
from instruments.interfaces import ControlMode, InverterControls


@pytest.mark.requirement("power_factor")
def test_power_factor(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    points = operating_points(requirement, "factors")
    plateaus = visit(trial, ControlMode.POWER_FACTOR, points, requirement)
    expected = fixed_factor(points, plateaus, requirement, trial.rated_power_w)
    response = measure_set_points(plateaus, "reactive", expected, requirement, instrument_of(trial))
    watched = readings_of(trial, plateaus)
    plot = set_point_plot(response, "reactive", watched, trial.rated_power_w, requirement)
    show(trial, watched, plot)
    show(trial, watched, factor_plane(response, trial.rated_power_w, requirement))
    judge_set_points(trial, response, watched, requirement)


@pytest.mark.requirement("reactive_power")
def test_reactive_power(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    points = operating_points(requirement, "reactive")
    plateaus = visit(trial, ControlMode.REACTIVE_POWER, points, requirement)
    response = measure_set_points(
        plateaus, "reactive", fixed_reactive(points), requirement, instrument_of(trial)
    )
    watched = readings_of(trial, plateaus)
    plot = set_point_plot(response, "reactive", watched, trial.rated_power_w, requirement)
    show(trial, watched, plot)
    show(trial, watched, reactive_plane(response, requirement))
    judge_set_points(trial, response, watched, requirement)


def visit(
    trial: Trial, mode: ControlMode, points: Sequence[OperatingPoint], requirement: Requirement
) -> list[Plateau]:
    plateaus = [standing(trial)]
    with commanding(trial, mode, ControlMode.POWER_LIMIT) as controls:
        limit_pu = 1.0
        for point in points:
            if point.power_pu != limit_pu:
                limit_pu = point.power_pu
                controls.command(ControlMode.POWER_LIMIT, limit_pu)
                trial.station.clock.sleep(LEVEL_S)
            plateaus.append(set_point(trial, controls, mode, point.value, requirement))
        check_powers(trial, plateaus[-1].readings[-1])
    return plateaus


def set_point(
    trial: Trial,
    controls: InverterControls,
    mode: ControlMode,
    value: float,
    requirement: Requirement,
) -> Plateau:
    hold_s = requirement.number("hold")
    return told(trial, lambda: controls.command(mode, value), value, hold_s)
