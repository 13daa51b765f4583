"""The rolling mean of the voltage and the end of generation, on readings made for a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering import (
    SustainedCease,
    measure_generation_time,
    measure_sustained_cease,
)
from bench.metering.rolling_mean import RollingMean
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading
from tests.bench.metering.accuracy import share_of_reading

ORIGIN_S = 5000.0
WINDOW_S = 2.0
AVERAGING_S = 600.0
NOMINAL_V, RAISED_V = 230.0, 262.0
EXCURSION_S, RISE_S = 20.0, 690.0


def reading(end_s: float, voltage_v: float, power_w: float, phase: int = 0) -> Reading:
    a, b, c = (voltage_v if k == phase else NOMINAL_V for k in range(3))
    share_w = power_w / 3
    return Reading(
        ORIGIN_S + end_s,
        WINDOW_S,
        (a, b, c),
        (1.0, 1.0, 1.0),
        (share_w, share_w, share_w),
        50.0,
        0.0,
        0.0,
    )


def raised(end_s: float) -> bool:
    return EXCURSION_S < end_s <= EXCURSION_S + 60.0 or end_s > RISE_S


def readings(cease_s: float, until_s: float = 1305.0, phase: int = 0) -> list[Reading]:
    """Return readings through a short excursion, a window at nominal, and a rise at 690 s."""
    return [
        reading(
            float(end_s),
            RAISED_V if raised(float(end_s)) else NOMINAL_V,
            2000.0 if end_s <= cease_s else 0.0,
            phase,
        )
        for end_s in np.arange(WINDOW_S, min(until_s, cease_s + 10.0), WINDOW_S)
    ]


def measured(series: list[Reading], action_max_s: float = 3.0) -> SustainedCease:
    return measure_sustained_cease(
        series,
        averaging_s=AVERAGING_S,
        action_max_s=action_max_s,
        power_floor_w=300.0,
        voltage=share_of_reading("voltage", 0.1),
    )


@given(after_s=st.integers(5, 290), phase=st.sampled_from([0, 1, 2]))
def test_the_mean_follows_the_closed_form_on_the_phase_that_rose(after_s: int, phase: int) -> None:
    at, before = measured(readings(RISE_S + 2.0 * after_s, phase=phase)).measurements

    def truth_v(time_s: float) -> float:
        return NOMINAL_V + (RAISED_V - NOMINAL_V) * min(1.0, time_s / AVERAGING_S)

    assert float(at.value) == pytest.approx(truth_v(2.0 * after_s), abs=0.12)
    assert float(before.value) == pytest.approx(truth_v(2.0 * after_s - 3.0), abs=0.12)
    assert abs(float(at.value) - truth_v(2.0 * after_s)) <= float(at.expanded_uncertainty)


def test_the_crossing_follows_the_closed_form() -> None:
    mean = RollingMean.of(readings(1e9), AVERAGING_S)
    found_s = mean.crossing_s(258.0)
    assert found_s is not None
    assert found_s - ORIGIN_S == pytest.approx(RISE_S + 600 * 28 / 32, abs=0.01)
    assert mean.crossing_s(262.5) is None


def test_an_inverter_that_goes_on_saw_at_least_the_last_mean() -> None:
    at, before = measured(readings(1e9)).measurements
    assert (at.censored, before.censored) == ("at least", "at least")
    assert float(at.value) == pytest.approx(RAISED_V, abs=0.01)


def test_an_end_before_the_first_whole_window_has_no_mean() -> None:
    assert measured(readings(60.0)).measurements == ()


def test_readings_with_a_hole_carry_no_mean() -> None:
    series = readings(1e9)
    with pytest.raises(RecordingError, match=r"leave out 8\.00 s"):
        measured(series[:100] + series[104:])


def test_a_single_missing_reading_counts_with_the_voltage_after_it() -> None:
    series = readings(1e9)
    whole = measured(series).measurements[0]
    assert measured(series[:100] + series[101:]).measurements[0].value == whole.value


def test_no_generation_at_all_is_no_measurement() -> None:
    with pytest.raises(RecordingError, match="no power to cease"):
        measured([reading(float(end_s), NOMINAL_V, 0.0) for end_s in range(2, 700, 2)])


def generation(series: list[Reading]) -> Measurement:
    return measure_generation_time(series, level_v=258.0, power_floor_w=300.0, clock_ppm=50.0)


def test_generation_through_the_excursion_lasts_at_least_until_the_second_rise() -> None:
    time = generation(readings(1200.0))
    assert time.censored == "at least"
    assert float(time.value) == pytest.approx(RISE_S - EXCURSION_S, abs=WINDOW_S)


@given(after_s=st.integers(1, 300))
def test_an_end_in_or_after_the_excursion_is_timed(after_s: int) -> None:
    time = generation(readings(EXCURSION_S + 2.0 * after_s))
    assert time.censored is None
    assert abs(float(time.value) - 2.0 * after_s) <= float(time.expanded_uncertainty)


def test_an_excursion_that_was_not_applied_is_trouble_with_the_bench() -> None:
    with pytest.raises(RecordingError, match="was not applied"):
        generation([reading(float(end_s), NOMINAL_V, 2000.0) for end_s in range(2, 700, 2)])


def test_an_excursion_whose_beginning_was_missed_is_trouble_with_the_bench() -> None:
    series = readings(1200.0)
    with pytest.raises(RecordingError, match="was missed"):
        generation([item for item in series if item.end_s > ORIGIN_S + EXCURSION_S])
