"""Static export limits: a rising sun, the edge of a cloud, a loss of the grid.

Whatever sun and grid do, power into the grid must stay under the limit that was set once.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_case
from bench.trials.trial import Trial


@pytest.mark.requirement("export_static")
def test_export_static(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_case(trial, requirement, seen)
