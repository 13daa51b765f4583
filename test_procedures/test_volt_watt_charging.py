"""Volt-watt response when charging storage (AS/NZS 4777.2:2020, 3.3.2 and Table 3.8).

The inverter charges with its rated power. Five steps down to where charging is most restricted, five up, then
the same in one step, each held. Power taken from the grid must follow the curve at the measured voltage, in
time: never above it, nor below it as far as the reactive power leaves room. Charging is negative power.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.grid_code.storage_responses import charging_volt_watt
from bench.manoeuvres.commanding import charge, commanding
from bench.manoeuvres.response import judge_response
from bench.manoeuvres.watching import climb
from bench.programs.staircases import charging_staircase
from bench.trials.trial import Trial
from instruments.interfaces import ControlMode


@pytest.mark.requirement("volt_watt_charging")
def test_volt_watt_charging(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    stimulus = charging_staircase(requirement, trial.method)
    with commanding(trial, ControlMode.ACTIVE_POWER) as controls:
        charge(trial, controls)
        watched = climb(trial, stimulus)
    judge_response(trial, stimulus, watched, charging_volt_watt(trial.storage_pu), requirement)
