"""Volt-var response, together with volt-watt (AS/NZS 4777.2:2020, 3.3.2 and Table 3.7).

From VV3 to VV4 and back, from VV2 to VV1 and back, five steps each, then one step to the top of the volt-watt
curve, all at full power. Reactive power, positive when supplied, must follow the curve at the measured voltage
and has priority: active power gives way. Where volt-watt has lowered the active power, what Figure 2.1 asks an
inverter to be capable of is enough. Active power must keep to the volt-watt curve all the while.
"""

import pytest

from bench.grid_code.expectations import VOLT_VAR, VOLT_WATT
from bench.grid_code.profile import Requirement
from bench.manoeuvres.response import judge_response
from bench.manoeuvres.watching import climb
from bench.programs.staircases import volt_var_staircase
from bench.trials.trial import Trial


@pytest.mark.requirement("volt_var", "volt_watt")
def test_volt_var(trial: Trial, requirement: Requirement, volt_watt: Requirement) -> None:
    trial.settle()
    stimulus = volt_var_staircase(requirement, volt_watt, trial.method)
    watched = climb(trial, stimulus)
    for kind, row in ((VOLT_VAR, requirement), (VOLT_WATT, volt_watt)):
        judge_response(trial, stimulus, watched, kind, row)
