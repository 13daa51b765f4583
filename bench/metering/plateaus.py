"""The levels of a staircase as the analyser saw them.

When a step happened follows from the readings alone, in the analyser's time base.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from bench.metering.instant import Instant
from instruments.errors import RecordingError
from instruments.interfaces import Reading

SEEN_SHARE, HIDDEN_SHARE = 0.3, 0.4
"""Share of the smallest step that counts as a step, and share of a window that may hold one unnoticed."""

Quantity = Callable[[Reading], float]


def mean_voltage_v(reading: Reading) -> float:
    """Return the mean of the phase voltages."""
    return fmean(reading.voltages_v)


def frequency_hz(reading: Reading) -> float:
    """Return the frequency."""
    return reading.frequency_hz


@dataclass(frozen=True)
class Plateau:
    """One level of a staircase.

    Attributes:
        began: the step that leads to it, in the analyser's time base.
        level: measured mean of the stimulus.
        readings: those whose windows lie wholly on it, in order of time.
    """

    began: Instant
    level: float
    readings: tuple[Reading, ...]

    @property
    def held_s(self) -> float:
        """Time from the step to the last reading."""
        return self.readings[-1].end_s - self.began.best_s

    def last(self, duration_s: float) -> tuple[Reading, ...]:
        """Return the readings of the last seconds."""
        end_s = self.readings[-1].end_s
        return tuple(r for r in self.readings if r.end_s > end_s - duration_s)


def find_plateaus(
    readings: Sequence[Reading], quantity: Quantity, levels: Sequence[float]
) -> list[Plateau]:
    """Split readings at the steps of a staircase.

    Args:
        readings: in order of time; the first ones lie on the first level.
        levels: set levels in their order, each unlike the one before.

    Raises:
        RecordingError: the readings do not show these levels, so the source did not apply them.
    """
    smallest = min(abs(after - before) for before, after in pairwise(levels))
    steps = _steps(readings, quantity, SEEN_SHARE * smallest)
    if len(steps) != len(levels) - 1:
        raise RecordingError(
            f"the readings show {len(steps)} steps of {SEEN_SHARE * smallest:.3g} or more, the program has "
            f"{len(levels) - 1}; look at what the source applied"
        )
    bounds = [(0, 0), *steps, (len(readings), 0)]
    plateaus = [
        _plateau(readings, quantity, first, last, following)
        for (first, last), (following, _) in pairwise(bounds)
    ]
    _check_levels(plateaus, levels, 0.5 * smallest)
    return plateaus


def _steps(readings: Sequence[Reading], quantity: Quantity, seen: float) -> list[tuple[int, int]]:
    """Return first and last index of each run of readings that differ from the one before."""
    changed = [
        index
        for index, (before, after) in enumerate(pairwise(readings), 1)
        if abs(quantity(after) - quantity(before)) >= seen
    ]
    steps: list[tuple[int, int]] = []
    for index in changed:
        if steps and index == steps[-1][1] + 1:
            steps[-1] = (steps[-1][0], index)
        else:
            steps.append((index, index))
    return steps


def _plateau(
    readings: Sequence[Reading], quantity: Quantity, first: int, last: int, following: int
) -> Plateau:
    """Return the plateau whose step was seen at `first` and after which `following` differs.

    The window before a change that is seen may end with a little of the step, the last one of the change
    may begin with what was before.
    """
    whole = readings[last + 1 : following - 1] if first else readings[: following - 1]
    if not whole:
        raise RecordingError("two steps follow so closely that no reading lies between them")
    if first:
        earliest_s = readings[first - 1].end_s - HIDDEN_SHARE * readings[first - 1].window_s
        began = Instant.between(earliest_s, readings[first].end_s)
    else:
        start_s = readings[0].end_s - readings[0].window_s
        began = Instant(start_s, start_s, start_s)
    return Plateau(began, fmean(map(quantity, whole)), tuple(whole))


def _check_levels(plateaus: Sequence[Plateau], levels: Sequence[float], tolerance: float) -> None:
    for number, (plateau, level) in enumerate(zip(plateaus, levels, strict=True)):
        if abs(plateau.level - level) > tolerance:
            raise RecordingError(
                f"level {number} of the program is {level:g}, the analyser saw {plateau.level:.4g}; "
                f"expected to within {tolerance:.3g}"
            )
