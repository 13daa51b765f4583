"""The frequency steps at a known instant, by a known amount."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.metering.frequency_step import FrequencyStep, find_frequency_step
from instruments.errors import RecordingError
from instruments.interfaces import Recording

RATE_HZ = 10_000.0
DURATION_S = 0.5
PHASES = (0.0, -2 * pi / 3, 2 * pi / 3)


def record(
    step_s: float,
    after_hz: float,
    *,
    before_hz: float = 50.0,
    change_s: float = 0.0,
    phases: int = 3,
    angle_rad: float = 0.3,
    noise_v: float = 0.3,
    harmonics: float = 0.03,
    jump_rad: float = 0.0,
    seed: int = 1,
) -> Recording:
    """Return phase voltages whose frequency goes from one value to the other in `change_s`."""
    t = np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ - step_s
    since = np.maximum(t, 0.0)
    within = np.minimum(since, change_s)
    grown = since - within + (0.5 * within**2 / change_s if change_s else 0.0)
    angle = angle_rad + 2 * pi * (before_hz * t + (after_hz - before_hz) * grown)
    angle = angle + jump_rad * (t >= 0)
    noise = np.random.default_rng(seed)
    channels = {}
    for k in range(phases):
        turned = angle + PHASES[k]
        wave = np.sin(turned) + harmonics * np.sin(5 * turned)
        channels[f"u{k + 1}"] = 230 * sqrt(2) * wave + noise.normal(0, noise_v, len(t))
    return Recording(RATE_HZ, 0.0, channels, dict.fromkeys(channels, "V"), "made")


def found(recording: Recording) -> FrequencyStep:
    return find_frequency_step(
        recording,
        tuple(recording.channels),
        nominal_frequency_hz=50.0,
        nominal_voltage_v=230.0,
    )


@settings(max_examples=25, deadline=None)
@given(
    step_s=st.floats(0.2, 0.32),
    after_hz=st.sampled_from([45.0, 46.9, 49.4, 50.6, 52.1, 55.0]),
    before_hz=st.sampled_from([49.95, 50.0, 50.02]),
    phases=st.sampled_from([1, 3]),
    angle_rad=st.floats(0.0, 2 * pi),
    noise_v=st.sampled_from([0.03, 0.3, 1.0]),
    harmonics=st.sampled_from([0.0, 0.03]),
    seed=st.integers(0, 1000),
)
def test_the_step_is_inside_its_bracket(
    step_s: float,
    after_hz: float,
    before_hz: float,
    phases: int,
    angle_rad: float,
    noise_v: float,
    harmonics: float,
    seed: int,
) -> None:
    step = found(
        record(
            step_s,
            after_hz,
            before_hz=before_hz,
            phases=phases,
            angle_rad=angle_rad,
            noise_v=noise_v,
            harmonics=harmonics,
            seed=seed,
        )
    )
    assert step.instant.earliest_s <= step_s <= step.instant.latest_s
    assert step.instant.half_width_s < 5e-3
    assert step.before_hz == pytest.approx(before_hz, abs=0.01)
    assert step.after_hz == pytest.approx(after_hz, abs=0.03)


@pytest.mark.parametrize("before_hz", [47.0, 49.5, 50.5, 52.0])
def test_the_grid_may_have_another_frequency_than_nominal_before(before_hz: float) -> None:
    step = found(record(0.25, before_hz - 1.5, before_hz=before_hz))
    assert step.instant.earliest_s <= 0.25 <= step.instant.latest_s
    assert step.before_hz == pytest.approx(before_hz, abs=0.01)


def test_the_step_of_a_trip_test_is_unbiased_and_known_to_a_fraction_of_a_millisecond() -> None:
    truths = np.linspace(0.25, 0.27, 60)
    steps = [found(record(float(t), 52.1, seed=k)).instant for k, t in enumerate(truths)]
    errors = np.array([step.best_s for step in steps]) - truths
    assert abs(errors.mean()) < 2e-4
    assert max(step.half_width_s for step in steps) < 2e-3


@pytest.mark.parametrize("change_s", [0.002, 0.01])
def test_a_slow_change_lies_inside_the_bracket_from_beginning_to_end(change_s: float) -> None:
    instant = found(record(0.25, 47.0 - 0.1, change_s=change_s, noise_v=0.05)).instant
    assert instant.earliest_s <= 0.25
    assert instant.latest_s >= 0.25 + change_s


def test_a_steady_grid_has_no_step() -> None:
    with pytest.raises(RecordingError, match="no step of the frequency"):
        found(record(0.25, 50.0))


def test_a_jump_of_the_angle_is_no_step_of_the_frequency() -> None:
    with pytest.raises(RecordingError, match="a step of at least"):
        found(record(0.25, 50.0, jump_rad=1.0))


def test_a_jump_together_with_a_step_is_refused() -> None:
    with pytest.raises(RecordingError, match="no mere step"):
        found(record(0.25, 52.1, jump_rad=1.0))


@pytest.mark.parametrize("step_s", [0.05, 0.45])
def test_a_step_near_the_edge_of_the_record_is_refused(step_s: float) -> None:
    with pytest.raises(RecordingError, match="record at least"):
        found(record(step_s, 52.1))
