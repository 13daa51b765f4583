"""Sustained operation for over-frequency (AS/NZS 4777.2:2020, 4.5.3).

The frequency rises in four steps: active power must fall from what it was at the crossing, in proportion. Then
the frequency falls, first inside the range of the response, then inside its hysteresis: power must stay at its
lowest. At last it returns to where the response ends: power must not rise before the dwell, nor faster than its
rate. An inverter that disconnects delivers nothing and is off the line. With storage power is at nothing at the
transition already, and charging rises beyond it.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.grid_code.storage_responses import over_frequency
from bench.manoeuvres.response import judge_response
from bench.manoeuvres.watching import climb
from bench.programs.staircases import over_frequency_staircase
from bench.trials.trial import Trial


@pytest.mark.requirement("frequency_watt")
def test_frequency_watt(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    stimulus = over_frequency_staircase(requirement, trial.method)
    judge_response(
        trial, stimulus, climb(trial, stimulus), over_frequency(trial.storage_pu), requirement
    )
