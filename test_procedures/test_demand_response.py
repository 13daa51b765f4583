"""Demand response modes (AS/NZS 4777.2:2020, 3.2, number unverified) at the inverter's own port.

DRM 0: the inverter must disconnect in time, and after the release observe the grid before it connects. DRM 5,
6 and 7: generation must be at or below the share of the mode once there was time to respond. DRM 1, 2 and 3:
the same of what charging storage consumes. Whatever happens, the port is released at the end.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.demand_response import (
    judge_charging,
    judge_disconnection,
    judge_level,
    judge_reconnection,
    release,
)
from bench.trials.trial import Trial


@pytest.mark.requirement("demand_response")
def test_demand_response(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    try:
        judge_disconnection(trial, requirement)
        judge_reconnection(trial, requirement)
    finally:
        release(trial)


@pytest.mark.requirement("demand_response_level")
def test_demand_response_level(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    try:
        judge_level(trial, requirement)
    finally:
        release(trial)


@pytest.mark.requirement("demand_response_charging")
def test_demand_response_charging(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    try:
        judge_charging(trial, requirement)
    finally:
        release(trial)
