"""Export limits of the grid code, soft and hard, and its hard generation limit (AS/NZS 4777.2:2020, section 6).

Soft: power into the grid must be at or under the limit in time when it is commanded, and again when a load of
the site goes away. Hard: the inverter must disconnect in time when power into the grid, or its own, is beyond
the limit. The limits of networks are judged by the cases of a regime.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.export_limits import carry_out, judge_case, judge_disconnection
from bench.trials.trial import Trial


@pytest.mark.requirement("export_limit")
def test_export_limit(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_case(trial, requirement, seen)


@pytest.mark.requirement("export_limit_hard")
def test_export_limit_hard(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_disconnection(trial, requirement, seen)


@pytest.mark.requirement("generation_limit_hard")
def test_generation_limit_hard(trial: Trial, requirement: Requirement) -> None:
    seen = carry_out(trial, requirement)
    judge_disconnection(trial, requirement, seen)
