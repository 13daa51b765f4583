"""Anti-islanding and reconnection (AS/NZS 4777.2:2020, 4.3 and the connection clause).

The contactor opens under load, so far from balance that the grid's current shows when: the inverter must stop
within the run-on time. Then the grid comes back and the inverter must observe it for the full time before it
connects again. The matched loads of IEC 62116 are the subject of `test_islanding`.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.clearing import clearing_time
from bench.manoeuvres.grid_loss import lose_grid, require_disconnected, return_grid
from bench.manoeuvres.islanding import fixed_load
from bench.trials.trial import Trial

LOAD_SHARE = 0.92
QUALITY_FACTOR = 1.0


@pytest.mark.requirement("anti_islanding", "reconnection")
def test_anti_islanding(trial: Trial, requirement: Requirement, reconnection: Requirement) -> None:
    trial.settle()
    fixed_load(trial, LOAD_SHARE, QUALITY_FACTOR)
    recording = lose_grid(trial, requirement.number("run_on_max"))
    clearing = clearing_time(trial, recording, "current_stop", requirement)
    trial.judge(clearing.cease_time, requirement.limit("run-on time", upper="run_on_max"))

    require_disconnected(trial, clearing, reconnection)
    waiting = return_grid(trial, reconnection)
    trial.judge(waiting, reconnection.limit("observation time", lower="observation_min"))
