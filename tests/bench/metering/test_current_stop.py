"""The beginning of an island: the current through the grid contactor stops."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.metering import Instant, find_current_stop
from instruments.errors import RecordingError
from instruments.interfaces import Recording
from tests.bench.metering.synthesis import Scene

SAMPLE_S = 1e-4


def stop(scene: Scene, recording: Recording | None = None) -> Instant:
    return find_current_stop(
        recording or scene.recording(), scene.grid_currents, nominal_frequency_hz=50.0
    )


@settings(deadline=None)
@given(
    angle_rad=st.floats(0.0, 2 * pi),
    offset_s=st.floats(0.0, 0.02),
    phases=st.sampled_from([1, 3]),
    current_a=st.sampled_from([0.5, 2.0, 14.5]),
    seed=st.integers(0, 1000),
)
def test_the_stop_is_inside_a_bracket_of_a_millisecond(
    angle_rad: float, offset_s: float, phases: int, current_a: float, seed: int
) -> None:
    scene = Scene(
        phases=phases,
        angle_rad=angle_rad,
        step_s=0.2 + offset_s,
        current_a=current_a,
        seed=seed,
    )
    instant = stop(scene)
    assert instant.earliest_s - SAMPLE_S <= scene.step_s <= instant.latest_s + SAMPLE_S
    assert instant.half_width_s < 1e-3


def test_phases_that_stop_one_after_the_other_stop_with_the_last() -> None:
    """Each pole of a contactor goes out at the zero crossing of its own current."""
    scene = Scene()
    recording = scene.recording()
    for name, at_s in zip(scene.grid_currents, (0.2, 0.203, 0.206), strict=True):
        whole = Scene(step_s=9.0, angle_rad=0.3 + 2 * pi * 50 * 8.8).recording().channels[name]
        recording.channels[name][:] = np.where(scene.times_s() < at_s, whole, 0.01)
    assert stop(scene, recording).best_s == pytest.approx(0.206, abs=0.5e-3)


def test_the_slow_tail_of_a_current_transformer_is_not_current() -> None:
    scene = Scene()
    recording = scene.recording()
    after_s = scene.times_s() - scene.step_s
    for name in scene.grid_currents:
        recording.channels[name][:] += np.where(after_s > 0, 1.0 * np.exp(-after_s / 0.05), 0.0)
    assert stop(scene, recording).best_s == pytest.approx(scene.step_s, abs=3 * SAMPLE_S)


def test_a_current_that_only_halves_has_not_stopped() -> None:
    scene = Scene()
    recording = scene.recording()
    whole = Scene(step_s=9.0).recording()
    for name in scene.grid_currents:
        recording.channels[name][:] = whole.channels[name]
        recording.channels[name][2000:] *= 0.5
    with pytest.raises(RecordingError) as caught:
        stop(scene, recording)
    message = str(caught.value)
    assert "does not stop inside the record" in message
    assert "a fall to 1/4 or less" in message
    assert "the largest is to 1/2.0" in message


@pytest.mark.parametrize("at_s", [0.005, 0.49, 9.0])
def test_a_stop_without_a_cycle_around_it_is_not_seen(at_s: float) -> None:
    with pytest.raises(RecordingError, match="does not stop inside the record"):
        stop(Scene(step_s=at_s))


def test_a_contactor_without_current_cannot_show_its_opening() -> None:
    with pytest.raises(RecordingError, match="does not stop inside the record"):
        stop(Scene(current_a=0.0))
