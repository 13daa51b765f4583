"""The order of trials that waits least for the inverter. Pure.

Which state a trial needs and which one it leaves is in its course; waiting is what lies between. A trial that
waits for nothing comes where it leaves more than it finds, all others where there is something to find: good to
within one observation time of the best order.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.courses import Course, Leaves, PlannedItem, course_of, settling
from bench.profile import GridCode

USEFULNESS = {Leaves.DISCONNECTED: 0, Leaves.CONNECTED: 1, Leaves.AT_POWER: 2}
UNKNOWN = Course((), Leaves.DISCONNECTED)
"""What is assumed of a trial whose course is not described."""


def ordered(items: Sequence[PlannedItem], grid_code: GridCode) -> list[PlannedItem]:
    """Return the items in the order they should run; equals keep the order they came in."""
    waiting = [(item, course_of(item, grid_code) or UNKNOWN) for item in items]
    chosen: list[PlannedItem] = []
    state = Leaves.DISCONNECTED
    while waiting:
        ranks = [_rank(course, state) for _, course in waiting]
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


def _rank(course: Course, state: Leaves) -> tuple[bool, bool, int]:
    """Return the turn of a trial after a state: those that improve it, those that use it, the rest."""
    improves = not course.settles and USEFULNESS[course.leaves] > USEFULNESS[state]
    return not improves, not course.settles, -USEFULNESS[course.leaves]
