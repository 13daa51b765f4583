"""Power rate limit (AS/NZS 4777.2:2020, clause number unverified): after a connection, and after a cloud.

The inverter is disconnected by a deep dip, observes the nominal grid and connects again. Power must then rise
at the rate limit, along a straight line, without a jump at its start. Where the station has a PV source the sun
goes and comes back, too: power may fall with it, and must not rise faster than the rate limit.
"""

import pytest

from bench.grid_code.limits import ramp_limits, rise_limit
from bench.grid_code.profile import Requirement
from bench.manoeuvres.grid_loss import disconnect
from bench.manoeuvres.irradiance import sunrise
from bench.manoeuvres.watching import judge_readings, show, watch
from bench.metering import measure_ramp, measure_rise
from bench.plots.ramps import ramp_plot, rise_plot
from bench.programs.stimulus import ramp_program
from bench.trials.trial import Trial
from bench.trials.watching import risen

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
    show(trial, watched, ramp_plot(watched, ramp, trial.rated_power_w, requirement))
    rate, linear, jump = ramp_limits(requirement)
    judge_readings(trial, ramp.rate, rate, watched)
    judge_readings(trial, ramp.jump, jump, watched)
    if ramp.nonlinearity:
        judge_readings(trial, ramp.nonlinearity, linear, watched)


@pytest.mark.requirement("irradiance_ramp")
def test_power_rate_irradiance(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    low_share = requirement.number("irradiance_low") / 100
    watched = sunrise(trial, low_share, WINDOW_S, risen(trial.settled_power_w))
    show(trial, watched, rise_plot(watched, trial.rated_power_w, requirement))
    rate = measure_rise(
        watched.readings,
        rated_power_w=trial.rated_power_w,
        clock_ppm=watched.clock_ppm,
        power=trial.budget("active_power"),
    )
    judge_readings(trial, rate, rise_limit(requirement), watched)
