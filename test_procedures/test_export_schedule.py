"""Limits of export that a utility server tells the site over IEEE 2030.5 (CSIP-AUS).

Schedules, defaults, outages. The server is the bench's own; the site has a client, in the inverter or in a
gateway. What the site exports decides.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.scheduled_limits import carry_out_schedule, judge_schedule
from bench.trials.trial import Trial


@pytest.mark.requirement("export_schedule")
def test_export_schedule(trial: Trial, requirement: Requirement) -> None:
    told = carry_out_schedule(trial, requirement)
    judge_schedule(trial, requirement, told)
