"""Disturbance withstand (AS/NZS 4777.2:2020, clause number unverified).

Dips and swells, jumps of the phase angle and fast ramps of the frequency, all inside the region in which an
inverter must stay connected. Generation may pause; after dips and jumps it must be back in time.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.withstand import (
    judge_frequency_ramps,
    judge_phase_jump,
    judge_voltage_sequence,
)
from bench.programs.withstand_programs import frequency_ramps, phase_jump, voltage_sequence
from bench.trials.trial import Trial


@pytest.mark.requirement("voltage_withstand")
def test_voltage_withstand(trial: Trial, requirement: Requirement, phases: str) -> None:
    trial.settle()
    sequence = voltage_sequence(requirement, phases, trial.method)
    judge_voltage_sequence(trial, requirement, phases, sequence)


@pytest.mark.requirement("multiple_withstand")
def test_multiple_withstand(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    sequence = voltage_sequence(requirement, "all", trial.method)
    judge_voltage_sequence(trial, requirement, "all", sequence)


@pytest.mark.requirement("phase_jump_withstand")
def test_phase_jump_withstand(trial: Trial, requirement: Requirement, phases: str) -> None:
    trial.settle()
    judge_phase_jump(trial, requirement, phases, phase_jump(requirement, phases, trial.method))


@pytest.mark.requirement("frequency_ramp_withstand")
def test_frequency_ramp_withstand(trial: Trial, requirement: Requirement) -> None:
    trial.settle()
    judge_frequency_ramps(trial, requirement, frequency_ramps(requirement, trial.method))
