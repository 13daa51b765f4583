"""The soft ramp after a connection, on readings made for a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering import PowerRamp, measure_ramp
from instruments.errors import RecordingError
from instruments.interfaces import Reading
from tests.bench.metering.accuracy import share_of_reading

RATED_W = 10_000.0
CONNECT_S = 60.0
FLOOR_A = 0.04


def reading(end_s: float, power_w: float, connected: bool) -> Reading:
    share_w, current_a = power_w / 3, 0.17 if connected else 0.0
    return Reading(
        800.0 + end_s,
        1.0,
        (230.0, 230.0, 230.0),
        (current_a, current_a, current_a),
        (share_w, share_w, share_w),
        50.0,
        0.0,
        0.0,
    )


def readings(
    rate_pct_per_min: float,
    *,
    from_pct: float = 0.0,
    noise_w: float = 0.0,
    bow_pct: float = 0.0,
    until_s: float = 1000.0,
    seed: int = 5,
) -> list[Reading]:
    """Return readings of a ramp, with the power at the middle of each window of a second.

    Args:
        bow_pct: how far its middle is above the straight line.
    """
    noise = np.random.default_rng(seed)
    series = []
    for end_s in np.arange(1.0, until_s):
        on_s = end_s - 0.5 - CONNECT_S
        power_pct = min(100.0, from_pct + rate_pct_per_min / 60 * on_s) if on_s > 0 else 0.0
        power_pct += 4 * bow_pct * power_pct * (100 - power_pct) / 1e4
        power_w = power_pct / 100 * RATED_W + (noise.normal(0, noise_w) if on_s > 0 else 0.0)
        series.append(reading(float(end_s), power_w, on_s > 0))
        if power_pct >= 95:
            break
    return series


def measured(series: list[Reading]) -> PowerRamp:
    return measure_ramp(
        series,
        rated_power_w=RATED_W,
        current_floor_a=FLOOR_A,
        clock_ppm=50.0,
        power=share_of_reading("active_power", 0.1),
    )


@given(rate=st.floats(8.0, 60.0), noise_w=st.floats(0.0, 100.0))
def test_the_rate_is_that_of_the_ramp(rate: float, noise_w: float) -> None:
    found = measured(readings(rate, noise_w=noise_w)).rate
    assert found.censored is None
    assert abs(float(found.value) - rate) <= 2.5 * float(found.expanded_uncertainty)


def test_noise_does_not_make_a_ramp_flatter() -> None:
    """If every reading were kept by its own value, those near 90 % would be the low ones."""
    rates = [measured(readings(10.0, noise_w=200.0, seed=k)).rate for k in range(60)]
    assert abs(np.mean([float(rate.value) for rate in rates]) - 10.0) < 0.015


def test_a_dip_after_an_abrupt_rise_is_not_its_ramp() -> None:
    series = readings(60_000.0)
    last_s = series[-1].end_s - 800.0
    series += [
        reading(last_s + k, power_w, True) for k, power_w in enumerate([1e4, 8e3, 7e3, 6e3, 1e4], 1)
    ]
    assert measured(series).rate.censored == "at least"


@given(rate=st.floats(8.0, 60.0))
def test_a_straight_ramp_has_no_distance_from_its_line_and_jumps_by_its_rate(rate: float) -> None:
    ramp = measured(readings(rate))
    assert ramp.nonlinearity is not None
    assert float(ramp.nonlinearity.value) == pytest.approx(0.0, abs=1e-9)
    assert abs(float(ramp.jump.value) - rate / 60) <= float(ramp.jump.expanded_uncertainty)


def test_a_bowed_ramp_is_not_straight() -> None:
    ramp = measured(readings(16.67, bow_pct=20.0))
    assert ramp.nonlinearity is not None
    assert 5.0 < float(ramp.nonlinearity.value) < 15.0


def test_a_ramp_that_begins_above_nothing_jumps() -> None:
    ramp = measured(readings(16.67, from_pct=30.0))
    assert abs(float(ramp.jump.value) - 30.28) <= float(ramp.jump.expanded_uncertainty)
    assert float(ramp.rate.value) == pytest.approx(16.67, abs=0.01)


@given(share=st.floats(0.0, 1.0), jump_pct=st.floats(1.0, 9.0))
def test_a_jump_anywhere_in_a_window_is_seen_in_full(share: float, jump_pct: float) -> None:
    rate_pct_per_s = 16.67 / 60

    def up_to_pct_s(on_s: float) -> float:
        """Return the integral of the power since the connection."""
        return jump_pct * on_s + rate_pct_per_s * on_s**2 / 2 if on_s > 0 else 0.0

    series = []
    for end_s in np.arange(1.0, 400.0):
        on_s = end_s - CONNECT_S - share
        mean_pct = up_to_pct_s(on_s) - up_to_pct_s(on_s - 1.0)
        series.append(reading(float(end_s), mean_pct / 100 * RATED_W, on_s > 0))
    jump = measured(series).jump
    assert abs(float(jump.value) - jump_pct - rate_pct_per_s) <= float(jump.expanded_uncertainty)


def test_an_abrupt_rise_has_at_least_the_rate_its_readings_bracket() -> None:
    ramp = measured(readings(60_000.0))
    assert ramp.rate.censored == "at least"
    assert float(ramp.rate.value) == pytest.approx(80 / 2 * 60)
    assert ramp.nonlinearity is None
    assert float(ramp.jump.value) == pytest.approx(100.0)


def test_the_connection_is_bracketed_by_the_readings_around_it() -> None:
    connection = measured(readings(16.67)).connection
    assert connection.earliest_s <= 800.0 + CONNECT_S <= connection.latest_s


@pytest.mark.parametrize(
    "series",
    [[], readings(16.67)[100:], readings(16.67, until_s=200.0), readings(16.67, until_s=50.0)],
    ids=["none", "connected from the start", "too short", "no connection"],
)
def test_a_rise_that_is_not_whole_is_no_measurement(series: list[Reading]) -> None:
    with pytest.raises(RecordingError, match="no rise to measure"):
        measured(series)
