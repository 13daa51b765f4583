"""Passive anti-islanding, frequency limits (AS/NZS 4777.2:2020 Table 4.2); the voltages stay.

Trip time: the frequency steps from nominal to beyond the threshold by a margin. Both edges are judged,
on the end of the last current: above its continuous range an inverter reduces its power in any case, and
reduced is not disconnected.

Trip value and ride-through: as for the voltage limits.
"""

import pytest

from bench.grid_code.limits import trip_limits
from bench.grid_code.profile import Requirement
from bench.manoeuvres.clearing import clearing_time
from bench.manoeuvres.trip_limits import judge_ride_through, judge_trip_value
from bench.programs.stimulus import frequency_step
from bench.programs.trip_programs import ride_through, trip_stairs
from bench.trials.campaign import Campaign
from bench.trials.trial import Trial


@pytest.mark.requirement("frequency_trip")
def test_frequency_trip(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    recording = trial.apply(frequency_step(requirement, trial.method))
    clearing = clearing_time(trial, recording, "frequency_step", requirement)
    for limit in trip_limits(requirement):
        trial.judge(clearing.disconnect_time, limit)


@pytest.mark.requirement("frequency_trip")
def test_frequency_trip_value(trial: Trial, requirement: Requirement, campaign: Campaign) -> None:
    rows = campaign.inputs.grid_code.requirements
    stairs = trip_stairs(requirement, "all", trial.method, rows)
    trial.settle()
    judge_trip_value(trial, requirement, "all", stairs)


@pytest.mark.requirement("frequency_trip")
def test_frequency_ride_through(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    judge_ride_through(trial, requirement, "all", ride_through(requirement, "all", trial.method))
