"""Means over windows, against closed forms."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering import active_power_w, fundamental_frequency_hz, moving_mean
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

RATE_HZ = 10_000.0


def sine(frequency_hz: float, rms: float, angle_rad: float = 0.0, seconds: float = 0.2) -> Samples:
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return sqrt(2) * rms * np.sin(2 * pi * frequency_hz * t + angle_rad)


def test_a_moving_mean_is_the_mean_of_each_window() -> None:
    samples = np.array([1.0, 5.0, -2.0, 4.0])
    assert moving_mean(samples, 3) == pytest.approx([4 / 3, 7 / 3])


@given(frequency_hz=st.floats(45.0, 55.0), angle_rad=st.floats(0.0, 2 * pi))
def test_the_frequency_is_found_to_ten_millihertz_under_noise_and_harmonics(
    frequency_hz: float, angle_rad: float
) -> None:
    noise = np.random.default_rng(11).normal(0.0, 0.5, 1000)
    samples = sine(frequency_hz, 230.0, angle_rad, 0.1) + noise
    samples = samples + sine(5 * frequency_hz, 0.03 * 230.0, 5 * angle_rad, 0.1)
    assert fundamental_frequency_hz(samples, RATE_HZ, 50.0) == pytest.approx(frequency_hz, abs=0.01)


def test_a_step_of_the_amplitude_does_not_move_the_frequency() -> None:
    samples = sine(50.2, 230.0, seconds=0.1)
    samples[430:] *= 268.0 / 230.0
    assert fundamental_frequency_hz(samples, RATE_HZ, 50.0) == pytest.approx(50.2, abs=0.05)


def test_too_few_cycles_for_a_frequency_are_refused() -> None:
    with pytest.raises(RecordingError, match="500 samples given, 3 cycles of 50 Hz are 600"):
        fundamental_frequency_hz(sine(50.0, 230.0, seconds=0.05), RATE_HZ, 50.0)


@given(lag_rad=st.floats(-pi, pi))
def test_active_power_is_u_i_cos_phi(lag_rad: float) -> None:
    channels = {"u1": sine(50.0, 230.0), "i1": sine(50.0, 10.0, -lag_rad)}
    recording = Recording(RATE_HZ, 0.0, channels, {"u1": "V", "i1": "A"})
    power_w = active_power_w(recording, ["u1"], ["i1"], frequency_hz=50.0, start_s=0.0137, cycles=5)
    assert power_w == pytest.approx(2300.0 * np.cos(lag_rad), abs=0.5)


def test_power_outside_the_record_is_refused() -> None:
    recording = Recording(RATE_HZ, 0.0, {"u1": sine(50.0, 1.0), "i1": sine(50.0, 1.0)}, {})
    with pytest.raises(RecordingError, match=r"leaves the record of 0\.2000 s"):
        active_power_w(recording, ["u1"], ["i1"], frequency_hz=50.0, start_s=0.15, cycles=5)
