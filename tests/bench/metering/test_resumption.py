"""When generation is back after a disturbance, on waveforms whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.metering.instant import Instant
from bench.metering.resumption import (
    Generation,
    find_change_near,
    measure_resumption,
    part_of,
)
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

RATE_HZ = 10_000.0
DIP_S, BACK_S, UNTIL_S = 0.3, 0.52, 1.5
VOLTAGES, CURRENTS = ("u1", "u2", "u3"), ("i1", "i2", "i3")
RATED_A = 14.5


def recording(
    envelope: Samples, *, phases: int = 3, turned_rad: float = 0.0, noise_a: float = 0.01
) -> Recording:
    """Return a dip to 50 V from 0.3 s to 0.52 s in which the current follows an envelope.

    Args:
        turned_rad: by which the current lags after the dip: reactive power in the place of active.
    """
    t = np.arange(round(1.6 * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(1)
    level_v = np.where((t >= DIP_S) & (t < BACK_S), 50.0, 230.0)
    channels: dict[str, Samples] = {}
    for k in range(3):
        angle = 2 * pi * 50.0 * t - 2 * pi * k / 3 + 0.4
        later = np.where(t >= BACK_S, turned_rad, 0.0)
        current_a = RATED_A * envelope if k < phases else 0.0 * t
        channels[f"u{k + 1}"] = sqrt(2) * level_v * np.sin(angle) + noise.normal(0, 0.3, len(t))
        wave = sqrt(2) * current_a * np.sin(angle - later)
        channels[f"i{k + 1}"] = wave + noise.normal(0, noise_a, len(t))
    units = {name: "V" if name[0] == "u" else "A" for name in channels}
    return Recording(RATE_HZ, 0.0, channels, units, "synthetic dip")


def times_s() -> Samples:
    return np.arange(round(1.6 * RATE_HZ)) / RATE_HZ


def paused(resume_s: float, level: float = 1.0) -> Samples:
    t = times_s()
    return np.where(t < DIP_S, 1.0, np.where(t < BACK_S + resume_s, 0.0, level))


def measure(record: Recording, share: float = 0.96) -> tuple[Instant | None, Measurement]:
    generation = Generation.of(record, CURRENTS, event_s=DIP_S, nominal_frequency_hz=50.0)
    end = Instant(BACK_S, BACK_S, BACK_S)
    return measure_resumption(generation, end, UNTIL_S, share=share, clock_ppm=50.0)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.02, 0.9), st.sampled_from([1, 3]))
def test_the_time_to_resume_is_inside_its_uncertainty(resume_s: float, phases: int) -> None:
    resumed, measurement = measure(recording(paused(resume_s), phases=phases))
    assert resumed is not None
    assert resumed.earliest_s <= BACK_S + resume_s <= resumed.latest_s
    assert abs(float(measurement.value) - resume_s) <= float(measurement.expanded_uncertainty)


def test_generation_that_never_fell_resumes_at_once() -> None:
    _, measurement = measure(recording(np.ones(round(1.6 * RATE_HZ))))
    assert (float(measurement.value), measurement.censored) == (0.0, None)


def test_reactive_power_in_the_place_of_active_is_generation() -> None:
    _, measurement = measure(recording(paused(0.1), turned_rad=0.45))
    assert float(measurement.value) == pytest.approx(0.1, abs=0.006)


@pytest.mark.parametrize(("level", "censored"), [(0.97, None), (0.95, "at least")])
def test_less_than_its_share_is_not_back(level: float, censored: str | None) -> None:
    resumed, measurement = measure(recording(paused(0.1, level)))
    assert measurement.censored == censored
    if censored:
        assert resumed is None
        assert float(measurement.value) == pytest.approx(UNTIL_S - BACK_S)


def test_generation_that_falls_again_was_not_back() -> None:
    t = times_s()
    envelope = np.where((t > BACK_S + 0.4) & (t < BACK_S + 0.5), 0.0, paused(0.1))
    _, measurement = measure(recording(envelope))
    assert float(measurement.value) == pytest.approx(0.5, abs=0.006)


def test_the_return_of_the_voltage_is_found_near_where_it_is_expected() -> None:
    record = recording(paused(0.1))
    found = find_change_near(
        record, VOLTAGES, BACK_S + 0.004, nominal_frequency_hz=50.0, nominal_voltage_v=230.0
    )
    assert found.best_s == pytest.approx(BACK_S, abs=5e-4)


def test_no_change_where_one_is_expected_is_refused() -> None:
    with pytest.raises(RecordingError, match="no voltage step"):
        find_change_near(
            recording(paused(0.1)),
            VOLTAGES,
            1.0,
            nominal_frequency_hz=50.0,
            nominal_voltage_v=230.0,
        )


def test_a_disturbance_outside_the_record_is_refused() -> None:
    with pytest.raises(RecordingError, match="not inside the record"):
        find_change_near(
            recording(paused(0.1)),
            VOLTAGES,
            1.58,
            nominal_frequency_hz=50.0,
            nominal_voltage_v=230.0,
        )


def test_a_part_keeps_its_place_in_time() -> None:
    record = replace(recording(paused(0.1)), start_s=7.0)
    part = part_of(record, 0.25, 0.5)
    assert part.start_s == pytest.approx(7.25)
    assert np.array_equal(part.channels["u1"], record.channels["u1"][2500:5000])


def test_too_little_before_the_disturbance_is_refused() -> None:
    with pytest.raises(RecordingError, match="Record more before it"):
        Generation.of(recording(paused(0.1)), CURRENTS, event_s=0.05, nominal_frequency_hz=50.0)
