"""Passive anti-islanding, voltage limits (AS/NZS 4777.2:2020 Table 4.1), on each phase alone and on all.

Trip time: the grid steps from nominal to beyond the threshold by the inverter's voltage tolerance plus a
margin. Two edges are judged: the inverter must not trip before the delay and must be disconnected after the
maximum time.

Trip value: the grid goes in small stairs through the threshold, each held for longer than the maximum time.

Ride-through: nine tenths of the delay beyond the threshold, then three times the maximum time near it on the
safe side. The inverter must stay connected.
"""

import pytest

from bench.grid_code.limits import trip_limits
from bench.grid_code.profile import Requirement
from bench.manoeuvres.clearing import clearing_time
from bench.manoeuvres.trip_limits import judge_ride_through, judge_trip_value
from bench.programs.stimulus import voltage_step
from bench.programs.trip_programs import ride_through, trip_stairs
from bench.trials.campaign import Campaign
from bench.trials.trial import Trial


@pytest.mark.requirement("voltage_trip")
def test_voltage_trip(trial: Trial, requirement: Requirement, phases: str) -> None:
    trial.settle()
    recording = trial.apply(voltage_step(requirement, phases, trial.method))
    clearing = clearing_time(trial, recording, "voltage_step", requirement)
    for limit in trip_limits(requirement):
        trial.judge(clearing.disconnect_time, limit)


@pytest.mark.requirement("voltage_trip")
def test_voltage_trip_value(
    trial: Trial, requirement: Requirement, phases: str, campaign: Campaign
) -> None:
    rows = campaign.inputs.grid_code.requirements
    stairs = trip_stairs(requirement, phases, trial.method, rows)
    trial.settle()
    judge_trip_value(trial, requirement, phases, stairs)


@pytest.mark.requirement("voltage_trip")
def test_voltage_ride_through(trial: Trial, requirement: Requirement, phases: str) -> None:
    trial.settle()
    judge_ride_through(trial, requirement, phases, ride_through(requirement, phases, trial.method))
