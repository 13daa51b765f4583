"""The end of the inverter's current: generation ceases, then the last of it is gone."""

from __future__ import annotations

from dataclasses import replace
from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.metering import CurrentEnd, Instant, find_cessation, find_disconnection
from instruments.errors import RecordingError
from instruments.interfaces import Recording
from tests.bench.metering.synthesis import Scene

SAMPLE_S = 1e-4
RATED_A = 14.5


def cessation(scene: Scene, recording: Recording | None = None, **options: float) -> CurrentEnd:
    return find_cessation(
        recording or scene.recording(),
        scene.currents,
        event_s=scene.step_s,
        nominal_frequency_hz=50.0,
        **{"at_least_a": 0.03 * RATED_A, **options},
    )


def disconnection(scene: Scene, recording: Recording | None = None) -> CurrentEnd:
    return find_disconnection(
        recording or scene.recording(),
        scene.currents,
        event_s=scene.step_s,
        nominal_frequency_hz=50.0,
        at_least_a=0.003 * RATED_A,
    )


def instant_of(end: CurrentEnd) -> Instant:
    assert end.instant is not None
    return end.instant


@settings(deadline=None)
@given(angle_rad=st.floats(0.0, 2 * pi), offset_s=st.floats(0.0, 0.02), seed=st.integers(0, 1000))
def test_an_abrupt_stop_of_three_phases_is_placed_to_the_sample(
    angle_rad: float, offset_s: float, seed: int
) -> None:
    scene = Scene(angle_rad=angle_rad, end_s=0.35 + offset_s, seed=seed)
    ceased, gone = instant_of(cessation(scene)), instant_of(disconnection(scene))
    assert ceased.best_s == pytest.approx(scene.cease_s, abs=SAMPLE_S)
    assert gone.best_s == pytest.approx(scene.disconnect_s, abs=SAMPLE_S)


@settings(deadline=None)
@given(angle_rad=st.floats(0.0, 2 * pi), seed=st.integers(0, 1000))
def test_an_abrupt_stop_of_one_phase_is_inside_its_bracket(angle_rad: float, seed: int) -> None:
    scene = Scene(phases=1, angle_rad=angle_rad, seed=seed)
    ceased = instant_of(cessation(scene))
    assert ceased.earliest_s - SAMPLE_S <= scene.cease_s <= ceased.latest_s + SAMPLE_S
    assert ceased.half_width_s < 1.5e-3


@pytest.mark.parametrize("exponential", [False, True])
@pytest.mark.parametrize("decay_s", [0.5e-3, 2e-3, 5e-3])
def test_a_decaying_current_ceases_when_it_has_fallen_to_the_share(
    decay_s: float, exponential: bool
) -> None:
    scene = Scene(decay_s=decay_s, exponential=exponential)
    ceased = instant_of(cessation(scene))
    assert ceased.best_s == pytest.approx(scene.cease_s, abs=0.5e-3)
    assert ceased.earliest_s <= scene.cease_s <= ceased.latest_s


