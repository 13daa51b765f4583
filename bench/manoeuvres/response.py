"""How the inverter followed a staircase, measured, shown and judged."""

from __future__ import annotations

from bench.grid_code.expectations import ResponseKind
from bench.grid_code.profile import Requirement
from bench.plots.responses import response_plane, response_plot
from bench.trials.following import MeteringLimits, follow
from bench.trials.trial import Trial
from bench.trials.watching import Watched
from instruments.interfaces import Stimulus


def judge_response(
    trial: Trial, stimulus: Stimulus, watched: Watched, kind: ResponseKind, requirement: Requirement
) -> None:
    """Measure the response to a staircase and judge everything the requirement asks of it."""
    instrument = MeteringLimits(trial.budget, trial.clock_ppm, trial.rated_power_w)
    followed = follow(stimulus, watched.readings, kind, requirement, instrument)
    trial.evidence.plotted(watched.file, response_plot(followed, watched, requirement))
    trial.evidence.plotted(watched.file, response_plane(followed, requirement))
    for line in followed.table():
        trial.evidence.note(f"{requirement.id}: {line}")
    for measurement, limit in followed.judgements:
        trial.judge(trial.measured(measurement, watched.file), limit)
