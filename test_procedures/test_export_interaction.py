"""Export limits beside other functions: volt-watt, a trip, the permission to connect.

The lower of two bounds counts, and a limit holds from the first watt after a reconnection.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_case
from bench.trials.campaign import Campaign
from bench.trials.trial import Trial


@pytest.mark.requirement("export_interaction")
def test_export_interaction(trial: Trial, requirement: Requirement, campaign: Campaign) -> None:
    volt_watt = campaign.inputs.grid_code.only("volt_watt")
    seen = carry_out(trial, requirement, volt_watt)
    judge_case(trial, requirement, seen)
