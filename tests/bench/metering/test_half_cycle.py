"""The rms of every cycle, refreshed each half cycle, against closed forms."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering.half_cycle import RmsSeries, half_cycle_rms, zero_crossings
from instruments.errors import RecordingError
from instruments.interfaces import Samples

RATE_HZ = 10_000.0
TIMES_S = np.arange(4000) / RATE_HZ

frequencies = st.floats(45.0, 55.0)
angles = st.floats(0.0, 2 * pi)


def wave(frequency_hz: float, angle_rad: float = 0.0, order: int = 1) -> Samples:
    return sqrt(2) * np.sin(order * (2 * pi * frequency_hz * TIMES_S + angle_rad))


def rms(samples: Samples, reference: Samples | None = None) -> RmsSeries:
    reference = samples if reference is None else reference
    return half_cycle_rms(samples, reference, RATE_HZ, nominal_frequency_hz=50.0)


@given(frequency_hz=frequencies, angle_rad=angles)
def test_a_steady_sine_has_its_rms_in_every_window(frequency_hz: float, angle_rad: float) -> None:
    series = rms(230 * wave(frequency_hz, angle_rad))
    assert series.values == pytest.approx(np.full(len(series.values), 230.0), abs=0.02)
    assert series.windows_s == pytest.approx(1 / frequency_hz, rel=1e-3)


@given(frequency_hz=frequencies, angle_rad=angles)
def test_windows_begin_at_zero_crossings_of_the_fundamental_and_overlap_by_half(
    frequency_hz: float, angle_rad: float
) -> None:
    samples = wave(frequency_hz, angle_rad) + 0.08 * wave(frequency_hz, angle_rad, 5)
    starts_s = rms(samples).starts_s
    half_turns = (2 * pi * frequency_hz * starts_s + angle_rad) / pi
    # A harmonic of 8 % moves the crossing of the wave itself by up to 0.2 ms, which is 0.02 half turns.
    assert half_turns == pytest.approx(np.round(half_turns), abs=4e-3)
    assert np.diff(np.round(half_turns)) == pytest.approx(1.0)


@given(share=st.floats(0.0, 0.1), order=st.sampled_from([2, 3, 5, 7, 11]))
def test_harmonics_count(share: float, order: int) -> None:
    samples = 230 * (wave(50.0) + share * wave(50.0, 0.4, order))
    assert rms(samples).values == pytest.approx(230 * sqrt(1 + share**2), rel=1e-4)


def test_a_step_at_a_zero_crossing_shows_both_levels_and_one_window_between() -> None:
    level = np.where(TIMES_S < 0.2, 230.0, 270.0)
    series = rms(level * wave(50.0))
    between = sqrt((230**2 + 270**2) / 2)
    near = np.abs(series.starts_s - 0.19) < 2e-3
    assert series.values[near] == pytest.approx([between], abs=0.2)
    assert series.values[series.starts_s + series.windows_s < 0.201] == pytest.approx(230, abs=0.2)
    assert series.values[series.starts_s > 0.199] == pytest.approx(270.0, abs=0.2)


def test_windows_follow_a_frequency_that_steps() -> None:
    turned = 2 * pi * (50 * TIMES_S + 2 * np.maximum(TIMES_S - 0.2, 0))
    series = rms(sqrt(2) * 230 * np.sin(turned))
    settled = np.abs(series.middles_s - 0.2) > 0.03
    assert series.values[settled] == pytest.approx(230.0, abs=0.3)
    assert series.windows_s[-3:] == pytest.approx(1 / 52, rel=5e-3)


def test_a_voltage_that_is_interrupted_reads_zero_and_keeps_its_windows() -> None:
    alive = (TIMES_S < 0.1) | (TIMES_S > 0.3)
    series = rms(np.where(alive, 230 * wave(50.0), 0.0))
    dead = (series.starts_s > 0.1) & (series.starts_s + series.windows_s < 0.3)
    assert series.values[dead] == pytest.approx(0.0, abs=1e-6)
    assert np.count_nonzero(dead) >= 17
    assert series.windows_s == pytest.approx(0.02, rel=0.05)


@given(angle_rad=angles)
def test_a_current_is_measured_over_the_cycles_of_its_voltage(angle_rad: float) -> None:
    voltage, current = 230 * wave(50.3), 10 * wave(50.3, angle_rad)
    assert rms(current, voltage).starts_s == pytest.approx(rms(voltage).starts_s)
    assert rms(current, voltage).values == pytest.approx(10.0, abs=1e-3)


def test_a_dead_record_reads_zero() -> None:
    assert rms(np.zeros(4000)).values == pytest.approx(0.0)


def test_too_few_cycles_are_refused() -> None:
    with pytest.raises(RecordingError, match="500 samples given, 3 cycles of 50 Hz are 600"):
        zero_crossings(wave(50.0)[:500], RATE_HZ, nominal_frequency_hz=50.0)
