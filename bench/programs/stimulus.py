"""From a requirement to the grid steps that test it. Pure."""

from __future__ import annotations

from dataclasses import replace

from bench.grid_code.profile import Requirement, TestMethod
from bench.metering.blocked_reconnection import WindowEdge
from instruments.interfaces import GridStep, PhaseValues, Stimulus

LEAD_S = 0.1
START_SLACK_S = 2.0
PRE_TRIGGER_S = 0.2
EXCURSION_S = 60.0
FILLED_SLACK_S = 10.0
BEYOND_TOLERANCES = 1.5
DIP_SHARE = 0.5
DIP_S = 13.0
BLOCKED_SLACK_S = 15.0
INTERRUPTION_S = 5.0
RECONNECT_SLACK_S = 60.0
PHASE_SETS: dict[str, tuple[int, ...]] = {
    "L1": (0,),
    "L2": (1,),
    "L3": (2,),
    "all": (0, 1, 2),
}


def phase_sets(phases: int) -> list[str]:
    """Return the names of the phases an inverter of 1 or 3 phases is tested on: each alone, then all."""
    return list(PHASE_SETS) if phases == 3 else ["L1"]


def nominal_step(method: TestMethod, hold_s: float = 0.0) -> GridStep:
    """Return the nominal grid."""
    voltage_v = method.nominal_voltage_v
    return GridStep((voltage_v, voltage_v, voltage_v), method.nominal_frequency_hz, hold_s)


def beyond_v(requirement: Requirement, method: TestMethod) -> float:
    """Return the voltage that is beyond the threshold by the margin: the inverter must trip."""
    sign = 1.0 if requirement.direction == "over" else -1.0
    return requirement.number("threshold") + sign * method.voltage_margin_v


def voltage_step(requirement: Requirement, phases: str, method: TestMethod) -> Stimulus:
    """Return a step from nominal to beyond the threshold, held until the record has ended.

    Args:
        phases: "L1", "L2", "L3" or "all"; the other phases stay nominal.
    """
    nominal = nominal_step(method, LEAD_S)
    level_v = beyond_v(requirement, method)
    stepped = with_phases(nominal.voltages_v, PHASE_SETS[phases], level_v)
    hold_s = watched_s(requirement.number("disconnection_max"), method)
    fault = GridStep(stepped, nominal.frequency_hz, hold_s)
    return Stimulus(f"step {phases} to {level_v:g} V", (nominal, fault))


def beyond_hz(requirement: Requirement, method: TestMethod) -> float:
    """Return the frequency that is beyond the threshold by the margin: the inverter must trip."""
    sign = 1.0 if requirement.direction == "over" else -1.0
    return requirement.number("threshold") + sign * method.frequency_margin_hz


def frequency_step(requirement: Requirement, method: TestMethod) -> Stimulus:
    """Return a step of the frequency from nominal to beyond the threshold; the voltages stay.

    From nominal the inverter still generates when it has to trip: its response to the frequency needs seconds.
    """
    nominal = nominal_step(method, LEAD_S)
    level_hz = beyond_hz(requirement, method)
    hold_s = watched_s(requirement.number("disconnection_max"), method)
    fault = GridStep(nominal.voltages_v, level_hz, hold_s)
    return Stimulus(f"step to {level_hz:g} Hz", (nominal, fault))


def sustained_rise(requirement: Requirement, phases: str, method: TestMethod) -> Stimulus:
    """Return a short excursion, a whole window at nominal, and a lasting rise, all to the same voltage.

    The voltage is beyond the limit by one and a half tolerances: the mean passes the limit of every inverter
    that is inside its tolerance. Where the rise has lasted for a window the mean rises no more.
    """
    nominal = nominal_step(method, FILLED_SLACK_S)
    level_v = requirement.number("limit") + BEYOND_TOLERANCES * requirement.number("tolerance")
    raised = with_phases(nominal.voltages_v, PHASE_SETS[phases], level_v)
    window_s = requirement.number("averaging") + FILLED_SLACK_S
    holds = (
        (raised, EXCURSION_S),
        (nominal.voltages_v, window_s),
        (raised, window_s + requirement.number("action_max")),
    )
    steps = [GridStep(voltages_v, nominal.frequency_hz, hold_s) for voltages_v, hold_s in holds]
    name = f"{EXCURSION_S:g} s, then for good, {phases} to {level_v:g} V"
    return Stimulus(name, (nominal, *steps))


