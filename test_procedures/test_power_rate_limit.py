"""Power rate limit (AS/NZS 4777.2:2020, clause number unverified): the soft ramp after a connection.

The inverter is disconnected by a deep dip, observes the nominal grid and connects again. Power must then rise
at the rate limit, along a straight line, without a jump at its start.
"""

import pytest

from bench.limits import ramp_limits
from bench.manoeuvres.grid_loss import disconnect
from bench.manoeuvres.watching import judge_readings, show, watch
from bench.metering import measure_ramp
from bench.profile import Requirement
from bench.stimulus import ramp_program
from bench.trial import Trial
from bench.trial_plots import ramp_plot
from bench.watching import risen

WINDOW_S = 1.0


@pytest.mark.requirement("power_rate_limit")
def test_power_rate_limit(trial: Trial, requirement: Requirement) -> None:
    disconnect(trial)
    program = ramp_program(trial.method)
    watched = watch(trial, program, WINDOW_S, risen(trial.settled_power_w))
    ramp = measure_ramp(
        watched.readings,
        rated_power_w=trial.rated_power_w,
        current_floor_a=trial.current_floor_a,
        clock_ppm=watched.clock_ppm,
        power=trial.budget("active_power"),
    )
    show(trial, watched, ramp_plot(watched, ramp, requirement))
    rate, linear, jump = ramp_limits(requirement)
    judge_readings(trial, ramp.rate, rate, watched)
    judge_readings(trial, ramp.jump, jump, watched)
    if ramp.nonlinearity:
        judge_readings(trial, ramp.nonlinearity, linear, watched)
