"""Power quality (AS/NZS 4777.2:2020, section 2, numbers unverified): harmonics, direct current, balance.

The grid stays nominal. At each level of power that the grid code asks for and the bench can set, a record of
the currents is taken apart: harmonic orders against the limit of their band, the distortion at full power, and
the direct current. The balance of the phases is judged at full power. The displacement factor is on record.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.power_levels import FULL_PCT, lower_levels
from bench.manoeuvres.power_quality import (
    judge_balance,
    judge_direct_current,
    judge_harmonics,
    record_components,
)
from bench.trials.trial import Trial


@pytest.mark.requirement("harmonic_current", "direct_current")
def test_power_quality(trial: Trial, requirement: Requirement, direct_current: Requirement) -> None:
    trial.settle()
    judge_currents(trial, requirement, direct_current, FULL_PCT)
    with lower_levels(trial, requirement) as levels:
        for level in levels:
            judge_currents(trial, requirement, direct_current, level)


def judge_currents(
    trial: Trial, requirement: Requirement, direct_current: Requirement, level: float
) -> None:
    components = record_components(trial, requirement.number("record"))
    judge_harmonics(trial, components, requirement, level)
    judge_direct_current(trial, components, direct_current)


@pytest.mark.requirement("current_balance")
def test_current_balance(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    components = record_components(trial, requirement.number("record"))
    judge_balance(trial, components, requirement)
