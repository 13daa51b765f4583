"""Export limits of a three-phase inverter beside loads that differ from phase to phase.

The limit is that of the sum of the phases.
"""

import pytest

from bench.manoeuvres.export_limits import carry_out, judge_case
from bench.profile import Requirement
from bench.trial import Trial


@pytest.mark.requirement("export_phases")
def test_export_phases(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_case(trial, requirement, seen)