def undisturbed_s(requirement: Requirement) -> float:
    """Return how long from the excursion's beginning generation must go on: until it has been forgotten."""
    return EXCURSION_S + requirement.number("averaging")


def watched_s(longest_permitted_s: float, method: TestMethod) -> float:
    """Return how long to record after the trigger: the event, and the longest permitted reaction.

    The slack covers the time from the recorder's trigger to the event. A stimulus is held as long, so that
    every record ends before its stimulus does.
    """
    return LEAD_S + START_SLACK_S + longest_permitted_s + method.hold_after_limit_s


def with_phases(voltages_v: PhaseValues, phases: tuple[int, ...], level_v: float) -> PhaseValues:
    """Return voltages of which those of some phases are replaced by a level."""
    a, b, c = (level_v if k in phases else voltage for k, voltage in enumerate(voltages_v))
    return (a, b, c)


def disconnecting_dip(method: TestMethod) -> GridStep:
    """Return a dip that every passive undervoltage function ends with a disconnection."""
    voltage_v = DIP_SHARE * method.nominal_voltage_v
    return GridStep((voltage_v, voltage_v, voltage_v), method.nominal_frequency_hz, DIP_S)


def ramp_program(method: TestMethod) -> Stimulus:
    """Return the nominal grid for as long as an inverter may take to full power."""
    return Stimulus("return to nominal", (nominal_step(method, method.settle_timeout_s),))


def window_edge(window: Requirement, edge: str) -> WindowEdge:
    """Return one edge of the connection window, such as "voltage_low"."""
    quantity, side = edge.split("_")
    return WindowEdge(quantity, side == "high", window.number(edge))


def blocked_program(window: Requirement, edge: str, method: TestMethod) -> Stimulus:
    """Return a grid beyond one edge for longer than the observation, then nominal."""
    outside_s = window.number("observation_min") + BLOCKED_SLACK_S
    outside = _outside_step(window_edge(window, edge), method, outside_s)
    name = f"{edge.replace('_', ' ')} beyond the window, then nominal"
    return Stimulus(name, (outside, _observed_step(window, method)))


def interrupted_program(window: Requirement, edge: str, method: TestMethod) -> Stimulus:
    """Return half of the observation at nominal, a short excursion beyond one edge, then nominal."""
    nominal = nominal_step(method, window.number("observation_min") / 2)
    excursion = _outside_step(window_edge(window, edge), method, INTERRUPTION_S)
    name = f"{edge.replace('_', ' ')} leaves the window during the observation"
    return Stimulus(name, (nominal, excursion, _observed_step(window, method)))


def moments_of_reconnection(program: Stimulus, window: Requirement) -> list[float]:
    """Return when a program comes back inside, and when the inverter may connect, from its beginning in s."""
    inside_s = program.duration_s - program.steps[-1].duration_s
    return [inside_s, inside_s + window.number("observation_min")]


def _outside_step(edge: WindowEdge, method: TestMethod, hold_s: float) -> GridStep:
    nominal = nominal_step(method, hold_s)
    sign = 1.0 if edge.over else -1.0
    if edge.quantity == "frequency":
        return replace(nominal, frequency_hz=edge.level + sign * method.frequency_margin_hz)
    voltage_v = edge.level + sign * method.voltage_margin_v
    return replace(nominal, voltages_v=(voltage_v, voltage_v, voltage_v))


def _observed_step(window: Requirement, method: TestMethod) -> GridStep:
    return nominal_step(method, window.number("observation_min") + RECONNECT_SLACK_S)
