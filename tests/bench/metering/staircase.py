"""What an analyser shows of a staircase that an inverter follows with a first-order lag, from a known truth."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp

from bench.programs.staircases import reading_times_s
from instruments.interfaces import GridStep, Reading, Stimulus

WINDOW_S = 0.1
ORIGIN_S = 5000.0
RATED_VA = 10_000.0
POINTS = 10

Truth = Callable[[float], float]
"""Seconds from the start of the program → value."""


@dataclass(frozen=True)
class Follower:
    """First-order response to a target that steps; `dead_s` passes before it begins to follow."""

    starts_s: Sequence[float]
    targets: Sequence[float]
    tau_s: float
    dead_s: float = 0.0

    def __call__(self, time_s: float) -> float:
        value = since = self.targets[0]
        begun_s = 0.0
        goal = value
        for start_s, target in zip(self.starts_s[1:], self.targets[1:], strict=True):
            if time_s < start_s + self.dead_s:
                break
            since = goal + (since - goal) * exp(-(start_s + self.dead_s - begun_s) / self.tau_s)
            begun_s, goal = start_s + self.dead_s, target
        return goal + (since - goal) * exp(-(time_s - begun_s) / self.tau_s)


def starts_s(stimulus: Stimulus) -> list[float]:
    """Return when each step of a program begins."""
    starts = [0.0]
    for step in stimulus.steps[:-1]:
        starts.append(starts[-1] + step.duration_s)
    return starts


def stepwise(stimulus: Stimulus, values: Sequence[float]) -> Truth:
    """Return a value that holds over each step of a program."""
    starts = starts_s(stimulus)

    def truth(time_s: float) -> float:
        return values[max(0, bisect_right(starts, time_s) - 1)]

    return truth


def volt_steps(*levels_v: float, hold_s: float = 20.0) -> Stimulus:
    """Return a program of voltages, with the slack of the last step."""
    holds = [hold_s] * (len(levels_v) - 1) + [hold_s + 5.0]
    steps = (GridStep((v, v, v), 50.0, hold) for v, hold in zip(levels_v, holds, strict=True))
    return Stimulus("levels", tuple(steps))


def seen(
    stimulus: Stimulus, active: Truth, reactive: Truth = lambda _: 0.0, late_s: float = 0.137
) -> list[Reading]:
    """Return the readings over a program; windows average the truth, `late_s` after the dense times."""
    voltage = stepwise(stimulus, [step.voltages_v[0] for step in stimulus.steps])
    frequency = stepwise(stimulus, [step.frequency_hz for step in stimulus.steps])
    return [
        _reading(time_s + late_s, voltage, frequency, active, reactive)
        for time_s in reading_times_s(stimulus)
    ]


def _reading(end_s: float, *truths: Truth) -> Reading:
    times_s = [end_s - WINDOW_S * (number + 0.5) / POINTS for number in range(POINTS)]
    voltage, frequency, active, reactive = (
        sum(truth(time_s) for time_s in times_s) / POINTS for truth in truths
    )
    third_w, third_var = active * RATED_VA / 3, reactive * RATED_VA / 3
    return Reading(
        ORIGIN_S + end_s,
        WINDOW_S,
        (voltage,) * 3,
        (1.0,) * 3,
        (third_w,) * 3,
        frequency,
        0.0,
        0.0,
        (third_var,) * 3,
    )
