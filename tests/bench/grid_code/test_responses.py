"""Curves, staircases and expectations of the shipped grid code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.grid_code.curves import Curve, curve_of
from bench.grid_code.expectations import OVER_FREQUENCY, VOLT_VAR, VOLT_WATT
from bench.grid_code.profile import Requirement, find_grid_code, load_grid_code
from bench.metering.instant import Instant
from bench.metering.plateaus import Plateau
from bench.paths import DEFAULT_GRID_CODE
from bench.programs.staircases import (
    over_frequency_staircase,
    reading_times_s,
    volt_var_staircase,
    volt_watt_staircase,
)
from instruments.errors import ConfigurationError
from instruments.interfaces import Reading

CODE = load_grid_code(find_grid_code(DEFAULT_GRID_CODE))
VW, VV, FW = (CODE.only(kind) for kind in ("volt_watt", "volt_var", "frequency_watt"))
RATED_VA = 10_000.0


def plateau(level: float, active: float = 1.0, reactive: float = 0.0) -> Plateau:
    """Return a level on which the inverter rests; shares of the rated apparent power."""
    powers = (active * RATED_VA / 3,) * 3, (reactive * RATED_VA / 3,) * 3
    reading = Reading(9.0, 0.1, (level,) * 3, (1.0,) * 3, powers[0], level, 0.0, 0.0, powers[1])
    return Plateau(Instant(0.0, 0.0, 0.0), level, (reading,))


@pytest.mark.parametrize(
    ("row", "voltage_v", "share"),
    [
        (VW, 254.4, 0.84),
        (VW, 256.5, 0.60),
        (VW, 259.0, 0.3143),
        (VW, 270.0, 0.20),
        (VV, 213.5, 0.22),
        (VV, 230.0, 0.0),
        (VV, 249.0, -0.30),
        (VV, 255.0, -0.50),
    ],
)
def test_the_curves_of_australia_a(row: Requirement, voltage_v: float, share: float) -> None:
    assert curve_of(row, "voltages", "powers").at(voltage_v) == pytest.approx(share, abs=1e-4)


@given(x=st.floats(0, 400), y=st.floats(0, 400))
def test_a_curve_is_never_steeper_than_its_steepest_part(x: float, y: float) -> None:
    curve = curve_of(VV, "voltages", "powers")
    assert abs(curve.at(x) - curve.at(y)) <= curve.steepest * abs(x - y) + 1e-12


@pytest.mark.parametrize("points", [((1.0, 1.0),), ((2.0, 0.0), (1.0, 1.0))])
def test_what_is_no_curve_is_refused(points: tuple) -> None:
    with pytest.raises(ConfigurationError, match="rising x"):
        Curve(points)


def test_the_volt_watt_staircase_of_the_draft() -> None:
    levels = [step.voltages_v[0] for step in volt_watt_staircase(VW, CODE.method).steps]
    up = [253.0, 254.2, 255.4, 256.6, 257.8, 259.0]
    assert levels == [230.0, *up, *up[-2::-1], 259.0]


def test_the_volt_var_staircase_of_the_draft() -> None:
    levels = [step.voltages_v[0] for step in volt_var_staircase(VV, VW, CODE.method).steps]
    up, down = (
        [240.0, 243.6, 247.2, 250.8, 254.4, 258.0],
        [220.0, 217.4, 214.8, 212.2, 209.6, 207.0],
    )
    assert levels == [230.0, *up, *up[-2::-1], *down, *down[-2::-1], 259.0]


def test_the_frequency_stays_inside_the_trip_limits_and_ends_inside_the_hysteresis() -> None:
    levels = [step.frequency_hz for step in over_frequency_staircase(FW, CODE.method).steps]
    assert max(levels) < CODE.of_kind("frequency_trip")[1].number("threshold")
    assert (
        levels[-1] < FW.number("start") - FW.number("hysteresis") < levels[-2] < FW.number("start")
    )


def test_the_analyser_is_read_in_order_until_the_slack_at_the_end() -> None:
    stairs = volt_watt_staircase(VW, CODE.method)
    times_s = reading_times_s(stairs)
    assert times_s == sorted(set(times_s))
    assert stairs.duration_s - 6.0 < times_s[-1] < stairs.duration_s - 5.0


def test_volt_watt_is_a_ceiling_and_a_floor_where_reactive_power_leaves_room() -> None:
    expected = VOLT_WATT.expectation(
        VW, [plateau(230.0), plateau(253.0, 0.8, -0.6), plateau(256.5, 0.6, 0.0)], RATED_VA
    )
    assert expected(1, 0.0) == pytest.approx((0.8, 1.0))
    assert expected(2, 0.0) == pytest.approx((0.6, 0.6))


def test_volt_watt_asks_for_no_more_than_was_available() -> None:
    expected = VOLT_WATT.expectation(VW, [plateau(230.0, 0.3), plateau(254.4, 0.3)], RATED_VA)
    assert expected(1, 0.0) == pytest.approx((0.3, 0.84))


def test_below_nominal_voltage_the_current_limits_what_is_asked() -> None:
    expected = VOLT_WATT.expectation(VW, [plateau(230.0), plateau(207.0, 0.9, 0.0)], RATED_VA)
    assert expected(1, 0.0) == pytest.approx((0.9, 1.0))


@pytest.mark.parametrize(
    ("active", "interval"),
    [(0.9, (-0.6, -0.6)), (0.5, (-0.6, -0.44)), (0.7, (-0.6, -0.52)), (0.1, (-0.6, 0.0))],
)
def test_at_low_power_the_capability_of_figure_2_1_is_enough(
    active: float, interval: tuple[float, float]
) -> None:
    expected = VOLT_VAR.expectation(VV, [plateau(230.0), plateau(258.0, active)], RATED_VA)
    assert expected(1, 0.0) == pytest.approx(interval)


def test_over_frequency_counts_from_the_power_before_and_never_back_up() -> None:
    rests = [plateau(50.0, 0.8), plateau(51.125), plateau(50.6), plateau(50.2)]
    expected = OVER_FREQUENCY.expectation(FW, rests, RATED_VA)
    assert [expected(number, 0.0)[0] for number in range(4)] == pytest.approx([0.8, 0.4, 0.4, 0.4])
