"""Limits beside a changing load of the site.

Under an export limit generation follows the load; under a limit of generation it does not.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_case
from bench.trials.trial import Trial


@pytest.mark.requirement("export_load")
def test_export_load(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_case(trial, requirement, seen)
