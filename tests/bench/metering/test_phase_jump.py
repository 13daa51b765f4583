"""Phase-angle jumps and frequency ramps, measured on waveforms with a closed form."""

from __future__ import annotations

from math import pi, radians, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.metering.frequency_ramp import find_first_ramp, frequency_series, ramp_rates_hz_per_s
from bench.metering.instant import Instant
from bench.metering.phase_jump import measure_jumps_deg
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

RATE_HZ = 10_000.0
JUMP_S = 0.31
CHANNELS = ("u1", "u2", "u3")


def record_of(angles: list[Samples]) -> Recording:
    noise = np.random.default_rng(3)
    channels = {
        name: sqrt(2) * 230.0 * np.sin(angle) + noise.normal(0, 0.3, len(angle))
        for name, angle in zip(CHANNELS, angles, strict=True)
    }
    return Recording(RATE_HZ, 0.0, channels, dict.fromkeys(CHANNELS, "V"), "synthetic")


def jumped(jumps_deg: tuple[float, float, float], frequency_hz: float = 50.0) -> Recording:
    t = np.arange(round(0.6 * RATE_HZ)) / RATE_HZ
    return record_of(
        [
            2 * pi * frequency_hz * t - 2 * pi * k / 3 + np.where(t >= JUMP_S, radians(jump), 0.0)
            for k, jump in enumerate(jumps_deg)
        ]
    )


@settings(deadline=None, max_examples=30)
@given(st.tuples(*[st.floats(-90, 90)] * 3), st.floats(49.5, 50.5))
def test_each_phase_is_seen_to_jump_by_its_own_angle(
    jumps_deg: tuple[float, float, float], frequency_hz: float
) -> None:
    found = measure_jumps_deg(
        jumped(jumps_deg, frequency_hz),
        CHANNELS,
        Instant.between(JUMP_S - 1e-3, JUMP_S + 1e-3),
        nominal_frequency_hz=50.0,
    )
    assert found == pytest.approx(jumps_deg, abs=0.3)


def test_a_jump_at_the_edge_of_the_record_is_refused() -> None:
    with pytest.raises(RecordingError, match="not inside the record"):
        measure_jumps_deg(
            jumped((60.0, 0.0, 0.0)), CHANNELS, Instant(0.05, 0.05, 0.05), nominal_frequency_hz=50.0
        )


def ramped(begin_s: float, rate_hz_per_s: float, ramp_s: float) -> Recording:
    """Return a ramp of the frequency; its angle is the integral, exactly."""
    t = np.arange(round(2.0 * RATE_HZ)) / RATE_HZ
    inside = np.clip(t - begin_s, 0.0, ramp_s)
    after = np.maximum(t - begin_s - ramp_s, 0.0)
    turns = 50.0 * t + rate_hz_per_s * (0.5 * inside**2 + ramp_s * after)
    return record_of([2 * pi * turns - 2 * pi * k / 3 for k in range(3)])


@settings(deadline=None, max_examples=15)
@given(st.floats(0.4, 1.2), st.sampled_from([-1.0, 1.0]), st.floats(2.0, 8.0))
def test_a_ramp_is_found_and_its_rate_measured(
    begin_s: float, sign: float, rate_hz_per_s: float
) -> None:
    record = ramped(begin_s, sign * rate_hz_per_s, 0.25)
    times_s, frequencies_hz = frequency_series(record, "u1", nominal_frequency_hz=50.0)
    start = find_first_ramp(
        times_s,
        frequencies_hz,
        nominal_frequency_hz=50.0,
        rate_hz_per_s=rate_hz_per_s,
        excursion_hz=0.25 * rate_hz_per_s,
        source="synthetic",
    )
    assert start.earliest_s <= begin_s <= start.latest_s
    [found] = ramp_rates_hz_per_s(
        record,
        times_s,
        frequencies_hz,
        [(start.best_s, start.best_s + 0.25)],
        nominal_frequency_hz=50.0,
    )
    assert found == pytest.approx(sign * rate_hz_per_s, rel=0.02)


def test_a_steady_frequency_has_no_ramp() -> None:
    record = ramped(0.5, 0.0, 0.25)
    times_s, frequencies_hz = frequency_series(record, "u1", nominal_frequency_hz=50.0)
    with pytest.raises(RecordingError, match="ramps were not applied"):
        find_first_ramp(
            times_s,
            frequencies_hz,
            nominal_frequency_hz=50.0,
            rate_hz_per_s=4.0,
            excursion_hz=1.0,
            source="synthetic",
        )


def test_a_ramp_too_short_for_its_windows_is_refused() -> None:
    record = ramped(0.5, 4.0, 0.05)
    times_s, frequencies_hz = frequency_series(record, "u1", nominal_frequency_hz=50.0)
    with pytest.raises(RecordingError, match="at least 3 are needed"):
        ramp_rates_hz_per_s(
            record, times_s, frequencies_hz, [(0.5, 0.55)], nominal_frequency_hz=50.0
        )
