"""Export limits beside other functions: volt-watt, a trip, the permission to connect.

The lower of two bounds counts, and a limit holds from the first watt after a reconnection.
"""

import pytest

from bench.manoeuvres.export_limits import carry_out, judge_case
from bench.profile import Requirement
from bench.trial import Trial


@pytest.mark.requirement("export_interaction", "volt_watt")
def test_export_interaction(trial: Trial, requirement: Requirement, volt_watt: Requirement) -> None:
    seen = carry_out(trial, requirement, volt_watt)
    judge_case(trial, requirement, seen)
