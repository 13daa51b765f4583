"""How each procedure goes when the inverter complies: what is applied, and for how long. Pure.

A procedure whose course is not described here is planned all the same; its duration is then not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bench.export_limits.case import FAMILIES
from bench.export_limits.courses import case_course
from bench.grid_code.profile import GridCode, Requirement, TestMethod
from bench.programs.course import Course, Leaves, PlannedItem, Stage
from bench.programs.islanding import first_offsets
from bench.programs.set_points import LEVEL_S, operating_points
from bench.programs.staircases import (
    charging_staircase,
    frequency_edges,
    over_frequency_staircase,
    under_frequency_staircase,
    volt_var_staircase,
    volt_watt_staircase,
)
from bench.programs.stimulus import (
    PRE_TRIGGER_S,
    blocked_program,
    disconnecting_dip,
    frequency_step,
    interrupted_program,
    nominal_step,
    sustained_rise,
    voltage_step,
    watched_s,
)
from bench.programs.trip_programs import is_voltage, ride_through, trip_stairs
from bench.programs.withstand_programs import frequency_ramps, phase_jump, voltage_sequence
from instruments.interfaces import GridStep, Stimulus

__all__ = ["COURSES", "Course", "Leaves", "PlannedItem", "Stage", "course_of", "settling"]

DARK_S = 30.0
CONNECTED_S = 1.0
"""How long the inverter is watched after it connected again."""


DEMAND_WATCHED_S = 8.0
"""How long a demand response mode is watched before it is asserted and after its response."""


def settling(grid_code: GridCode, state: Leaves) -> Stage:
    """Return the wait for full power: observation unless connected, then the ramp."""
    method = grid_code.method
    share = f"{method.settle_power_pu:.0%} of rated power"
    if state is Leaves.AT_POWER:
        return Stage(f"settle: still at {share}", 0.0, (nominal_step(method),))
    ramp_s = method.settle_power_pu * 60 / (grid_code.only("power_rate_limit").number("rate") / 100)
    observation_s = 0.0
    text = f"ramp to {share}"
    if state is Leaves.DISCONNECTED:
        observation_s = grid_code.only("reconnection").number("observation_min")
        text = f"{observation_s:g} s observation, {text}"
    wait_s = observation_s + ramp_s
    return Stage(f"settle: {text}", wait_s, (nominal_step(method, wait_s),))


def course_of(item: PlannedItem, grid_code: GridCode) -> Course | None:
    """Return how a trial goes after settling; None when its procedure is not described."""
    describe = COURSES.get(item.procedure)
    return describe(item, grid_code) if describe else None


def _voltage_trip(item: PlannedItem, grid_code: GridCode) -> Course:
    stimulus = voltage_step(item.requirements[0], item.phases or "all", grid_code.method)
    recorded_s = PRE_TRIGGER_S + stimulus.steps[-1].duration_s
    return Course((Stage(stimulus.name, recorded_s, stimulus.steps),), Leaves.DISCONNECTED)


def _anti_islanding(item: PlannedItem, grid_code: GridCode) -> Course:
    requirement, reconnection = item.requirements
    method, observation_s = grid_code.method, reconnection.number("observation_min")
    lost_s = PRE_TRIGGER_S + watched_s(requirement.number("run_on_max"), method)
    back_s = PRE_TRIGGER_S + observation_s + CONNECTED_S
    stages = (
        Stage("the contactor opens under load", lost_s),
        Stage(
            f"the contactor closes, {observation_s:g} s observation",
            back_s,
            (nominal_step(method, back_s),),
        ),
    )
    return Course(stages, Leaves.CONNECTED)


def _islanding(item: PlannedItem, grid_code: GridCode) -> Course:
    """The islands that are made in any case; before each the inverter observes the grid and ramps up."""
    requirement, method = item.requirements[0], grid_code.method
    observation_s = grid_code.only("reconnection").number("observation_min")
    rate_pu_per_min = grid_code.only("power_rate_limit").number("rate") / 100
    power_pu = min(1.0, requirement.number("power_max") / 100)
    again_s = observation_s + 60 * power_pu / rate_pu_per_min
    opened_s = requirement.number("run_on_max") + method.hold_after_limit_s
    count = len(first_offsets(requirement, item.islanding_plan))
    wait_s = count * (opened_s + again_s)
    what = f"{count} islands at a tuned load, the contactor opens and closes"
    stage = Stage(what, wait_s, (nominal_step(method, wait_s),))
    return Course((stage,), Leaves.DISCONNECTED, settles=False)


def _frequency_trip(item: PlannedItem, grid_code: GridCode) -> Course:
    stimulus = frequency_step(item.requirements[0], grid_code.method)
    recorded_s = PRE_TRIGGER_S + stimulus.steps[-1].duration_s
    return Course((Stage(stimulus.name, recorded_s, stimulus.steps),), Leaves.DISCONNECTED)


def _sustained_operation(item: PlannedItem, grid_code: GridCode) -> Course:
    """Generation ceases when the rolling mean of nominal voltage has risen to the limit."""
    requirement, method = item.requirements[0], grid_code.method
    stimulus = sustained_rise(requirement, item.phases or "all", method)
    *before, rise = stimulus.steps
    nominal_v, high_v = method.nominal_voltage_v, max(rise.voltages_v)
    share = (requirement.number("limit") - nominal_v) / (high_v - nominal_v)
    wait_s = _sum_s(before) + share * requirement.number("averaging")
    return Course((Stage(stimulus.name, wait_s, stimulus.steps),), Leaves.DISCONNECTED)


def _power_rate_limit(_: PlannedItem, grid_code: GridCode) -> Course:
    wait = settling(grid_code, Leaves.DISCONNECTED)
    return Course((_disconnection(grid_code), wait), Leaves.AT_POWER, settles=False)


def _power_rate_irradiance(item: PlannedItem, grid_code: GridCode) -> Course:
    requirement, method = item.requirements[0], grid_code.method
    low_pct, rate = requirement.number("irradiance_low"), requirement.number("rate_max")
    rise_s = 60 * (100 * method.settle_power_pu - low_pct) / rate
    what = f"irradiance down to {low_pct:g} % of full sun and back, power ramps up"
    return Course(
        (Stage(what, DARK_S + rise_s, (nominal_step(method, DARK_S + rise_s),)),), Leaves.AT_POWER
    )


def _reconnection(
    program: Callable[[Requirement, str, TestMethod], Stimulus],
) -> Callable[[PlannedItem, GridCode], Course]:
    def course(item: PlannedItem, grid_code: GridCode) -> Course:
        window = grid_code.only("reconnection")
        edge = item.name.rpartition("-")[2].rstrip("]")
        stimulus = program(window, edge, grid_code.method)
        wait_s = _sum_s(stimulus.steps[:-1]) + window.number("observation_min") + CONNECTED_S
        stages = (_disconnection(grid_code), Stage(stimulus.name, wait_s, stimulus.steps))
        return Course(stages, Leaves.CONNECTED, settles=False)

    return course


def _levels(item: PlannedItem, grid_code: GridCode) -> Course:
    requirement, method = item.requirements[0], grid_code.method
    levels = len(requirement.quantity("levels").values)
    recorded_s = levels * (PRE_TRIGGER_S + requirement.number("record"))
    wait_s = recorded_s + (levels - 1) * LEVEL_S
    stage = Stage(f"records at {levels} levels of power", wait_s, (nominal_step(method, wait_s),))
    return Course((stage,), Leaves.CONNECTED)


def _register_access(_: PlannedItem, __: GridCode) -> Course:
    return Course((Stage("read and write settings", 0.0),), Leaves.DISCONNECTED, settles=False)


def _steady_record(item: PlannedItem, grid_code: GridCode) -> Course:
    recorded_s = PRE_TRIGGER_S + item.requirements[0].number("record")
    stage = Stage("record at full power", recorded_s, (nominal_step(grid_code.method, recorded_s),))
    return Course((stage,), Leaves.AT_POWER)


def _demand_disconnection(item: PlannedItem, grid_code: GridCode) -> Course:
    (row,) = item.requirements
    method = grid_code.method
    recorded_s = PRE_TRIGGER_S + row.number("response_max") + method.hold_after_limit_s
    wait_s = row.number("reconnection_min") + CONNECTED_S
    stages = (
        Stage("DRM 0 is asserted", recorded_s, (nominal_step(method, recorded_s),)),
        Stage("DRM 0 is released, observation", wait_s, (nominal_step(method, wait_s),)),
    )
    return Course(stages, Leaves.CONNECTED)


def _demand_level(item: PlannedItem, grid_code: GridCode) -> Course:
    (row,) = item.requirements
    wait_s = row.number("response_max") + DEMAND_WATCHED_S
    stage = Stage(
        f"DRM {row.number('mode'):g} is asserted", wait_s, (nominal_step(grid_code.method, wait_s),)
    )
    return Course((stage,), Leaves.CONNECTED)


def _staircase(
    climb: Callable[..., Stimulus],
) -> Callable[[PlannedItem, GridCode], Course]:
    def course(item: PlannedItem, grid_code: GridCode) -> Course:
        stimulus = climb(*item.requirements, grid_code.method)
        stage = Stage(stimulus.name, _sum_s(stimulus.steps), stimulus.steps)
        return Course((stage,), Leaves.AT_POWER)

    return course


def _trip_value(item: PlannedItem, grid_code: GridCode) -> Course:
    """The inverter trips in the middle of the stairs, where its threshold is."""
    requirement, method = item.requirements[0], grid_code.method
    stairs = trip_stairs(requirement, item.phases or "all", method, grid_code.requirements)
    climbed = len(stairs.levels) // 2 + 1
    wait_s = stairs.stimulus.steps[0].hold_s + climbed * stairs.period_s
    stage = Stage(stairs.stimulus.name, wait_s, stairs.stimulus.steps)
    return Course((stage,), Leaves.DISCONNECTED)


def _ride_through(item: PlannedItem, grid_code: GridCode) -> Course:
    """Near its upper frequency limit an inverter has reduced its power, and ramps again."""
    requirement = item.requirements[0]
    stimulus = ride_through(requirement, item.phases or "all", grid_code.method).stimulus
    reduces = not is_voltage(requirement) and requirement.direction == "over"
    return _through(stimulus, Leaves.CONNECTED if reduces else Leaves.AT_POWER)


def _voltage_withstand(item: PlannedItem, grid_code: GridCode) -> Course:
    requirement, phases = item.requirements[0], item.phases or "all"
    sequence = voltage_sequence(requirement, phases, grid_code.method)
    return _through(sequence.stimulus, Leaves.AT_POWER)


def _phase_jump_withstand(item: PlannedItem, grid_code: GridCode) -> Course:
    jump = phase_jump(item.requirements[0], item.phases or "all", grid_code.method)
    return _through(jump.stimulus, Leaves.AT_POWER)


def _frequency_ramp_withstand(item: PlannedItem, grid_code: GridCode) -> Course:
    ramps = frequency_ramps(item.requirements[0], grid_code.method)
    return _through(ramps.stimulus, Leaves.CONNECTED)


def _through(stimulus: Stimulus, leaves: Leaves) -> Course:
    """Return the course of a program that is seen to its end."""
    stage = Stage(stimulus.name, PRE_TRIGGER_S + stimulus.duration_s, stimulus.steps)
    return Course((stage,), leaves)


def _frequency_operation(item: PlannedItem, grid_code: GridCode) -> Course:
    trips = grid_code.of_kind("frequency_trip")
    stimulus = frequency_edges(item.requirements[0], trips, grid_code.method)
    stage = Stage(stimulus.name, _sum_s(stimulus.steps), stimulus.steps)
    return Course((stage,), Leaves.CONNECTED)


def _set_points(name: str) -> Callable[[PlannedItem, GridCode], Course]:
    def course(item: PlannedItem, grid_code: GridCode) -> Course:
        points = operating_points(item.requirements[0], name)
        levels = len({point.power_pu for point in points})
        held_s = len(points) * item.requirements[0].number("hold") + (levels - 1) * LEVEL_S
        text = f"{len(points)} commanded set-points at {levels} powers"
        return Course((Stage(text, held_s, (nominal_step(grid_code.method),)),), Leaves.CONNECTED)

    return course


def _generation_limit(item: PlannedItem, grid_code: GridCode) -> Course:
    limit, rate = item.requirements
    count, nominal = len(limit.quantity("limits").values), nominal_step(grid_code.method)
    rise_s = grid_code.method.settle_power_pu * 60 / (rate.number("rate") / 100)
    stages = (
        Stage(f"{count} commanded limits", count * limit.number("hold"), (nominal,)),
        Stage("the limit is lifted", rise_s, (nominal,)),
    )
    return Course(stages, Leaves.AT_POWER)


def _charging(
    climb: Callable[[Requirement, TestMethod], Stimulus],
) -> Callable[[PlannedItem, GridCode], Course]:
    def course(item: PlannedItem, grid_code: GridCode) -> Course:
        stimulus = climb(item.requirements[0], grid_code.method)
        stages = (
            Stage("charge with the rated charging power", 0.0, (nominal_step(grid_code.method),)),
            Stage(stimulus.name, _sum_s(stimulus.steps), stimulus.steps),
        )
        return Course(stages, Leaves.CONNECTED)

    return course


def _disconnection(grid_code: GridCode) -> Stage:
    dip = disconnecting_dip(grid_code.method)
    return Stage("dip until the inverter has disconnected", dip.hold_s, (dip,))


def _sum_s(steps: Iterable[GridStep]) -> float:
    return sum(step.duration_s for step in steps)


COURSES: Mapping[str, Callable[[PlannedItem, GridCode], Course]] = {
    "voltage_trip": _voltage_trip,
    "voltage_trip_value": _trip_value,
    "voltage_ride_through": _ride_through,
    "frequency_trip": _frequency_trip,
    "frequency_trip_value": _trip_value,
    "frequency_ride_through": _ride_through,
    "voltage_withstand": _voltage_withstand,
    "multiple_withstand": _voltage_withstand,
    "phase_jump_withstand": _phase_jump_withstand,
    "frequency_ramp_withstand": _frequency_ramp_withstand,
    "anti_islanding": _anti_islanding,
    "islanding": _islanding,
    "sustained_operation": _sustained_operation,
    "power_rate_limit": _power_rate_limit,
    "power_rate_irradiance": _power_rate_irradiance,
    "reconnection_window": _reconnection(blocked_program),
    "reconnection_restart": _reconnection(interrupted_program),
    "power_quality": _levels,
    "region_setting": _register_access,
    "settings": _register_access,
    "settings_lock": _register_access,
    "current_balance": _steady_record,
    "demand_response": _demand_disconnection,
    "demand_response_level": _demand_level,
    "demand_response_charging": _demand_level,
    "volt_watt": _staircase(volt_watt_staircase),
    "volt_var": _staircase(volt_var_staircase),
    "frequency_watt": _staircase(over_frequency_staircase),
    "frequency_watt_storage": _charging(under_frequency_staircase),
    "frequency_operation": _frequency_operation,
    "volt_watt_charging": _charging(charging_staircase),
    "power_factor": _set_points("factors"),
    "reactive_power": _set_points("reactive"),
    "generation_limit": _generation_limit,
    "generation_limit_hard": case_course,
    "export_limit": case_course,
    "export_limit_hard": case_course,
    **dict.fromkeys(FAMILIES, case_course),
}
"""Procedure → how a trial of it goes after settling."""
