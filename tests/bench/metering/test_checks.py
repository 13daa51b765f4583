"""A record that cannot carry a measurement is refused by name, channel and sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering import check_recording
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples
from tests.bench.metering.synthesis import Scene

SCENE = Scene(duration_s=0.1, step_s=0.05, end_s=0.08)


def with_channel(name: str, samples: Samples) -> Recording:
    recording = SCENE.recording()
    return replace(recording, channels={**recording.channels, name: samples})


def quantised(samples: Samples, step: float) -> Samples:
    return np.round(samples / step) * step


def test_a_good_record_is_accepted() -> None:
    check_recording(SCENE.recording(), [*SCENE.voltages, *SCENE.currents])


def test_a_missing_channel_is_named_with_those_that_are_there() -> None:
    with pytest.raises(RecordingError, match=r"synthetic record: no channel 'u4'.*'u1', 'i1'"):
        check_recording(SCENE.recording(), ["u1", "u4"])


def test_naming_no_channel_is_refused() -> None:
    with pytest.raises(RecordingError, match="no channel was named"):
        check_recording(SCENE.recording(), [])


@given(place=st.integers(0, 999), value=st.sampled_from([np.nan, np.inf, -np.inf]))
def test_the_first_sample_that_is_not_a_number_is_named(place: int, value: float) -> None:
    samples = SCENE.voltage(1)
    samples[place:] = value
    with pytest.raises(RecordingError, match=f"channel 'u2': sample {place} "):
        check_recording(with_channel("u2", samples), ["u1", "u2"])


def test_channels_of_unequal_length_are_refused_with_their_lengths() -> None:
    recording = with_channel("u2", SCENE.voltage(1)[:-3])
    with pytest.raises(RecordingError, match="'u1' 1000, 'u2' 997 samples"):
        check_recording(recording, ["u1", "u2"])


def test_a_short_record_is_refused_with_what_was_needed() -> None:
    with pytest.raises(RecordingError, match=r"are 0\.1000 s; at least 0\.2000 s are needed"):
        check_recording(SCENE.recording(), ["u1"], minimum_duration_s=0.2)


def test_a_record_without_samples_is_refused() -> None:
    with pytest.raises(RecordingError, match="0 samples"):
        check_recording(with_channel("u1", np.zeros(0)), ["u1"])


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_channel_that_stands_at_its_end_of_range_is_clipped(sign: float) -> None:
    samples = np.minimum(sign * SCENE.voltage(0), 0.97 * SCENE.voltage(0).max())
    with pytest.raises(RecordingError, match=r"'u1' is clipped: \d+ samples in a row from sample"):
        check_recording(with_channel("u1", sign * samples), ["u1"])


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_the_flat_top_that_quantisation_makes_is_not_clipping(bits: int) -> None:
    scene = Scene(noise_v=0.0, voltage_harmonics=0.0, sample_rate_hz=100_000.0)
    samples = quantised(scene.voltage(0), 1000.0 / 2**bits)
    check_recording(replace(scene.recording(), channels={"u1": samples}), ["u1"])


def test_a_channel_that_carries_nothing_is_not_clipped() -> None:
    idle = quantised(np.random.default_rng(3).normal(0.0, 0.3, 1000), 1.0)
    check_recording(with_channel("i1", np.zeros(1000)), ["i1"])
    check_recording(with_channel("i1", idle), ["i1"])
