"""Waiting time before reconnection, on readings made for a known truth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering import Reconnection, measure_reconnection
from instruments.errors import RecordingError, StaleReading
from instruments.interfaces import Reading

WINDOW_S = 0.1
LOW_V = 205.0
FLOOR_A = 0.04


def readings(
    back_s: float, connect_s: float, until_s: float = 75.0, period_s: float = WINDOW_S
) -> list[Reading]:
    """Return readings of a grid that is back at `back_s`, and of an inverter connecting later."""

    def share(event_s: float, end_s: float) -> float:
        return min(1.0, max(0.0, (end_s - event_s) / WINDOW_S))

    series = []
    for k in range(1, int(until_s / period_s)):
        end_s = k * period_s
        voltage_v = 230.0 * share(back_s, end_s) ** 0.5
        current_a = 0.17 * share(connect_s, end_s) ** 0.5
        series.append(reading(end_s, voltage_v, current_a))
    return series


def reading(end_s: float, voltage_v: float, current_a: float) -> Reading:
    return Reading(
        1000.0 + end_s,
        WINDOW_S,
        (voltage_v,) * 3,
        (current_a,) * 3,
        (0.0,) * 3,
        50.0,
        0.0,
        0.0,
    )


def measured(series: list[Reading]) -> Reconnection:
    return measure_reconnection(
        series, voltage_low_v=LOW_V, current_floor_a=FLOOR_A, clock_ppm=50.0
    )


@given(
    back_s=st.floats(1.0, 3.0),
    waiting_s=st.floats(40.0, 65.0),
    period_s=st.sampled_from([0.1, 0.3, 0.7]),
)
def test_the_truth_lies_within_twice_the_standard_bracket(
    back_s: float, waiting_s: float, period_s: float
) -> None:
    result = measured(readings(back_s, back_s + waiting_s, period_s=period_s))
    widest_s = 2 * (period_s + WINDOW_S)
    assert float(result.waiting_time.value) == pytest.approx(waiting_s, abs=widest_s)
    assert result.waiting_time.censored is None


def test_an_inverter_that_stays_away_waited_at_least_as_long_as_it_was_watched() -> None:
    result = measured(readings(2.0, 1e9, until_s=120.0))
    assert result.waiting_time.censored == "at least"
    assert Decimal(117) < result.waiting_time.value < Decimal(118)
    assert result.connect_s is None


def test_gaps_between_readings_widen_the_uncertainty() -> None:
    dense = measured(readings(2.0, 63.0))
    sparse = measured(readings(2.0, 63.0, period_s=0.7))
    assert sparse.waiting_time.expanded_uncertainty > 2 * dense.waiting_time.expanded_uncertainty


def test_a_repeated_reading_is_stale() -> None:
    series = readings(2.0, 63.0)
    with pytest.raises(StaleReading, match="follows one that ends"):
        measured([*series[:50], series[49], *series[50:]])


def test_a_grid_that_never_returns_is_no_measurement() -> None:
    with pytest.raises(RecordingError, match="no return of the grid"):
        measured(readings(1e9, 1e9, until_s=10.0))


def test_a_grid_that_was_never_gone_is_no_measurement() -> None:
    with pytest.raises(RecordingError, match="no return of the grid"):
        measured(readings(0.0, 5.0, until_s=10.0))


def test_current_on_a_dead_bus_is_no_measurement() -> None:
    with pytest.raises(RecordingError, match="before the grid is back"):
        measured(readings(5.0, 2.0, until_s=10.0))
