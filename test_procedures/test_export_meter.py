"""The meter of the inverter fails while an export limit is in force.

Without its meter an inverter cannot know the export: it must fall back to what is safe without one.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_case
from bench.trials.trial import Trial


@pytest.mark.requirement("export_meter")
def test_export_meter(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_case(trial, requirement, seen)
