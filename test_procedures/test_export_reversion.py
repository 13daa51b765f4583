"""A commanded limit that nobody renews: when it reverts, and to what.

The time counts from the last write that was acknowledged.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_case, judge_reversion
from bench.trials.trial import Trial


@pytest.mark.requirement("export_reversion")
def test_export_reversion(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_case(trial, requirement, seen)
    judge_reversion(trial, requirement, seen)
