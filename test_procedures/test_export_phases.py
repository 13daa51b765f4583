"""Export limits of a three-phase inverter beside loads that differ from phase to phase.

The limit is that of the sum of the phases; what each of them feeds into the grid is noted.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_case, note_phases
from bench.trials.trial import Trial


@pytest.mark.requirement("export_phases")
def test_export_phases(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_case(trial, requirement, seen)
    note_phases(trial, requirement, seen)
