"""The programs that make an inverter respond: staircases of voltage and of frequency. Pure.

Volt-watt and volt-var: five equal steps up and down, then a single step (AS/NZS 4777.2 draft, test of the
voltage responses). Every program begins at the nominal grid: the power before the response is on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import ceil

from bench.grid_code.curves import curve_of
from bench.grid_code.profile import Requirement, TestMethod
from bench.programs.stimulus import nominal_step
from instruments.interfaces import GridStep, Stimulus

STAIRS = 5
NOMINAL_S = 30.0
DENSE_S, DENSE_PERIOD_S, PERIOD_S = 4.0, 0.2, 0.5
BELOW_LAST_V = 1.0
LAST_SLACK_S = 5.0
DROOP_SHARES = (0.2, 0.4, 0.6, 0.8)
LATCHED_SHARE = 0.4
INSIDE_HYSTERESIS_SHARE, BEYOND_HYSTERESIS_SHARE = 0.5, 1.5
LATCHED_SLACK_S = 30.0
RELEASE_SLACK_S = 60.0
LEG_SHARES = (0.4, 0.8)
BETWEEN_EDGES_S = 5.0


def volt_watt_staircase(requirement: Requirement, method: TestMethod) -> Stimulus:
    """Return stairs from VW1 to 1 V below VW2 and back, and the same in one step."""
    first_v, last_v = (v for v, _ in curve_of(requirement, "voltages", "powers").points)
    top_v = last_v - BELOW_LAST_V
    levels = [*_up_and_down(first_v, top_v), top_v]
    return _voltage_program("volt-watt staircase", levels, requirement, method)


def volt_var_staircase(
    requirement: Requirement, volt_watt: Requirement, method: TestMethod
) -> Stimulus:
    """Return stairs from VV3 to VV4 and back, VV2 to VV1 and back, and one step to the top of volt-watt."""
    vv1, vv2, vv3, vv4 = (v for v, _ in curve_of(requirement, "voltages", "powers").points)
    top_v = curve_of(volt_watt, "voltages", "powers").points[-1][0] - BELOW_LAST_V
    levels = [*_up_and_down(vv3, vv4), *_up_and_down(vv2, vv1), top_v]
    return _voltage_program("volt-var staircase", levels, requirement, method)


def over_frequency_staircase(requirement: Requirement, method: TestMethod) -> Stimulus:
    """Return a rise in four steps, a fall while the response is latched, and the release.

    The fall stops inside the range of the response, then inside its hysteresis, for longer than the dwell
    each time it could matter; then the frequency goes to where the response must end.
    """
    hold_s = requirement.number("hold")
    hysteresis_hz, dwell_s = requirement.number("hysteresis"), requirement.number("dwell")
    start_hz, stop_hz = requirement.number("start"), requirement.number("stop")
    droop = [(start_hz + share * (stop_hz - start_hz), hold_s) for share in DROOP_SHARES]
    latched = [
        (start_hz + LATCHED_SHARE * (stop_hz - start_hz), hold_s),
        (start_hz - INSIDE_HYSTERESIS_SHARE * hysteresis_hz, dwell_s + LATCHED_SLACK_S),
    ]
    release = (
        start_hz - BEYOND_HYSTERESIS_SHARE * hysteresis_hz,
        dwell_s + RELEASE_SLACK_S + LAST_SLACK_S,
    )
    nominal = nominal_step(method, NOMINAL_S)
    steps = [
        GridStep(nominal.voltages_v, round(frequency_hz, 2), seconds)
        for frequency_hz, seconds in (*droop, *latched, release)
    ]
    return Stimulus("over-frequency staircase", (nominal, *steps))


def charging_staircase(requirement: Requirement, method: TestMethod) -> Stimulus:
    """Return stairs from where charging is unrestricted to where it is least and back, and one step there."""
    least_v, whole_v = (v for v, _ in curve_of(requirement, "voltages", "powers").points)
    levels = [*_up_and_down(whole_v, least_v), least_v]
    return _voltage_program("volt-watt staircase of charging", levels, requirement, method)


def under_frequency_staircase(requirement: Requirement, method: TestMethod) -> Stimulus:
    """Return a fall in four steps: two in which charging decreases, two in which generation increases."""
    corners = [requirement.number(name) for name in ("start", "transition", "stop")]
    levels = [
        high + share * (low - high) for high, low in pairwise(corners) for share in LEG_SHARES
    ]
    hold_s = requirement.number("hold")
    holds_s = [hold_s] * (len(levels) - 1) + [hold_s + LAST_SLACK_S]
    nominal = nominal_step(method, NOMINAL_S)
    steps = [
        GridStep(nominal.voltages_v, round(level_hz, 2), seconds)
        for level_hz, seconds in zip(levels, holds_s, strict=True)
    ]
    return Stimulus("under-frequency staircase", (nominal, *steps))


def frequency_edges(
    requirement: Requirement, trips: Sequence[Requirement], method: TestMethod
) -> Stimulus:
    """Return a stay just inside each trip limit of the frequency, by the margin, with nominal around it."""
    nominal = nominal_step(method, BETWEEN_EDGES_S)
    hold_s = requirement.number("hold") + LAST_SLACK_S
    levels_hz = [
        trip.number("threshold")
        + (-1 if trip.direction == "over" else 1) * method.frequency_margin_hz
        for trip in trips
    ]
    edges = [GridStep(nominal.voltages_v, round(level_hz, 2), hold_s) for level_hz in levels_hz]
    steps = [step for edge in edges for step in (nominal, edge)]
    return Stimulus("stay just inside each frequency limit", (*steps, nominal))


def reading_times_s(stimulus: Stimulus) -> list[float]:
    """Return when to read the analyser, in seconds from the start of the program.

    More often where something is expected to happen: this decides how finely the readings resolve an event, and
    nothing else. The slack at the end of the program is left for a record.
    """
    starts_s = list(accumulate((step.duration_s for step in stimulus.steps), initial=0.0))
    times_s = [
        start_s + time_s
        for start_s, end_s in pairwise(starts_s)
        for time_s in _times_of_step(end_s - start_s)
    ]
    return [time_s for time_s in times_s if time_s < stimulus.duration_s - LAST_SLACK_S]


def _times_of_step(duration_s: float) -> list[float]:
    dense = [DENSE_PERIOD_S * number for number in range(round(DENSE_S / DENSE_PERIOD_S))]
    rest = range(ceil((duration_s - DENSE_S) / PERIOD_S))
    return [*dense, *(DENSE_S + PERIOD_S * number for number in rest)]


def _up_and_down(first: float, last: float) -> list[float]:
    stairs = [first + (last - first) * step / STAIRS for step in range(STAIRS + 1)]
    return [*stairs, *stairs[-2::-1]]


def _voltage_program(
    name: str, levels_v: Sequence[float], requirement: Requirement, method: TestMethod
) -> Stimulus:
    hold_s = requirement.number("hold")
    holds_s = [hold_s] * (len(levels_v) - 1) + [hold_s + LAST_SLACK_S]
    steps = [
        GridStep((level_v,) * 3, method.nominal_frequency_hz, seconds)
        for level_v, seconds in zip((round(v, 1) for v in levels_v), holds_s, strict=True)
    ]
    return Stimulus(name, (nominal_step(method, NOMINAL_S), *steps))
