"""Volt-watt response (AS/NZS 4777.2:2020, 3.3.2 and Table 3.6).

Both voltage responses stay as the inverter has them. Five steps up from VW1 to 1 V below VW2, five down, then
the same in one step, each held. Active power must follow the curve at the measured voltage, in time: never
above it, nor below it as far as power is available and the reactive power leaves room.
"""

import pytest

from bench.grid_code.expectations import VOLT_WATT
from bench.grid_code.profile import Requirement
from bench.manoeuvres.response import judge_response
from bench.manoeuvres.watching import climb
from bench.programs.staircases import volt_watt_staircase
from bench.trials.trial import Trial


@pytest.mark.requirement("volt_watt")
def test_volt_watt(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    stimulus = volt_watt_staircase(requirement, trial.method)
    judge_response(trial, stimulus, climb(trial, stimulus), VOLT_WATT, requirement)
