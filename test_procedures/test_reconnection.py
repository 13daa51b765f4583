"""Reconnection (AS/NZS 4777.2:2020, clause number unverified): the window of voltage and frequency.

The inverter is disconnected by a deep dip. While the grid then stays beyond one edge of the window it must not
connect, and a short excursion beyond an edge must start the observation anew: in both cases the grid must have
been inside for the full time.
"""

import pytest

from bench.grid_code.profile import Requirement
from bench.manoeuvres.grid_loss import disconnect
from bench.manoeuvres.watching import judge_readings, show, watch
from bench.metering import measure_blocked_reconnection
from bench.plots.trips import window_plot
from bench.programs.stimulus import (
    blocked_program,
    interrupted_program,
    moments_of_reconnection,
    window_edge,
)
from bench.trials.campaign import Campaign
from bench.trials.trial import Trial
from bench.trials.watching import attentive, connected_inside
from instruments.interfaces import Stimulus

WINDOW_S = 0.2
EDGES = ("voltage_low", "voltage_high", "frequency_low", "frequency_high")


@pytest.mark.requirement("reconnection_window")
@pytest.mark.parametrize("edge", EDGES)
def test_reconnection_window(
    trial: Trial, requirement: Requirement, edge: str, campaign: Campaign
) -> None:
    window = campaign.inputs.grid_code.only("reconnection")
    judge_reconnection(
        trial, requirement, window, edge, blocked_program(window, edge, trial.method)
    )


@pytest.mark.requirement("reconnection_restart")
@pytest.mark.parametrize("edge", ("voltage_high", "frequency_high"))
def test_reconnection_restart(
    trial: Trial, requirement: Requirement, edge: str, campaign: Campaign
) -> None:
    window = campaign.inputs.grid_code.only("reconnection")
    program = interrupted_program(window, edge, trial.method)
    judge_reconnection(trial, requirement, window, edge, program)


def judge_reconnection(
    trial: Trial, requirement: Requirement, window: Requirement, edge: str, program: Stimulus
) -> None:
    disconnect(trial)
    limit = window_edge(window, edge)
    enough = connected_inside(trial.current_floor_a, limit)
    expected_s = moments_of_reconnection(program, window)
    watched = watch(trial, program, WINDOW_S, enough, attentive(expected_s, WINDOW_S))
    result = measure_blocked_reconnection(
        watched.readings,
        limit,
        current_floor_a=trial.current_floor_a,
        clock_ppm=watched.clock_ppm,
    )
    show(trial, watched, window_plot(watched, result, limit, requirement))
    least = requirement.limit("time inside the window", lower="observation_min")
    judge_readings(trial, result.waiting_time, least, watched)
