"""Sustained operation for under-frequency with storage (AS/NZS 4777.2:2020, 4.5.3).

The inverter charges with its rated power. The frequency falls in four steps: charging must fall in proportion
and end at the transition, then generation must rise to the most the inverter can deliver, which was measured
before it was told to charge. How and when the response ends is not established, and not judged.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.grid_code.storage_responses import under_frequency
from bench.manoeuvres.commanding import charge, commanding, steady_power_w
from bench.manoeuvres.response import judge_response
from bench.manoeuvres.watching import climb
from bench.programs.staircases import under_frequency_staircase
from bench.trials.trial import Trial
from instruments.interfaces import ControlMode


@pytest.mark.requirement("frequency_watt_storage")
def test_frequency_watt_storage(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    full_pu = steady_power_w(trial) / trial.rated_power_w
    stimulus = under_frequency_staircase(requirement, trial.method)
    with commanding(trial, ControlMode.ACTIVE_POWER) as controls:
        charge(trial, controls)
        watched = climb(trial, stimulus)
    kind = under_frequency(trial.storage_pu, full_pu)
    judge_response(trial, stimulus, watched, kind, requirement)
