"""Hard limits of a regime: exceeded, they disconnect the inverter.

The limit is exceeded because a load at the site goes away.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_disconnection
from bench.trials.trial import Trial


@pytest.mark.requirement("export_hard")
def test_export_hard(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_disconnection(trial, requirement, seen)
