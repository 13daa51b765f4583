"""The programs that show where an inverter trips, and that it does not trip where it must not. Pure.

A step to well beyond the threshold (`bench.programs.stimulus`) shows when it trips. Here levels approach the
threshold in small stairs, each held for longer than any inverter may take; and excursions stay short, or on
the safe side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from bench.grid_code.profile import Requirement, TestMethod
from bench.programs.stimulus import PHASE_SETS, nominal_step, with_phases
from instruments.errors import ConfigurationError
from instruments.interfaces import GridStep, Stimulus

NOMINAL_LEAD_S = 1.0
SMALLEST_WINDOW_S = 0.1
WINDOWS_OF_SLACK = 4
SLACK_SHARE = 0.5
REST_S = 0.5
END_S = 4.0
SHARE_OF_DELAY = 0.9
HOLDS_ON_SAFE_SIDE = 3
RETURN_S = 2.0
MOST_READINGS = 24


@dataclass(frozen=True)
class Stairs:
    """Levels towards a threshold and beyond, each applied for `hold_s`, with `rest_s` at nominal between them.

    Attributes:
        levels: in V or Hz, the first on the safe side.
        window_s: averaging window with which each level is seen.
    """

    stimulus: Stimulus
    levels: tuple[float, ...]
    hold_s: float
    rest_s: float
    window_s: float

    @property
    def period_s(self) -> float:
        """Time from one level to the next."""
        return self.hold_s + self.rest_s

    @property
    def looked_up_s(self) -> float:
        """How long before a trip the level before is certainly in force for a whole window.

        A trip comes between the beginning of a level and the slack at its end.
        """
        return self.period_s - WINDOWS_OF_SLACK / 2 * self.window_s


@dataclass(frozen=True)
class Excursion:
    """A program that must not trip the inverter.

    Attributes:
        levels: what it goes to, in V or Hz: beyond the threshold for a moment, if there is a delay; then
            near it on the safe side.
        connected_s: from the first excursion to the end of the last, and a while at nominal.
        window_s: averaging window with which it is watched.
        words: what the inverter is put through.
    """

    stimulus: Stimulus
    levels: tuple[float, ...]
    connected_s: float
    window_s: float
    words: str


def trip_stairs(
    requirement: Requirement, phases: str, method: TestMethod, rows: Sequence[Requirement]
) -> Stairs:
    """Return the levels at which the inverter must hold, may trip, must have tripped.

    Where another function of the same quantity would act before the levels are through, each level is a step
    from nominal, and the rest between two lets every timer start anew.

    Args:
        phases: "L1", "L2", "L3" or "all"; ignored for the frequency.
        rows: of the grid code, to find the other functions.

    Raises:
        ConfigurationError: another function would act within a single level.
    """
    longest_s = requirement.number("disconnection_max")
    slack_s = max(WINDOWS_OF_SLACK * SMALLEST_WINDOW_S, SLACK_SHARE * longest_s)
    hold_s = round(longest_s + slack_s, 3)
    levels = _levels(requirement)
    first_to_act_s = _first_to_act_s(requirement, rows)
    if hold_s > SHARE_OF_DELAY * first_to_act_s:
        raise ConfigurationError(
            f"requirement {requirement.id}: levels held for {hold_s:g} s cannot show where it trips, because "
            f"another function acts after {first_to_act_s:g} s"
        )
    window_s = round(slack_s / WINDOWS_OF_SLACK, 3)
    rest_s = REST_S if hold_s * len(levels) > SHARE_OF_DELAY * first_to_act_s else 0.0
    steps = [nominal_step(method, NOMINAL_LEAD_S + 2 * window_s)]
    for level in levels:
        steps.append(_at(requirement, phases, level, method, hold_s))
        steps += [nominal_step(method, rest_s)] if rest_s else []
    steps[-1] = replace(steps[-1], hold_s=steps[-1].hold_s + END_S)
    first, last, unit = levels[0], levels[-1], requirement.quantity("threshold").unit
    name = f"stairs {_where(requirement, phases)} from {first:g} to {last:g} {unit}"
    return Stairs(Stimulus(name, tuple(steps)), levels, hold_s, rest_s, window_s)


def ride_through(requirement: Requirement, phases: str, method: TestMethod) -> Excursion:
    """Return nine tenths of the delay beyond the threshold, if it has one, and a long stay on its safe side."""
    margin = _margin(requirement, method)
    threshold, nominal = requirement.number("threshold"), nominal_step(method, RETURN_S)
    safe_s = round(HOLDS_ON_SAFE_SIDE * requirement.number("disconnection_max"), 3)
    stays = [(round(threshold - margin, 3), safe_s)]
    if "delay" in requirement:
        short_s = round(SHARE_OF_DELAY * requirement.number("delay"), 3)
        stays.insert(0, (round(threshold + margin, 3), short_s))
    connected_s = sum(stay_s + RETURN_S for _, stay_s in stays)
    window_s = max(SMALLEST_WINDOW_S, round(connected_s / MOST_READINGS, 1))
    steps = [nominal_step(method, NOMINAL_LEAD_S + 2 * window_s)]
    for level, stay_s in stays:
        steps += [_at(requirement, phases, level, method, stay_s), nominal]
    steps[-1] = replace(nominal, hold_s=RETURN_S + END_S + 2 * window_s)
    unit = requirement.quantity("threshold").unit
    text = ", then ".join(f"{stay_s:g} s at {level:g} {unit}" for level, stay_s in stays)
    where = _where(requirement, phases)
    return Excursion(
        Stimulus(f"{where}: {text}", tuple(steps)),
        tuple(level for level, _ in stays),
        connected_s,
        window_s,
        f"{text} on {where}",
    )


def is_voltage(requirement: Requirement) -> bool:
    """Tell whether the threshold is one of the voltage."""
    return requirement.quantity("threshold").unit == "V"


def _levels(requirement: Requirement) -> tuple[float, ...]:
    """Return levels from one stair inside the tolerance to one stair outside, through the threshold."""
    step = requirement.number("resolution")
    stairs = ceil(requirement.number("tolerance") / step) + 1
    sign, threshold = _sign(requirement), requirement.number("threshold")
    return tuple(round(threshold + sign * k * step, 3) for k in range(-stairs, stairs + 1))


def _first_to_act_s(requirement: Requirement, rows: Sequence[Requirement]) -> float:
    """Return the shortest delay of the functions whose thresholds lie nearer to nominal."""
    sign, threshold = _sign(requirement), requirement.number("threshold")
    delays = [
        row.number("delay") if "delay" in row else 0.0
        for row in rows
        if (row.kind, row.direction) == (requirement.kind, requirement.direction)
        and sign * row.number("threshold") < sign * threshold
    ]
    return min(delays, default=float("inf"))


def _at(
    requirement: Requirement, phases: str, level: float, method: TestMethod, hold_s: float
) -> GridStep:
    nominal = nominal_step(method, hold_s)
    if not is_voltage(requirement):
        return replace(nominal, frequency_hz=level)
    return replace(nominal, voltages_v=with_phases(nominal.voltages_v, PHASE_SETS[phases], level))


def _margin(requirement: Requirement, method: TestMethod) -> float:
    margin = method.voltage_margin_v if is_voltage(requirement) else method.frequency_margin_hz
    return _sign(requirement) * margin


def _sign(requirement: Requirement) -> float:
    return 1.0 if requirement.direction == "over" else -1.0


def _where(requirement: Requirement, phases: str) -> str:
    return phases if is_voltage(requirement) else "all"
