"""Passive anti-islanding, frequency limits (AS/NZS 4777.2:2020 Table 4.2): trip time by step.

The frequency steps from nominal to beyond the threshold by a margin; the voltages stay. Both edges are judged,
on the end of the last current: above its continuous range an inverter reduces its power in any case, and
reduced is not disconnected.
"""

import pytest

from bench.limits import trip_limits
from bench.manoeuvres.clearing import clearing_time
from bench.profile import Requirement
from bench.stimulus import frequency_step
from bench.trial import Trial


@pytest.mark.requirement("frequency_trip")
def test_frequency_trip(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    recording = trial.apply(frequency_step(requirement, trial.method))
    clearing = clearing_time(trial, recording, "frequency_step", requirement)
    for limit in trip_limits(requirement):
        trial.judge(clearing.disconnect_time, limit)
