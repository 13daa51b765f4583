"""Lines worth drawing: decimation that keeps every spike, rms that means something."""

from __future__ import annotations

from dataclasses import replace
from math import nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bench.metering import half_cycle_rms
from instruments.interfaces import Recording, Samples
from reports.plots.traces import (
    PEAK_LABEL,
    Pair,
    decimate,
    reading_traces,
    rms_series,
    waveforms,
)
from tests.reports.sample_run import EVENT_S, reconnection_readings, trip_recording

values = arrays(np.float64, st.integers(1, 3000), elements=st.floats(-1e3, 1e3))


@given(samples=values, most=st.integers(2, 400))
def test_decimation_keeps_the_extremes_and_the_order(samples: Samples, most: int) -> None:
    times = np.arange(len(samples)) / 10.0
    kept_times, kept = decimate(times, samples, most)
    assert kept.max() == samples.max()
    assert kept.min() == samples.min()
    assert np.all(np.diff(kept_times) > 0)
    assert np.array_equal(kept, samples[np.round(kept_times * 10).astype(int)])


@given(samples=values, most=st.integers(2, 400))
def test_decimation_keeps_to_the_number_of_points(samples: Samples, most: int) -> None:
    kept_times, kept = decimate(np.arange(len(samples)) * 1.0, samples, most)
    assert len(kept) == len(kept_times) <= most


def test_one_sample_of_a_million_survives() -> None:
    samples = np.zeros(1_000_000)
    samples[654_321] = -7.0
    _, kept = decimate(np.arange(1_000_000) * 1.0, samples, 800)
    assert kept.min() == -7.0


def trace(pair: Pair, label: str) -> np.ndarray:
    return next(item.values for item in pair.voltage if item.label == label)


def test_rms_is_the_one_that_is_measured_among_all_samples() -> None:
    recording = trip_recording()
    voltage = recording.channels["u1"]
    rate_hz = recording.sample_rate_hz
    measured = half_cycle_rms(voltage, voltage, rate_hz, nominal_frequency_hz=50.0)
    pair = rms_series(recording, 0.0, (0.0, recording.duration_s))
    drawn = next(item for item in pair.voltage if item.label == "L1")
    expected = np.interp(drawn.times_s, measured.middles_s, measured.values)
    assert drawn.values == pytest.approx(expected, abs=0.5)
    assert np.median(np.abs(drawn.values - expected)) < 0.001


def test_rms_of_a_sine_is_its_rms() -> None:
    pair = rms_series(trip_recording(), EVENT_S, (-0.2, -0.02))
    assert trace(pair, "L1") == pytest.approx(230.0, rel=1e-3)
    assert trace(pair, PEAK_LABEL) == pytest.approx(230.0, rel=2e-3)


def test_rms_shows_the_stepped_phase_alone() -> None:
    pair = rms_series(trip_recording(), EVENT_S, (0.1, 1.0))
    assert trace(pair, "L2") == pytest.approx(267.8, rel=1e-3)
    assert trace(pair, "L3") == pytest.approx(230.0, rel=1e-3)


def test_a_spike_of_one_sample_stands_out_of_the_rms() -> None:
    recording = trip_recording()
    recording.channels["u3"][12_345] = 900.0
    pair = rms_series(recording, EVENT_S, (-0.2, 2.5))
    assert trace(pair, PEAK_LABEL).max() == pytest.approx(900.0 / sqrt(2))


def test_waveforms_are_cut_to_the_span_and_count_from_the_origin() -> None:
    pair = waveforms(trip_recording(), EVENT_S, (-0.01, 0.01), 4000)
    times = pair.voltage[0].times_s
    assert (times[0], times[-1]) == pytest.approx((-0.01, 0.01))
    step = pair.voltage[1]
    at_the_event = int(np.argmin(np.abs(step.times_s)))
    assert step.values[at_the_event] == trip_recording().channels["u2"][3000]


def test_a_span_beyond_the_file_ends_with_the_file() -> None:
    pair = waveforms(trip_recording(), EVENT_S, (-99.0, 99.0), 100_000)
    assert len(pair.current[0].values) == 30_000


def test_readings_count_from_the_end_of_the_first() -> None:
    first, *_ = reading_traces(reconnection_readings(), "voltage", start_s=2.05)
    assert first.times_s[0] == pytest.approx(-2.05)
    assert reading_traces(reconnection_readings(), "current", 2.05)[2].values.max() == 0.2


def test_a_power_is_one_trace_in_percent_of_what_is_rated() -> None:
    readings = [
        replace(one, active_powers_w=(1000.0, 500.0, 1000.0)) for one in reconnection_readings()[:3]
    ]
    [power] = reading_traces(readings, "active_power", 0.0, rated=10_000.0)
    assert power.values == pytest.approx([25.0, 25.0, 25.0])


def test_what_the_analyser_did_not_find_is_a_gap_and_no_number() -> None:
    found = reconnection_readings()[:3]
    lost = replace(found[1], frequency_hz=nan)
    [frequency] = reading_traces([found[0], lost, found[2]], "frequency", 0.0)
    assert list(frequency.values) == [50.0, 50.0]
    assert reading_traces([lost], "frequency", 0.0) == []


def test_currents_of_the_grid_are_not_taken_for_phases() -> None:
    recording = trip_recording()
    channels = {**recording.channels, "ig1": np.zeros(recording.sample_count)}
    wider = Recording(10_000.0, 0.0, channels, dict.fromkeys(channels, "A"))
    assert waveforms(wider, 0.0, (0.0, 0.1), 100).labels == ["L1", "L2", "L3"]


def test_a_single_phase_recording_has_one_trace_of_each() -> None:
    recording = trip_recording()
    channels = {name: recording.channels[name] for name in ("u1", "i1")}
    single = Recording(10_000.0, 0.0, channels, recording.units)
    assert rms_series(single, 0.0, (0.0, 1.0)).labels == [PEAK_LABEL, "L1"]
