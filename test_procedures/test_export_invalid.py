"""Commands that no controller should send.

Refused or not, they must neither lift the limit in force nor make power jump. What was answered is noted.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_case
from bench.trials.trial import Trial


@pytest.mark.requirement("export_invalid")
def test_export_invalid(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_case(trial, requirement, seen)
