"""The start of a voltage stimulus, from the recorded waveform."""

from __future__ import annotations

from dataclasses import replace
from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.metering import VoltageStep, find_voltage_step
from instruments.errors import RecordingError
from instruments.interfaces import Recording
from tests.bench.metering.synthesis import Scene

SAMPLE_S = 1e-4
LEVELS_V = [0.0, 67.0, 177.0, 208.0, 248.0, 268.0, 278.0]


def found(recording: Recording, scene: Scene) -> VoltageStep:
    return find_voltage_step(
        recording, scene.voltages, nominal_frequency_hz=50.0, nominal_voltage_v=230.0
    )


@settings(deadline=None)
@given(
    angle_rad=st.floats(0.0, 2 * pi),
    offset_s=st.floats(0.0, 0.02),
    level_v=st.sampled_from(LEVELS_V),
    frequency_hz=st.floats(47.5, 52.0),
    seed=st.integers(0, 1000),
)
def test_a_three_phase_step_is_placed_to_the_sample_at_any_point_on_wave(
    angle_rad: float, offset_s: float, level_v: float, frequency_hz: float, seed: int
) -> None:
    scene = Scene(
        angle_rad=angle_rad,
        step_s=0.2 + offset_s,
        stepped_to_v=level_v,
        frequency_hz=frequency_hz,
        seed=seed,
    )
    instant = found(scene.recording(), scene).instant
    assert instant.best_s == pytest.approx(scene.step_s, abs=2 * SAMPLE_S)
    assert instant.half_width_s <= 2 * SAMPLE_S


@settings(deadline=None)
@given(
    angle_rad=st.floats(0.0, 2 * pi),
    level_v=st.sampled_from(LEVELS_V),
    seed=st.integers(0, 1000),
)
def test_a_single_phase_step_is_inside_its_bracket_even_at_a_zero_crossing(
    angle_rad: float, level_v: float, seed: int
) -> None:
    scene = Scene(phases=1, angle_rad=angle_rad, step_s=0.20003, stepped_to_v=level_v, seed=seed)
    instant = found(scene.recording(), scene).instant
    assert instant.earliest_s - SAMPLE_S <= scene.step_s <= instant.latest_s + SAMPLE_S
    assert instant.half_width_s < 0.6e-3


def test_the_bracket_is_wider_where_a_zero_crossing_hides_the_step() -> None:
    widths = []
    for angle_rad in (0.0, pi / 2):
        scene = Scene(phases=1, angle_rad=angle_rad, voltage_harmonics=0.0, stepped_to_v=248.0)
        widths.append(found(scene.recording(), scene).instant.half_width_s)
    assert widths[0] > widths[1]


def test_only_the_phases_that_step_are_reported() -> None:
    scene = Scene(stepped=(1,), step_s=0.2137)
    step = found(scene.recording(), scene)
    assert list(step.phases) == ["u2"]
    assert step.instant.best_s == pytest.approx(0.2137, abs=3 * SAMPLE_S)


def test_the_first_phase_to_step_begins_the_event() -> None:
    early, late = Scene(step_s=0.21).recording(), Scene(step_s=0.24).recording()
    recording = replace(early, channels={**late.channels, "u3": early.channels["u3"]})
    step = found(recording, Scene())
    assert step.instant.best_s == pytest.approx(0.21, abs=3 * SAMPLE_S)
    assert step.phases["u1"].best_s == pytest.approx(0.24, abs=3 * SAMPLE_S)


def test_a_step_of_the_frequency_offset_alone_is_not_a_voltage_step() -> None:
    scene = Scene(frequency_hz=47.5, stepped_to_v=230.0)
    with pytest.raises(RecordingError, match="no voltage step"):
        found(scene.recording(), scene)


def test_no_step_says_what_was_looked_for_and_what_was_seen() -> None:
    scene = Scene(stepped_to_v=239.0)
    with pytest.raises(RecordingError) as caught:
        found(scene.recording(), scene)
    message = str(caught.value)
    assert "synthetic record: no voltage step in 0.500 s on u1, u2, u3" in message
    assert "more than 16.26 V" in message
    assert "largest single one is 1" in message
    assert len(message.splitlines()) <= 4


def test_a_spike_is_not_a_step() -> None:
    scene = Scene()
    recording = scene.recording()
    recording.channels["u1"][1200:1203] += 300.0
    assert found(recording, scene).instant.best_s == pytest.approx(scene.step_s, abs=2 * SAMPLE_S)


def test_a_search_that_begins_later_finds_the_next_step() -> None:
    scene = Scene(step_s=0.1)
    recording = scene.recording()
    for name in scene.voltages:
        recording.channels[name][3000:] *= 0.8
    step = find_voltage_step(
        recording,
        scene.voltages,
        nominal_frequency_hz=50.0,
        nominal_voltage_v=230.0,
        search_from_s=0.15,
    )
    assert step.instant.best_s == pytest.approx(0.3, abs=2 * SAMPLE_S)


@pytest.mark.parametrize("level_v", [0.0, 230.0])
def test_energisation_from_a_dead_bus_is_a_step(level_v: float) -> None:
    scene = Scene(voltage_v=230.0 - level_v, stepped_to_v=level_v)
    assert found(scene.recording(), scene).instant.best_s == pytest.approx(
        scene.step_s, abs=2 * SAMPLE_S
    )


@pytest.mark.parametrize(
    ("scene", "advice"),
    [
        (Scene(step_s=0.012), "record at least two cycles before the step"),
        (Scene(step_s=0.48), "one and a half cycles after the step"),
    ],
)
def test_a_step_without_room_around_it_is_refused(scene: Scene, advice: str) -> None:
    with pytest.raises(RecordingError, match=advice):
        found(scene.recording(), scene)


def test_a_slow_edge_is_bracketed_from_its_beginning() -> None:
    """An edge with a time constant of 0.3 ms: its beginning and its middle lie inside the bracket."""
    scene = Scene(noise_v=0.1)
    recording, old = scene.recording(), Scene(noise_v=0.1, stepped_to_v=230.0).recording()
    passed_s = np.maximum(scene.times_s() - scene.step_s, 0.0)
    share = 1 - np.exp(-passed_s / 0.3e-3)
    for name in scene.voltages:
        new = recording.channels[name]
        recording.channels[name][:] = old.channels[name] + share * (new - old.channels[name])
    instant = found(recording, scene).instant
    assert instant.earliest_s <= scene.step_s + SAMPLE_S
    assert instant.latest_s >= scene.step_s + 0.2e-3
    assert instant.half_width_s < 0.4e-3
