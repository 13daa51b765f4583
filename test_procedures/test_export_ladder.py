"""Commanded limits of export and generation: ladders, steps, values that are odd or often renewed.

Each limit must be kept in time and for as long as it is in force, and no more may be curtailed than it asks.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_case
from bench.trials.trial import Trial


@pytest.mark.requirement("export_ladder")
def test_export_ladder(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_case(trial, requirement, seen)
