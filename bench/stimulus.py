"""From a requirement to the grid steps that test it. Pure."""

from __future__ import annotations

from bench.profile import Requirement, TestMethod
from instruments.interfaces import GridStep, PhaseValues, Stimulus

LEAD_S = 0.1
START_SLACK_S = 2.0
PRE_TRIGGER_S = 0.2
PHASE_SETS: dict[str, tuple[int, ...]] = {
    "L1": (0,),
    "L2": (1,),
    "L3": (2,),
    "all": (0, 1, 2),
}


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
    stepped = _with_phases(nominal.voltages_v, PHASE_SETS[phases], level_v)
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


def watched_s(longest_permitted_s: float, method: TestMethod) -> float:
    """Return how long to record after the trigger: the event, and the longest permitted reaction.

    The slack covers the time from the recorder's trigger to the event. A stimulus is held as long, so that
    every record ends before its stimulus does.
    """
    return LEAD_S + START_SLACK_S + longest_permitted_s + method.hold_after_limit_s


def _with_phases(voltages_v: PhaseValues, phases: tuple[int, ...], level_v: float) -> PhaseValues:
    a, b, c = (level_v if k in phases else voltage for k, voltage in enumerate(voltages_v))
    return (a, b, c)