@settings(max_examples=40, deadline=None)
@given(
    frequency_hz=st.sampled_from([49.0, 49.5, 50.5, 51.0]),
    angle_deg=st.floats(0.0, 50.0),
    decay_s=st.floats(0.5e-3, 5e-3),
    exponential=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_a_single_phase_that_fades_out_after_a_zero_crossing_is_inside_its_bracket(
    frequency_hz: float, angle_deg: float, decay_s: float, exponential: bool, seed: int
) -> None:
    """There the wave a nominal cycle earlier is another one, and the filter's current the larger part."""
    scene = Scene(
        phases=1,
        frequency_hz=frequency_hz,
        decay_s=decay_s,
        exponential=exponential,
        noise_a=0.003,
        seed=seed,
    )
    to_cease_rad = 2 * pi * frequency_hz * (scene.cease_s - scene.step_s)
    scene = replace(scene, angle_rad=np.radians(angle_deg) - to_cease_rad)
    instant = instant_of(cessation(scene))
    assert instant.earliest_s <= scene.cease_s <= instant.latest_s
    assert instant.half_width_s < 2.5e-3


def test_the_filters_current_is_not_generation_but_still_a_connection() -> None:
    scene = Scene(relay_s=0.1, duration_s=0.6)
    gap_s = instant_of(disconnection(scene)).best_s - instant_of(cessation(scene)).best_s
    assert gap_s == pytest.approx(0.1, abs=2 * SAMPLE_S)


def test_a_relay_that_never_opens_is_never_disconnected() -> None:
    scene = Scene(relay_s=10.0)
    end = disconnection(scene)
    assert end.instant is None
    assert end.flowing_until_s == pytest.approx(scene.duration_s, abs=1e-3)
    assert cessation(scene).instant is not None


def test_a_current_that_flows_to_the_end_never_ceased() -> None:
    end = cessation(Scene(end_s=9.0))
    assert end.instant is None
    assert end.flowing_until_s == pytest.approx(0.5, abs=1e-3)


def test_a_current_that_stops_in_the_last_half_cycle_is_not_known_to_have_ceased() -> None:
    end = cessation(Scene(end_s=0.495))
    assert end.instant is None
    assert end.flowing_until_s == pytest.approx(0.495, abs=1.1e-3)


def test_current_that_comes_back_and_stays_is_not_ceased() -> None:
    scene = Scene(end_s=9.0)
    recording = scene.recording()
    silence(recording, scene, 0.30, 0.35)
    end = cessation(scene, recording)
    assert end.instant is None
    assert end.resumptions == 1


def test_chattering_is_counted_and_the_last_end_is_the_end() -> None:
    scene = Scene(end_s=0.40, filter_a=0.0)
    recording = scene.recording()
    for start_s in (0.25, 0.30, 0.35):
        silence(recording, scene, start_s, start_s + 0.02)
    end = cessation(scene, recording)
    assert instant_of(end).best_s == pytest.approx(0.40, abs=2 * SAMPLE_S)
    assert end.resumptions == 3


def test_a_short_burst_after_the_end_moves_the_end() -> None:
    scene = Scene(end_s=0.30)
    recording = scene.recording()
    burst = Scene(end_s=9.0).recording()
    for name in scene.currents:
        recording.channels[name][4000:4030] = burst.channels[name][4000:4030]
    ceased = instant_of(cessation(scene, recording))
    assert ceased.earliest_s <= 0.403 <= ceased.latest_s + SAMPLE_S


def test_noise_after_the_end_does_not_move_it() -> None:
    """A rule that takes the last sample above 5 % would be wrong by the rest of the record here."""
    scene = Scene(current_a=4.0, noise_a=0.1, filter_a=0.0, duration_s=1.5)
    naive = np.flatnonzero(np.abs(scene.recording().channels["i1"]) > 0.05 * 4.0)[-1] * SAMPLE_S
    assert naive > scene.cease_s + 0.5
    ceased = instant_of(cessation(scene))
    assert ceased.best_s == pytest.approx(scene.cease_s, abs=0.6e-3)
    assert ceased.half_width_s < 0.8e-3


def test_noise_alone_is_no_connection() -> None:
    """No floor is given: the estimate of the noise must keep the rest of a long record below it."""
    scene = Scene(noise_a=0.05, relay_s=0.05, filter_a=1.0, duration_s=3.0)
    end = find_disconnection(
        scene.recording(), scene.currents, event_s=scene.step_s, nominal_frequency_hz=50.0
    )
    assert instant_of(end).best_s == pytest.approx(scene.disconnect_s, abs=0.5e-3)


def test_noise_that_hides_the_filters_current_is_refused() -> None:
    """The filter draws 0.17 A for 20 ms after the end; under 0.15 A of noise it would not be seen."""
    scene = Scene(noise_a=0.15)
    with pytest.raises(RecordingError, match=r"noise of 0\.25\d+ A hides currents up to 0\.48"):
        disconnection(scene)


def test_a_given_noise_replaces_the_estimate() -> None:
    """With 0.2 A declared as noise the filter's 0.17 A cannot be told from it."""
    scene = Scene()
    end = find_disconnection(
        scene.recording(),
        scene.currents,
        event_s=scene.step_s,
        nominal_frequency_hz=50.0,
        noise_a=0.2,
    )
    assert instant_of(end).best_s == pytest.approx(scene.cease_s, abs=0.5e-3)


def test_an_offset_of_the_recorder_does_not_count_as_current() -> None:
    scene = Scene()
    recording = scene.recording()
    for name in scene.currents:
        recording.channels[name][:] += 0.06
    assert instant_of(disconnection(scene, recording)).best_s == pytest.approx(
        scene.disconnect_s, abs=SAMPLE_S
    )


def test_a_phase_that_goes_on_alone_is_current() -> None:
    scene = Scene(end_s=0.30)
    recording = scene.recording()
    longer = Scene(end_s=0.38).recording().channels["i2"]
    mixed = replace(recording, channels={**recording.channels, "i2": longer})
    assert instant_of(cessation(scene, mixed)).best_s == pytest.approx(0.38, abs=1e-3)


def test_the_share_is_of_the_current_before_the_event() -> None:
    """The current halves at the event, which is not yet below 45 % of what flowed before it."""
    scene = Scene(current_after_step=0.5)
    recording = scene.recording()
    half = find_cessation(
        recording, scene.currents, event_s=scene.step_s, nominal_frequency_hz=50.0, share=0.45
    )
    assert instant_of(half).best_s == pytest.approx(scene.cease_s, abs=1e-3)
    assert half.level_a == pytest.approx(14.5 * np.sqrt(3), rel=0.01)
    assert half.threshold_a == pytest.approx(0.45 * half.level_a)


def test_an_inverter_that_did_not_run_has_no_current_to_lose() -> None:
    with pytest.raises(RecordingError, match=r"no current to lose: 0\.\d+ A before the event"):
        cessation(Scene(current_a=0.1))


def test_a_current_that_stopped_before_the_event_is_refused() -> None:
    scene = Scene(end_s=0.15, filter_a=0.0)
    with pytest.raises(RecordingError, match=r"about 0\.15\d* s, before the event at 0\.2000 s"):
        cessation(scene)


def test_too_little_before_the_event_is_refused() -> None:
    with pytest.raises(RecordingError, match="leaves 1 whole cycles before it"):
        cessation(Scene(step_s=0.03))


def silence(recording: Recording, scene: Scene, start_s: float, end_s: float) -> None:
    """Let no current flow from `start_s` to `end_s`."""
    for name in scene.currents:
        first, last = round(start_s * 1e4), round(end_s * 1e4)
        recording.channels[name][first:last] = recording.channels[name][first:last] * 1e-4
