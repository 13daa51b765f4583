"""Settings and their security (AS/NZS 4777.2:2020, 3.5, number unverified).

The inverter's own report is what is measured here, and only here: the region it is set to, every setting the
grid code states, and whether a write without authorisation changes anything. Nothing stays changed.
"""

import pytest

from bench.grid_code.applicability import inapplicable
from bench.grid_code.profile import Requirement
from bench.manoeuvres.settings import judge_lock, judge_region, judge_settings
from bench.trials.campaign import Campaign
from bench.trials.trial import Trial


@pytest.mark.requirement("region_setting")
def test_region_setting(trial: Trial, requirement: Requirement, campaign: Campaign) -> None:
    judge_region(trial, requirement, campaign.inputs.grid_code.region_code)


@pytest.mark.requirement("settings")
def test_settings(trial: Trial, requirement: Requirement, campaign: Campaign) -> None:
    inverter, rows = campaign.inputs.inverter, campaign.inputs.grid_code.requirements
    judge_settings(trial, requirement, [row for row in rows if not inapplicable(row, inverter)])


@pytest.mark.requirement("settings_lock")
def test_settings_lock(trial: Trial, requirement: Requirement) -> None:
    judge_lock(trial, requirement)
