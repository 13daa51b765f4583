"""Sustained operation for voltage variations (AS/NZS 4777.2:2020, 4.5.2): the ten-minute mean.

A short excursion beyond the limit, a whole window at nominal, then a lasting rise: on each phase alone, on all.
The excursion must not end generation. In the rise the inverter must cease once the rolling mean has crossed the
limit: not before it is inside the tolerance of the inverter's own measurement, and no later than the permitted
time after it has left it. The volt-watt response reduces power meanwhile, as it should.
"""

import pytest

from bench.grid_code.limits import sustained_limits, undisturbed_limit
from bench.grid_code.profile import Requirement
from bench.manoeuvres.watching import judge_readings, show, watch
from bench.metering import measure_generation_time, measure_sustained_cease
from bench.plots.trips import sustained_plot
from bench.programs.stimulus import sustained_rise, undisturbed_s
from bench.trials.trial import Trial
from bench.trials.watching import MEAN_WINDOW_S, ceased


@pytest.mark.requirement("sustained_operation")
def test_sustained_operation(trial: Trial, requirement: Requirement, phases: str) -> None:
    trial.settle()
    stimulus = sustained_rise(requirement, phases, trial.method)
    watched = watch(trial, stimulus, MEAN_WINDOW_S, ceased(trial.power_floor_w))
    went_on = measure_generation_time(
        watched.readings,
        level_v=requirement.number("limit"),
        power_floor_w=trial.power_floor_w,
        clock_ppm=watched.clock_ppm,
    )
    means = measure_sustained_cease(
        watched.readings,
        averaging_s=requirement.number("averaging"),
        action_max_s=requirement.number("action_max"),
        power_floor_w=trial.power_floor_w,
        voltage=trial.budget("voltage"),
    )
    show(trial, watched, sustained_plot(watched, means, requirement))
    judge_readings(
        trial, went_on, undisturbed_limit(requirement, undisturbed_s(requirement)), watched
    )
    for mean, limit in zip(means.measurements, sustained_limits(requirement), strict=False):
        judge_readings(trial, mean, limit, watched)
