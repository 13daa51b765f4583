"""Anti-islanding and reconnection (AS/NZS 4777.2:2020, 4.3 and the connection clause).

The contactor opens under load: the inverter must stop within the run-on time. Then the grid comes back and the
inverter must observe it for the full time before it connects again.
"""

import pytest

from bench.profile import Requirement
from bench.trial import Trial


@pytest.mark.requirement("anti_islanding", "reconnection")
def test_anti_islanding(trial: Trial, requirement: Requirement, reconnection: Requirement) -> None:
    trial.settle()
    recording = trial.lose_grid(requirement.number("run_on_max"))
    clearing = trial.clearing_time(recording, "current_stop", requirement)
    trial.judge(clearing.cease_time, requirement.limit("run-on time", upper="run_on_max"))

    trial.require_disconnected(clearing, reconnection)
    waiting = trial.return_grid(reconnection)
    trial.judge(waiting, reconnection.limit("observation time", lower="observation_min"))
