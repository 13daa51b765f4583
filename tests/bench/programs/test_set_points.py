"""What is expected of commanded set-points, and how they are measured, from a known truth."""

from __future__ import annotations

from math import exp

import pytest

from bench.grid_code.limits import set_point_judgements
from bench.grid_code.profile import find_grid_code, load_grid_code
from bench.metering.instant import Instant
from bench.metering.plateaus import Plateau
from bench.paths import DEFAULT_GRID_CODE
from bench.programs.set_points import (
    OperatingPoint,
    fixed_factor,
    fixed_reactive,
    limited_power,
    measure_set_points,
    operating_points,
)
from bench.trials.following import MeteringLimits
from instruments.interfaces import Reading
from tests.bench.metering.accuracy import limit_of_error

CODE = load_grid_code(find_grid_code(DEFAULT_GRID_CODE))
PF1, RP1, GL1 = (CODE.only(k) for k in ("power_factor", "reactive_power", "generation_limit"))
RATED_VA = 9000.0
POWERS = {
    name: limit_of_error(name, f"8 {unit}")
    for name, unit in (("active_power", "W"), ("reactive_power", "var"))
}
INSTRUMENT = MeteringLimits(POWERS.__getitem__, 50.0, RATED_VA)


def reading(end_s: float, active: float, reactive: float) -> Reading:
    third = RATED_VA / 3
    return Reading(
        end_s,
        0.1,
        (230.0,) * 3,
        (13.0,) * 3,
        (active * third,) * 3,
        50.0,
        end_s,
        end_s,
        (reactive * third,) * 3,
    )


def followed(
    origin_s: float, before: float, after: float, tau_s: float, active: float = 0.5
) -> Plateau:
    """Return readings of a reactive power that follows a command at `origin_s` with a lag."""
    ends_s = [0.5 * number + 0.3 for number in range(40)]
    values = [after + (before - after) * exp(-end_s / tau_s) for end_s in ends_s]
    readings = [
        reading(origin_s + e, active, value) for e, value in zip(ends_s, values, strict=True)
    ]
    return Plateau(Instant.between(origin_s - 0.1, origin_s + 0.1), after, tuple(readings))


def test_every_set_point_is_visited_at_every_power_the_powers_falling() -> None:
    points = operating_points(RP1, "reactive")
    assert points == [OperatingPoint(p, q) for p in (1.0, 0.6, 0.2) for q in (0.6, -0.6)]
    assert len(operating_points(PF1, "factors")) == 12


@pytest.mark.parametrize(
    ("factor", "active", "reactive"),
    [(0.8, 0.5, 0.375), (-0.8, 0.5, -0.375), (1.0, 0.5, 0.0), (0.8, 0.48, 0.36), (0.8, 0.1, 0.345)],
)
def test_a_power_factor_belongs_to_the_active_power_unless_that_is_wrong_itself(
    factor: float, active: float, reactive: float
) -> None:
    """0.8 asks for three quarters; 10 % where 50 % is due excuses no more than the tolerance of 4 %."""
    rests = [followed(0.0, 0.0, 0.0, 1.0, 1.0), followed(50.0, 0.0, 0.0, 1.0, active)]
    expected = fixed_factor([OperatingPoint(0.5, factor)], rests, PF1, RATED_VA)
    assert expected(1, 0.0) == pytest.approx((reactive, reactive))


def test_at_full_power_the_power_factor_leaves_less_active_power() -> None:
    rests = [followed(0.0, 0.0, 0.0, 1.0, 1.0), followed(50.0, 0.0, 0.6, 1.0, 0.8)]
    expected = fixed_factor([OperatingPoint(1.0, 0.8)], rests, PF1, RATED_VA)
    assert expected(1, 0.0) == pytest.approx((0.6, 0.6))


@pytest.mark.parametrize("tau_s", [0.5, 2.0, 3.0])
def test_the_time_to_the_set_point_is_that_of_the_lag(tau_s: float) -> None:
    """A lag from 0 to 0.6 is within 0.04 after tau ln 15."""
    rests = [followed(0.0, 0.0, 0.0, 1.0), followed(50.0, 0.0, 0.6, tau_s)]
    expected = fixed_reactive([OperatingPoint(1.0, 0.6)])
    response = measure_set_points(rests, "reactive", expected, RP1, INSTRUMENT)
    measured = response.completion
    assert float(measured.value) == pytest.approx(
        tau_s * 2.70805, abs=float(measured.expanded_uncertainty)
    )


def test_one_that_does_not_get_there_takes_at_least_as_long_as_it_was_held() -> None:
    rests = [followed(0.0, 0.0, 0.0, 1.0), followed(50.0, 0.0, 0.5, 1.0)]
    expected = fixed_reactive([OperatingPoint(1.0, 0.6)])
    response = measure_set_points(rests, "reactive", expected, RP1, INSTRUMENT)
    assert response.completion.censored == "at least"
    assert float(response.deviation.value) == pytest.approx(10.0, abs=0.01)


def test_below_a_limit_everything_is_permitted() -> None:
    expected = limited_power([0.5, 0.05], 1.0)
    assert [expected(number, 0.0) for number in range(3)] == [(1.0, 1.0), (0.0, 0.5), (0.0, 0.05)]


def test_a_generation_limit_is_judged_by_its_own_time() -> None:
    rests = [followed(0.0, 0.0, 0.0, 1.0), followed(50.0, 0.0, 0.6, 1.0)]
    response = measure_set_points(
        rests, "reactive", fixed_reactive([OperatingPoint(1.0, 0.6)]), GL1, INSTRUMENT
    )
    limits = [limit for _, limit in set_point_judgements(GL1, response)]
    assert [str(limit.upper) for limit in limits] == ["4.0", "15.0"]
