"""How a case of an export limit goes when the inverter complies. Pure."""

from __future__ import annotations

from bench.export_limits.schedule import LEAD_S
from bench.export_limits.wording import step_name
from bench.grid_code.profile import GridCode
from bench.programs.course import Course, Leaves, PlannedItem, Stage
from bench.programs.stimulus import nominal_step

MOST_STAGES = 10
SCHEDULED = "export_schedule"
LEAD = Stage("a utility server opens; its client reads the schedule", LEAD_S)


def case_course(item: PlannedItem, grid_code: GridCode) -> Course:
    """Return one stage for each step of the case; a limit leaves the inverter with less than full power."""
    case = item.requirements[0].case
    assert case is not None
    nominal = nominal_step(grid_code.method)
    lead = [LEAD] if case.family == SCHEDULED else []
    stages = [
        Stage(step_name(step), step.hold_s + step.sun_over_s, (nominal,)) for step in case.steps
    ]
    if len(stages) > MOST_STAGES:
        what = f"{len(stages)} steps, from “{stages[0].what}” to “{stages[-1].what}”"
        stages = [Stage(what, case.duration_s, (nominal,))]
    hard = any("hard" in name for step in case.steps for name in step.commands)
    away = any(step.service is not None for step in case.steps[-1:])
    return Course((*lead, *stages), Leaves.DISCONNECTED if hard or away else Leaves.CONNECTED)
