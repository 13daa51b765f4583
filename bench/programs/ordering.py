"""The order of trials that waits least for the inverter. Pure.

Which state a trial needs and which one it leaves is in its course; waiting is what lies between. A trial that
waits for nothing comes where it leaves more than it finds, unless enough others are left to use both.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.grid_code.profile import GridCode
from bench.programs.courses import Course, Leaves, PlannedItem, course_of, settling

USEFULNESS = {Leaves.DISCONNECTED: 0, Leaves.CONNECTED: 1, Leaves.AT_POWER: 2}
UNKNOWN = Course((), Leaves.DISCONNECTED)
"""What is assumed of a trial whose course is not described."""


def ordered(items: Sequence[PlannedItem], grid_code: GridCode) -> list[PlannedItem]:
    """Return the items in the order they should run; equals keep the order they came in."""
    waiting = [(item, course_of(item, grid_code) or UNKNOWN) for item in items]
    chosen: list[PlannedItem] = []
    state = Leaves.DISCONNECTED
    while waiting:
        ranks = _ranks([course for _, course in waiting], state)
        item, course = waiting.pop(ranks.index(min(ranks)))
        chosen.append(item)
        state = course.leaves
    return chosen


def waiting_s(items: Sequence[PlannedItem], grid_code: GridCode) -> float:
    """Return how long an order waits for the inverter between its trials."""
    courses = [course_of(item, grid_code) or UNKNOWN for item in items]
    states = [Leaves.DISCONNECTED, *(course.leaves for course in courses)]
    waits_s = {state: settling(grid_code, state).duration_s for state in Leaves}
    return sum(
        course.settles * waits_s[state] for state, course in zip(states, courses, strict=False)
    )


def _ranks(courses: Sequence[Course], state: Leaves) -> list[tuple[bool, bool, int]]:
    """Return the turn of each trial after a state, lowest first."""
    found = USEFULNESS[state]
    improve = [not course.settles and USEFULNESS[course.leaves] > found for course in courses]
    use = [course.settles for course in courses]
    first = use if found and sum(use) > sum(improve) else improve
    return [
        (not comes_first, not course.settles, -USEFULNESS[course.leaves])
        for comes_first, course in zip(first, courses, strict=True)
    ]
