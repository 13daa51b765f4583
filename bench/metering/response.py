"""How an inverter responds to a staircase: does it reach the curve, when does it begin, when is it there?

What is expected at a level is an interval, in shares of the rated apparent power. The inverter measures the
stimulus with an error of its own that is one number during a trial, not one for each level: the error within
its accuracy with which the readings fit the curve best is granted to it, and with that one all are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from bench.metering.instant import Instant
from bench.metering.plateaus import Plateau
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular, scatter
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading

STEADY_S = 5.0
FIT_POINTS = 101

Interval = tuple[float, float]
Expected = Callable[[int, float], Interval]
"""Number of the plateau and sensing error of the inverter → interval of the response."""
Share = Callable[[Reading], float]
"""Reading → response as a share of the rated apparent power."""


@dataclass(frozen=True)
class ResponseRules:
    """How a response is measured; shares of the rated apparent power.

    Attributes:
        tolerance_pu: permitted deviation.
        commence_share: share of the expected change that counts as begun, at most twice the tolerance.
        sensing_error: largest error with which the inverter may measure the stimulus.
        clock_ppm: largest deviation of the analyser's clock.
        level_lines: what the analyser adds to the budget of a deviation on a plateau, in %.
        rise_lines: what it adds to the budget of a rise of power, in %; empty where none is measured.
    """

    tolerance_pu: float
    commence_share: float
    sensing_error: float
    clock_ppm: float
    level_lines: Callable[[Plateau], Sequence[BudgetLine]]
    rise_lines: tuple[BudgetLine, ...]


@dataclass(frozen=True)
class StepResponse:
    """What happened on one plateau.

    Attributes:
        expected: interval at the granted sensing error.
        deviation: of the steady response from that interval, positive above.
        timed: whether the expected change is at least twice the tolerance; less could be no change at all.
        begins: whether its beginning can be seen too: where an interval was permitted before, the response may
            be under way before it shows.
        commenced, completed: in the analyser's time base; None when it did not happen on this plateau.
    """

    plateau: Plateau
    steady: float
    expected: Interval
    deviation: float
    timed: bool
    begins: bool
    commenced: Instant | None
    completed: Instant | None

    @property
    def completion_s(self) -> float:
        """Time from the step to the completion; 0 without one."""
        return self.completed.best_s - self.plateau.began.best_s if self.completed else 0.0


@dataclass(frozen=True)
class Response:
    """A staircase as the inverter followed it, with its worst values as measurements."""

    sensing_error: float
    steps: tuple[StepResponse, ...]
    deviation: Measurement
    commencement: Measurement
    completion: Measurement


def steady(plateau: Plateau, share: Share) -> float:
    """Return the mean response over the end of a plateau."""
    return fmean(map(share, plateau.last(STEADY_S)))


def measure_response(
    plateaus: Sequence[Plateau], share: Share, expected: Expected, rules: ResponseRules
) -> Response:
    """Measure a response; the first plateau is only what was before.

    Raises:
        RecordingError: no step of this staircase changes the expected response enough to be timed.
    """
    levels = [steady(plateau, share) for plateau in plateaus]
    error = fit_sensing_error(levels, expected, rules.sensing_error)
    steps = tuple(
        _step_response(number, plateaus, levels, share, (expected, error), rules)
        for number in range(1, len(plateaus))
    )
    timed = [step for step in steps if step.timed]
    begun = [step for step in timed if step.begins]
    if not begun:
        raise RecordingError(
            "no step of the staircase changes the expected response beyond the tolerance"
        )
    return Response(
        error,
        steps,
        _deviation(max(steps, key=lambda step: abs(step.deviation)), share, rules),
        _worst_time("commencement", begun, lambda step: step.commenced, rules),
        _worst_time("completion", timed, lambda step: step.completed, rules),
    )


def fit_sensing_error(levels: Sequence[float], expected: Expected, largest: float) -> float:
    """Return the sensing error within ± largest that leaves the smallest of the largest deviations."""

    def worst(error: float) -> float:
        return max(
            abs(outside(levels[number], expected(number, error)))
            for number in range(1, len(levels))
        )

    half = FIT_POINTS // 2
    errors = [largest * step / half for step in range(-half, half + 1)]
    return min(errors, key=lambda error: (round(worst(error), 6), abs(error)))


def outside(value: float, interval: Interval) -> float:
    """Return how far a value lies above (positive) or below an interval, 0 inside."""
    low, high = interval
    return max(0.0, value - high) + min(0.0, value - low)


def _step_response(
    number: int,
    plateaus: Sequence[Plateau],
    levels: Sequence[float],
    share: Share,
    model: tuple[Expected, float],
    rules: ResponseRules,
) -> StepResponse:
    expected, error = model
    before, interval = expected(number - 1, error), expected(number, error)
    change = _change(before, interval)
    plateau, tolerance = plateaus[number], rules.tolerance_pu
    begun = min(2 * tolerance, rules.commence_share * abs(change))
    sign = 1.0 if change > 0 else -1.0
    return StepResponse(
        plateau,
        levels[number],
        interval,
        outside(levels[number], interval),
        abs(change) >= 2 * tolerance,
        abs(change) >= 2 * max(tolerance, before[1] - before[0]),
        _first(plateau, lambda r: sign * (share(r) - levels[number - 1]) >= begun),
        _since(plateau, lambda r: abs(outside(share(r), interval)) <= tolerance),
    )


def _change(before: Interval, after: Interval) -> float:
    """Return the smallest change that leads from one interval into the other, with its sign."""
    return max(0.0, after[0] - before[1]) - max(0.0, before[0] - after[1])


def _first(plateau: Plateau, condition: Callable[[Reading], bool]) -> Instant | None:
    """Return when a condition was first true."""
    for index, reading in enumerate(plateau.readings):
        if condition(reading):
            return _bracket(plateau, index)
    return None


def _since(plateau: Plateau, condition: Callable[[Reading], bool]) -> Instant | None:
    """Return since when a condition was true until the end."""
    index = len(plateau.readings)
    while index and condition(plateau.readings[index - 1]):
        index -= 1
    return _bracket(plateau, index) if index < len(plateau.readings) else None


def _bracket(plateau: Plateau, index: int) -> Instant:
    """Return the time since the window before reading `index`, or since the step."""
    if index == 0:
        return Instant.between(plateau.began.best_s, plateau.readings[0].end_s)
    before = plateau.readings[index - 1]
    earliest_s = max(plateau.began.best_s, before.end_s - before.window_s)
    return Instant.between(earliest_s, plateau.readings[index].end_s)


def _deviation(step: StepResponse, share: Share, rules: ResponseRules) -> Measurement:
    values = [share(reading) for reading in step.plateau.last(STEADY_S)]
    lines = [*rules.level_lines(step.plateau), scatter([100 * value for value in values], "%")]
    side = "above" if step.deviation > 0 else "below"
    return Measurement.of(
        f"largest deviation from the expected response ({side}, at {step.plateau.level:.2f})",
        100 * abs(step.deviation),
        "%",
        combine(lines),
        method=f"mean of the last {STEADY_S:g} s of each level against the curve at the measured level",
    )


def _worst_time(
    name: str,
    steps: Sequence[StepResponse],
    instant_of: Callable[[StepResponse], Instant | None],
    rules: ResponseRules,
) -> Measurement:
    """Return the longest time, "at least" the time a level was held when it did not happen there."""
    missing = [step for step in steps if instant_of(step) is None]
    if missing:
        step = max(missing, key=lambda step: step.plateau.held_s)
        end_s = step.plateau.readings[-1].end_s
        return _time(name, step, Instant(end_s, end_s, end_s), rules, censored=True)
    times = [(step, instant) for step in steps if (instant := instant_of(step))]
    step, instant = max(times, key=lambda item: item[1].best_s - item[0].plateau.began.best_s)
    return _time(name, step, instant, rules, censored=False)


def _time(
    name: str, step: StepResponse, instant: Instant, rules: ResponseRules, *, censored: bool
) -> Measurement:
    began = step.plateau.began
    value_s = instant.best_s - began.best_s
    lines = {
        "step of the stimulus, bracket of readings": began.half_width_s,
        f"{name}, bracket of readings": instant.half_width_s,
        f"analyser clock, {rules.clock_ppm:g} ppm": rules.clock_ppm * 1e-6 * value_s,
    }
    return Measurement.of(
        f"{name} of the response at {step.plateau.level:.2f}",
        value_s,
        "s",
        combine([BudgetLine(text, rectangular(half_s), "s") for text, half_s in lines.items()]),
        method="from the step to the averaging windows around the event, both in the analyser's time base",
        censored="at least" if censored else None,
    )


def apparent_leg(hypotenuse_pu: float, other_pu: float) -> float:
    """Return what a circle of apparent power leaves beside the other power."""
    return sqrt(max(0.0, hypotenuse_pu**2 - other_pu**2))
