"""Sustained operation for frequency variations (AS/NZS 4777.2:2020, 4.5.3): stays connected inside the limits.

The frequency stays just inside each trip limit of Table 4.2, by the margin, for much longer than its trip would
take. The inverter may reduce its power, as its response asks, but must stay connected.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.watching import judge_readings, show, watch
from bench.metering.staying import measure_stay
from bench.plots.trips import stay_plot
from bench.programs.staircases import frequency_edges
from bench.trials.campaign import Campaign
from bench.trials.trial import Trial

WINDOW_S = 0.5


@pytest.mark.requirement("frequency_operation")
def test_frequency_operation(trial: Trial, requirement: Requirement, campaign: Campaign) -> None:
    trips = campaign.inputs.grid_code.of_kind("frequency_trip")
    trial.settle()
    stimulus = frequency_edges(requirement, trips, trial.method)
    watched = watch(trial, stimulus, WINDOW_S, lambda _: False)
    stay = measure_stay(
        watched.readings,
        levels_hz=[step.frequency_hz for step in stimulus.steps[1::2]],
        nominal_hz=trial.method.nominal_frequency_hz,
        current_floor_a=trial.current_floor_a,
        clock_ppm=watched.clock_ppm,
    )
    show(trial, watched, stay_plot(stay, requirement))
    judge_readings(trial, stay, requirement.limit("time connected", lower="hold"), watched)
