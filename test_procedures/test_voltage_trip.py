"""Passive anti-islanding, voltage limits (AS/NZS 4777.2:2020 Table 4.1): trip time by step.

The grid steps from nominal to beyond the threshold by the inverter's voltage tolerance plus a margin, on each
phase alone and on all together. Two edges are judged: the inverter must not trip before the delay and must
be disconnected after the maximum time.
"""

import pytest

from bench.limits import trip_limits
from bench.manoeuvres.clearing import clearing_time
from bench.profile import Requirement
from bench.stimulus import voltage_step
from bench.trial import Trial


@pytest.mark.requirement("voltage_trip")
def test_voltage_trip(trial: Trial, requirement: Requirement, phases: str) -> None:
    trial.settle()
    recording = trial.apply(voltage_step(requirement, phases, trial.method))
    clearing = clearing_time(trial, recording, "voltage_step", requirement)
    for limit in trip_limits(requirement):
        trial.judge(clearing.disconnect_time, limit)
