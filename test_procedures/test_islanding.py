"""Active anti-islanding at a matched load (AS/NZS 4777.2:2020, 4.3, by the method of IEC 62116).

At the power of each condition, which the PV source sets, the load is tuned until next to nothing flows through
the grid contactor. Then the contactor opens, at that balance and at small offsets of active and reactive
power. The longest time for which the inverter feeds an island is judged.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.islanding import make_islands
from bench.programs.islanding import worst_island
from bench.trials.trial import Trial


@pytest.mark.requirement("islanding")
def test_islanding(trial: Trial, requirement: Requirement) -> None:
    islands = make_islands(trial, requirement)
    worst = worst_island(islands)
    trial.evidence.note(
        f"{requirement.id}: longest of {len(islands)} islands at {worst.offset}: {worst.run_on}"
    )
    trial.judge(worst.run_on, requirement.limit("longest run-on time", upper="run_on_max"))
