"""Waiting time before reconnection, on readings made for a known truth."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering.instant import Instant
from bench.metering.reconnection import Reconnection, measure_reconnection
from bench.metering.voltage_return import find_voltage_return
from instruments.errors import RecordingError, StaleReading
from instruments.interfaces import Reading, Recording

WINDOW_S = 0.1
FLOOR_A = 0.04
ORIGIN_S = 1000.0
RETURN_S = 2.0
RETURNED = Instant.between(ORIGIN_S + RETURN_S - 5e-5, ORIGIN_S + RETURN_S + 5e-5)


def readings(connect_s: float, until_s: float = 75.0, period_s: float = WINDOW_S) -> list[Reading]:
    """Return readings after the grid's return, of an inverter that connects at `connect_s`."""
    ends_s = np.arange(RETURN_S + 2 * WINDOW_S, until_s, period_s)
    share = np.clip((ends_s - connect_s) / WINDOW_S, 0.0, 1.0)
    return [
        reading(float(end_s), 0.17 * float(part) ** 0.5)
        for end_s, part in zip(ends_s, share, strict=True)
    ]


def reading(end_s: float, current_a: float) -> Reading:
    currents = (current_a, current_a, current_a)
    return Reading(ORIGIN_S + end_s, WINDOW_S, (230.0,) * 3, currents, (0.0,) * 3, 50.0, 0.0, 0.0)


def measured(series: list[Reading]) -> Reconnection:
    return measure_reconnection(RETURNED, series, current_floor_a=FLOOR_A, clock_ppm=50.0)


@given(waiting_s=st.floats(40.0, 65.0), period_s=st.sampled_from([0.1, 0.3, 0.7]))
def test_the_truth_lies_inside_the_interval(waiting_s: float, period_s: float) -> None:
    result = measured(readings(RETURN_S + waiting_s, period_s=period_s)).waiting_time
    assert result.censored is None
    assert result.interval is not None
    low, high = result.interval
    assert float(low) - 1e-6 <= waiting_s <= float(high) + 1e-6
    assert float(high - low) <= period_s + 2 * WINDOW_S


def test_an_inverter_that_stays_away_waited_at_least_as_long_as_it_was_watched() -> None:
    result = measured(readings(1e9, until_s=120.0))
    assert result.waiting_time.censored == "at least"
    assert Decimal(117) < result.waiting_time.value < Decimal(118)
    assert result.connection is None


def test_gaps_between_readings_widen_the_uncertainty() -> None:
    dense = measured(readings(63.0)).waiting_time
    sparse = measured(readings(63.0, period_s=0.7)).waiting_time
    assert sparse.expanded_uncertainty > 2 * dense.expanded_uncertainty


def test_a_repeated_reading_is_stale() -> None:
    series = readings(63.0)
    with pytest.raises(StaleReading, match="follows one that ends"):
        measured([*series[:50], series[49], *series[50:]])


@pytest.mark.parametrize("series", [[], readings(1.0, until_s=10.0)], ids=["none", "too late"])
def test_a_connection_that_is_not_bracketed_is_no_measurement(series: list[Reading]) -> None:
    with pytest.raises(RecordingError):
        measured(series)


def record(return_s: float, rate_hz: float = 10_000.0) -> Recording:
    """Return one second of three phases that are dead until `return_s`, with noise."""
    time_s = np.arange(int(rate_hz)) / rate_hz
    noise = np.random.default_rng(3).normal(0.0, 0.5, (3, len(time_s)))
    channels = {
        f"u{k + 1}": noise[k]
        + np.where(time_s >= return_s, 325.3 * np.sin(2 * np.pi * (50 * time_s - k / 3)), 0.0)
        for k in range(3)
    }
    return Recording(rate_hz, 0.0, channels, dict.fromkeys(channels, "V"), "made")


@given(return_s=st.floats(0.1, 0.9))
def test_the_return_of_the_voltage_is_found_to_the_sample(return_s: float) -> None:
    found = find_voltage_return(record(return_s), ("u1", "u2", "u3"), nominal_voltage_v=230.0)
    assert found.earliest_s - 1e-9 <= return_s <= found.latest_s + 1e-9


@pytest.mark.parametrize("return_s", [0.0, 2.0], ids=["alive from the start", "never"])
def test_a_record_without_a_return_is_refused(return_s: float) -> None:
    with pytest.raises(RecordingError, match="no return of the grid"):
        find_voltage_return(record(return_s), ("u1", "u2", "u3"), nominal_voltage_v=230.0)
