"""What is drawn of responses and ramps: the curve, the stairs, what was slow or missing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.grid_code.expectations import OVER_FREQUENCY, VOLT_VAR, VOLT_WATT
from bench.grid_code.profile import find_grid_code, load_grid_code
from bench.grid_code.storage_responses import charging_volt_watt
from bench.metering.instant import Instant
from bench.metering.plateaus import Plateau
from bench.metering.response import Response, StepResponse
from bench.paths import DEFAULT_GRID_CODE
from bench.plots.ramps import rise_plot
from bench.plots.responses import (
    demanded_plot,
    factor_plane,
    reactive_plane,
    set_point_plot,
    stairs,
)
from bench.trials.watching import Watched
from bench.verdicts.uncertainty import BudgetLine, combine
from bench.verdicts.verdict import Measurement
from instruments.interfaces import Reading

CODE = load_grid_code(find_grid_code(DEFAULT_GRID_CODE))
VW, VV, FW, VW_CHARGING, PF, RP, GL, PR3 = (
    CODE.only(kind)
    for kind in (
        "volt_watt",
        "volt_var",
        "frequency_watt",
        "volt_watt_charging",
        "power_factor",
        "reactive_power",
        "generation_limit",
        "irradiance_ramp",
    )
)
RATED_VA = 10_000.0
HELD_S = 20.0


def reading(end_s: float, active: float = 1.0) -> Reading:
    third = active * RATED_VA / 3
    return Reading(end_s, 0.1, (230.0,) * 3, (10.0,) * 3, (third,) * 3, 50.0, 0.0, 0.0)


def watched(shares: list[float]) -> Watched:
    """Return active powers one second apart."""
    return Watched([reading(float(k), share) for k, share in enumerate(shares)], "f.csv", 50.0)


def step(began_s: float, level: float, share: float, done_after_s: float | None) -> StepResponse:
    """Return a level that was held for 20 s."""
    began = Instant(began_s, began_s, began_s)
    done = None
    if done_after_s is not None:
        done = Instant(*(began_s + done_after_s,) * 3)
    plateau = Plateau(began, level, (reading(began_s + 1), reading(began_s + HELD_S, share)))
    return StepResponse(plateau, share, (share, share), 0.0, True, True, done, done)


def response(*steps: StepResponse) -> Response:
    nothing = Measurement.of("x", 0.0, "s", combine([BudgetLine("none", 0.0, "s")]), method="none")
    return Response(0.0, steps, nothing, nothing, nothing)


def test_the_ceiling_of_volt_watt_has_no_floor_and_reaches_beyond_every_level() -> None:
    required = VOLT_WATT.curve(VW, 1.0).required([230.0, 259.0], 4.0)
    assert {one.low for one in required} == {None}
    assert required[0].at < 230.0
    assert required[-1].at > 260.0
    by_level = {one.at: one.expected for one in required}
    assert by_level[253.0] == pytest.approx((100.0, 100.0))
    assert by_level[260.0] == pytest.approx((20.0, 20.0))


def test_volt_var_is_bounded_on_both_sides_by_its_tolerance() -> None:
    curve = VOLT_VAR.curve(VV, 1.0)
    assert curve.names == ("VV1", "VV2", "VV3", "VV4")
    for one in curve.required([230.0], 4.0):
        assert one.low == pytest.approx(one.expected[0] - 4.0)
        assert one.high == pytest.approx(one.expected[1] + 4.0)


def test_the_line_over_frequency_begins_at_the_power_before() -> None:
    points = OVER_FREQUENCY.curve(FW, 0.7).curve.points
    assert points == ((50.25, 0.7), (52.0, 0.0))


def test_charging_is_negative_and_more_of_it_is_what_is_forbidden() -> None:
    required = charging_volt_watt(0.5).curve(VW_CHARGING, -0.5).required([215.0], 4.0)
    assert {one.high for one in required} == {None}
    assert all(one.low is not None and one.low < one.expected[0] <= 0 for one in required)


def test_a_tolerance_begins_when_the_time_to_get_there_is_up() -> None:
    [*required] = stairs([step(100.0, 254.0, 0.8, 2.0), step(125.0, 255.0, 0.6, 2.0)], 90.0, VW)
    first = [one for one in required if one.expected == pytest.approx((80.0, 80.0))]
    limited = [one for one in first if one.high is not None]
    assert [one.at for one in limited] == [10.0 + VW.number("complete_max"), 10.0 + HELD_S]
    for one in limited:
        assert (one.low, one.high) == (pytest.approx(76.0), pytest.approx(84.0))


def test_what_is_required_stays_until_the_next_command() -> None:
    required = stairs([step(100.0, 0.5, 0.5, 2.0), step(150.0, 0.2, 0.2, 2.0)], 100.0, GL)
    assert max(one.at for one in required if one.expected[0] > 40.0) == 50.0
    assert all(after.at >= before.at for before, after in pairwise(required))


def test_the_slowest_level_tells_its_time_and_one_that_never_arrived_is_called_so() -> None:
    steps = [
        step(0.0, 0.5, 0.5, 2.0),
        step(30.0, 0.2, 0.2, 4.5),
        step(60.0, 0.5, 0.5, None),
    ]
    plot = set_point_plot(response(*steps), "active", watched([1.0, 1.0]), RATED_VA, GL)
    ticks = plot.panels[0].ticks
    assert [tick.kind for tick in ticks] == ["completed", "completed", "not completed"]
    assert [tick.label for tick in ticks] == ["", "≤ 4.50 s", ""]
    assert ticks[1].time_s == pytest.approx(34.5)


def test_the_ray_of_a_power_factor_ends_on_the_circle_of_apparent_power() -> None:
    plane = factor_plane(response(step(0.0, -0.8, -0.6, 1.0)), RATED_VA, PF).plane
    assert plane is not None
    begin, end = plane.curve
    assert (begin.at, begin.expected[0]) == (0.0, 0.0)
    assert (end.at, end.expected[0]) == (pytest.approx(80.0), pytest.approx(-60.0))


def test_a_commanded_reactive_power_is_required_as_it_is() -> None:
    plane = reactive_plane(response(step(0.0, -0.6, -0.6, 1.0), step(9.0, 0.6, 0.6, 1.0)), RP).plane
    assert plane is not None
    assert all(one.expected == (one.at, one.at) for one in plane.curve)
    assert [point.level for point in plane.points] == pytest.approx([-60.0, 60.0])


def test_demanded_generation_has_a_ceiling_and_consumption_a_floor() -> None:
    limits = {}
    for row in CODE.of_kind("demand_response_level") + CODE.of_kind("demand_response_charging"):
        what = "generation" if "generation_max" in row else "consumption"
        [power, _] = demanded_plot(watched([1.0] * 60), 5.0, what, RATED_VA, row).panels
        limits[what] = (power.required[-1].low is None, power.required[-1].high is None)
    assert limits == {"generation": (True, False), "consumption": (False, True)}


@given(
    shares=st.lists(st.floats(0.0, 1.0), min_size=5, max_size=60).filter(
        lambda shares: max(shares) - shares[0] > 0.1
    )
)
def test_a_rise_is_shown_from_a_tenth_to_nine_tenths_of_its_height(shares: list[float]) -> None:
    plot = rise_plot(watched(shares), RATED_VA, PR3)
    assert [mark.label for mark in plot.marks] == ["10 % of the rise", "90 % of the rise"]
    assert plot.marks[0].time_s <= plot.marks[1].time_s
    required = plot.panels[0].required
    assert all(one.low is None for one in required)
    assert all(one.high is not None and one.high >= one.expected[0] for one in required)
    assert all(after.at >= before.at for before, after in pairwise(required))
