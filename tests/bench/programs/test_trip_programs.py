"""Stairs towards a threshold and excursions that must not trip, for every row of every grid code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from bench.grid_code.profile import GridCode, Requirement, load_grid_code
from bench.paths import GRID_CODES
from bench.programs.stimulus import phase_sets
from bench.programs.trip_programs import is_voltage, ride_through, trip_stairs
from instruments.errors import ConfigurationError
from instruments.interfaces import GridStep, Stimulus

CODES = [load_grid_code(file) for file in sorted(GRID_CODES.glob("*.toml"))]
TRIPS = [
    pytest.param(code, row, id=f"{code.region_code}-{row.id}")
    for code in CODES
    for row in code.requirements
    if row.kind in ("voltage_trip", "frequency_trip")
]


def rows_of(code: GridCode) -> list[Requirement]:
    return [row for row in code.requirements if row.kind in ("voltage_trip", "frequency_trip")]


def level(row: Requirement, step: GridStep) -> float:
    return step.voltages_v[0] if is_voltage(row) else step.frequency_hz


def beyond_s(row: Requirement, stimulus: Stimulus) -> Iterator[float]:
    """Yield how long each uninterrupted stay beyond a row's threshold lasts."""
    sign = 1.0 if row.direction == "over" else -1.0
    stay_s = 0.0
    for step in (*stimulus.steps, GridStep((230.0,) * 3, 50.0, 0.0)):
        if sign * level(row, step) > sign * row.number("threshold"):
            stay_s += step.hold_s
        elif stay_s:
            yield stay_s
            stay_s = 0.0


@pytest.mark.parametrize(("code", "row"), TRIPS)
def test_stairs_pass_through_the_whole_tolerance_in_small_steps(
    code: GridCode, row: Requirement
) -> None:
    stairs = trip_stairs(row, "all", code.method, code.requirements)
    low, high = min(stairs.levels), max(stairs.levels)
    step = row.number("resolution")
    assert low <= row.number("threshold") - row.number("tolerance") - step
    assert high >= row.number("threshold") + row.number("tolerance") + step
    assert {round(abs(b - a), 6) for a, b in pairwise(stairs.levels)} == {step}
    assert step < row.number("tolerance") / 2


@pytest.mark.parametrize(("code", "row"), TRIPS)
def test_each_level_is_held_for_longer_than_the_inverter_may_take(
    code: GridCode, row: Requirement
) -> None:
    stairs = trip_stairs(row, "all", code.method, code.requirements)
    levels = [step for step in stairs.stimulus.steps if level(row, step) in stairs.levels]
    assert min(step.hold_s for step in levels) > row.number("disconnection_max") + stairs.window_s


@pytest.mark.parametrize(("code", "row"), TRIPS)
def test_no_other_function_acts_before_the_one_under_test(code: GridCode, row: Requirement) -> None:
    stairs = trip_stairs(row, "all", code.method, code.requirements).stimulus
    excursion = ride_through(row, "all", code.method).stimulus
    for other in rows_of(code):
        if other.id == row.id or other.kind != row.kind:
            continue
        delay_s = other.number("delay") if "delay" in other else 0.0
        until_threshold = replace(stairs, steps=stairs.steps[: len(stairs.steps) // 2])
        for program in (until_threshold, excursion):
            assert all(stay_s < delay_s for stay_s in beyond_s(other, program)), other.id


@pytest.mark.parametrize(("code", "row"), TRIPS)
def test_an_excursion_stays_beyond_the_threshold_for_nine_tenths_of_the_delay(
    code: GridCode, row: Requirement
) -> None:
    stays_s = list(beyond_s(row, ride_through(row, "all", code.method).stimulus))
    expected = [0.9 * row.number("delay")] if "delay" in row else []
    assert stays_s == pytest.approx(expected)


def test_the_phases_that_are_not_tested_stay_nominal() -> None:
    code = CODES[0]
    row = next(row for row in code.requirements if row.id == "OV1")
    steps = trip_stairs(row, "L2", code.method, code.requirements).stimulus.steps
    assert {step.voltages_v[0] for step in steps} == {230.0} == {s.voltages_v[2] for s in steps}
    assert len({step.voltages_v[1] for step in steps}) > 10


def test_a_function_that_another_one_forestalls_cannot_be_shown() -> None:
    code = CODES[0]
    slow = next(row for row in code.requirements if row.id == "UV2")
    quantities = {**slow.quantities, "disconnection_max": slow.quantity("threshold")}
    with pytest.raises(ConfigurationError, match="another function acts after 10 s"):
        trip_stairs(replace(slow, quantities=quantities), "all", code.method, code.requirements)


@pytest.mark.parametrize(("phases", "names"), [(1, ["L1"]), (3, ["L1", "L2", "L3", "all"])])
def test_an_inverter_is_tested_on_the_phases_it_has(phases: int, names: list[str]) -> None:
    assert phase_sets(phases) == names
