"""Compile grid steps into the points of a LIST transient (level, slew and dwell per point)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from instruments.interfaces import GridStep, PhaseValues


@dataclass(frozen=True)
class ListPoint:
    """One point: go to the levels with the slews, then stay until the dwell has passed."""

    voltages_v: PhaseValues
    frequency_hz: float
    voltage_slews_v_per_s: PhaseValues
    frequency_slew_hz_per_s: float
    dwell_s: float


def compile_points(
    before: GridStep, steps: Sequence[GridStep], step_slew: float
) -> Iterator[ListPoint]:
    """Yield list points for steps that follow on `before`.

    A ramp becomes a point with a finite slew and, so that a rounded slew leaves no error behind, a
    second point at the target. `step_slew` stands for "as fast as the source can".
    """
    for step in steps:
        if step.ramp_s > 0:
            yield _ramp_point(before, step, step_slew)
        if step.hold_s > 0:
            fastest = (step_slew, step_slew, step_slew)
            yield ListPoint(step.voltages_v, step.frequency_hz, fastest, step_slew, step.hold_s)
        before = step


def _ramp_point(before: GridStep, step: GridStep, step_slew: float) -> ListPoint:
    def slew(start: float, end: float) -> float:
        return abs(end - start) / step.ramp_s or step_slew

    a, b, c = map(slew, before.voltages_v, step.voltages_v)
    return ListPoint(
        step.voltages_v,
        step.frequency_hz,
        (a, b, c),
        slew(before.frequency_hz, step.frequency_hz),
        step.ramp_s,
    )
