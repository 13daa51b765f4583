"""The rise of power when the sun comes back, on readings made for a known truth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering import measure_rise
from bench.verdicts.uncertainty import coverage_factor
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading
from tests.bench.metering.accuracy import share_of_reading
from tests.bench.metering.test_power_ramp import RATED_W, reading

DARK_READINGS = 5


def readings(low_pct: float, rate_pct_per_min: float) -> list[Reading]:
    """Return readings of one second each: some in the dark, then a rise to full power."""
    powers = [low_pct] * DARK_READINGS
    while powers[-1] < 100.0:
        powers.append(min(100.0, powers[-1] + rate_pct_per_min / 60))
    return [reading(float(k), power / 100 * RATED_W, True) for k, power in enumerate(powers, 1)]


def measured(series: list[Reading]) -> Measurement:
    power = share_of_reading("active_power", 0.1)
    return measure_rise(series, rated_power_w=RATED_W, clock_ppm=50.0, power=power)


@given(low_pct=st.floats(5.0, 60.0), rate=st.floats(5.0, 300.0))
def test_the_rate_is_that_of_the_rise_wherever_it_begins(low_pct: float, rate: float) -> None:
    found = measured(readings(low_pct, rate))
    assert found.censored is None
    assert float(found.value) == pytest.approx(rate, rel=1e-6)


def test_a_gain_of_the_analyser_is_the_same_gain_of_the_rate() -> None:
    """A straight rise has no scatter: what is left is 0.1 % of the rate, and 50 ppm of its clock."""
    found = measured(readings(20.0, 16.0))
    half_width = 16.0 * (0.001**2 + 50e-6**2) ** 0.5
    assert float(found.expanded_uncertainty) == pytest.approx(
        coverage_factor(float("inf")) * half_width / 3**0.5, rel=1e-4
    )


def test_a_jump_is_at_least_as_fast_as_its_readings_tell() -> None:
    found = measured(readings(20.0, 1e6))
    assert found.censored == "at least"
    assert float(found.value) == pytest.approx(0.8 * 80.0 * 60 / 2)


def test_power_that_stays_is_no_rise() -> None:
    with pytest.raises(RecordingError, match="no rise"):
        measured([reading(float(k), 2000.0, True) for k in range(1, 20)])
