"""Generation limit, soft, and the rise when it is lifted (AS/NZS 4777.2:2020, section 6 and 3.3.5).

The inverter is told to limit its active power, to half and then to little. Power must be at or below each
limit in time. Then the limit is lifted: power must rise at the rate limit, along a straight line, without a
jump. The limit is the one its interface offers; one at the connection point is an export limit.
"""

from functools import partial

import pytest

from bench.grid_code.limits import ramp_limits
from bench.grid_code.profile import Requirement
from bench.manoeuvres.commanding import (
    commanding,
    instrument_of,
    judge_set_points,
    readings_of,
    standing,
    told,
    watch_rise,
)
from bench.manoeuvres.watching import judge_readings, show
from bench.metering import measure_ramp
from bench.metering.plateaus import Plateau
from bench.plots.ramps import ramp_plot
from bench.plots.responses import set_point_plot
from bench.programs.set_points import active_pu, limited_power, limits_of, measure_set_points
from bench.trials.trial import NotTested, Trial
from bench.trials.watching import Watched
from instruments.interfaces import ControlMode

LEAST_RISEN_PU, RISEN_BY_PU = 0.1, 0.02
MOST_LEFT_PU = 0.5


@pytest.mark.requirement("generation_limit", "power_rate_change")
def test_generation_limit(
    trial: Trial, requirement: Requirement, power_rate_change: Requirement
) -> None:
    trial.settle()
    limits, hold_s = limits_of(requirement), requirement.number("hold")
    plateaus = [standing(trial)]
    with commanding(trial, ControlMode.POWER_LIMIT) as controls:
        for limit in limits:
            command = partial(controls.command, ControlMode.POWER_LIMIT, limit)
            plateaus.append(told(trial, command, limit, hold_s))
        judge_limit(trial, requirement, plateaus)
        left_pu = active_pu(plateaus[-1], trial.rated_power_w)
        if left_pu > MOST_LEFT_PU:
            raise NotTested(
                f"a limit of {limits[-1]:.0%} left {left_pu:.0%} of rated power: no rise to judge"
            )
        release = partial(controls.release, ControlMode.POWER_LIMIT)
        rise = watch_rise(trial, release, trial.settled_power_w)
    judge_rise(trial, power_rate_change, rise, max(LEAST_RISEN_PU, left_pu + RISEN_BY_PU))


def judge_limit(trial: Trial, requirement: Requirement, plateaus: list[Plateau]) -> None:
    available = active_pu(plateaus[0], trial.rated_power_w)
    expected = limited_power(limits_of(requirement), available)
    response = measure_set_points(plateaus, "active", expected, requirement, instrument_of(trial))
    watched = readings_of(trial, plateaus)
    plot = set_point_plot(response, "active", watched, trial.rated_power_w, requirement)
    show(trial, watched, plot)
    judge_set_points(trial, response, watched, requirement)


def judge_rise(trial: Trial, requirement: Requirement, rise: Watched, risen_pu: float) -> None:
    ramp = measure_ramp(
        rise.readings,
        rated_power_w=trial.rated_power_w,
        current_floor_a=risen_pu * trial.rated_current_a,
        clock_ppm=rise.clock_ppm,
        power=trial.budget("active_power"),
    )
    show(trial, rise, ramp_plot(rise, ramp, trial.rated_power_w, requirement))
    rate, linear, jump = ramp_limits(requirement)
    judge_readings(trial, ramp.rate, rate, rise)
    judge_readings(trial, ramp.jump, jump, rise)
    if ramp.nonlinearity:
        judge_readings(trial, ramp.nonlinearity, linear, rise)
