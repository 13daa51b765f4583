"""The rise of power when an export limit is lifted or raised.

Power must come back, not faster than the gradient permits, and never go beyond the new limit.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_case, judge_rise
from bench.trials.trial import Trial


@pytest.mark.requirement("export_ramp")
def test_export_ramp(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_case(trial, requirement, seen)
    judge_rise(trial, requirement, seen)
