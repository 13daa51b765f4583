"""From a recording to two times with uncertainty."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt

import pytest

from bench.metering import ClearingTime, measure_clearing_time
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from tests.bench.metering.synthesis import Scene


def clearing(scene: Scene, start: str = "voltage_step", clock_ppm: float = 50.0) -> ClearingTime:
    return measure_clearing_time(
        scene.recording(),
        start=start,
        nominal_frequency_hz=50.0,
        nominal_voltage_v=230.0,
        rated_current_a=14.5,
        clock_ppm=clock_ppm,
        recording_name="recordings/trial-1.h5",
        voltage_channels=scene.voltages,
        current_channels=scene.currents,
        grid_current_channels=scene.grid_currents,
    )


def standard_uncertainty(measurement: Measurement, source: str) -> float:
    (line,) = [line for line in measurement.budget if line.source.startswith(source)]
    return line.standard_uncertainty


@pytest.mark.parametrize("start", ["voltage_step", "current_stop"])
def test_cease_and_disconnect_are_two_times_from_the_same_start(start: str) -> None:
    scene = Scene(end_s=0.35, relay_s=0.02)
    result = clearing(scene, start)
    assert float(result.cease_time.value) == pytest.approx(0.15, abs=2e-4)
    assert float(result.disconnect_time.value) == pytest.approx(0.17, abs=2e-4)
    assert result.start.best_s == pytest.approx(scene.step_s, abs=1e-4)
    assert result.cease is not None
    assert result.cease.best_s - result.start.best_s == pytest.approx(
        float(result.cease_time.value)
    )


def test_the_interval_spans_both_brackets() -> None:
    result = clearing(Scene())
    assert result.cease is not None
    assert result.cease_time.interval is not None
    shortest, longest = map(float, result.cease_time.interval)
    assert shortest == pytest.approx(result.cease.earliest_s - result.start.latest_s)
    assert longest == pytest.approx(result.cease.latest_s - result.start.earliest_s)


def test_the_budget_names_four_sources_and_adds_up() -> None:
    measurement = clearing(Scene()).cease_time
    parts = [line.standard_uncertainty for line in measurement.budget]
    assert len(parts) == 4
    expected = float(measurement.coverage_factor) * sqrt(sum(part**2 for part in parts))
    assert float(measurement.expanded_uncertainty) == pytest.approx(expected)
    assert measurement.unit == "s"
    assert measurement.recording == "recordings/trial-1.h5"


def test_the_clock_contributes_in_proportion_to_the_time() -> None:
    measurement = clearing(Scene(), clock_ppm=100.0).cease_time
    assert standard_uncertainty(measurement, "recorder clock") == pytest.approx(
        100e-6 * float(measurement.value) / sqrt(3)
    )


def test_the_sample_interval_contributes_as_a_resolution() -> None:
    measurement = clearing(Scene(sample_rate_hz=2000.0)).cease_time
    assert standard_uncertainty(measurement, "sample interval") == pytest.approx(5e-4 / sqrt(12))


def test_no_end_inside_the_record_is_at_least_what_the_record_shows() -> None:
    scene = Scene(end_s=9.0)
    result = clearing(scene)
    for measurement in (result.cease_time, result.disconnect_time):
        assert measurement.censored == "at least"
        assert measurement.interval is None
        assert float(measurement.value) == pytest.approx(scene.duration_s - scene.step_s, abs=2e-3)
        assert measurement.expanded_uncertainty > 0
    assert result.cease is None
    assert result.disconnect is None


def test_a_small_current_before_the_event_does_not_make_the_filter_generation() -> None:
    """At 8 % of rated current 5 % of it is below what the filter draws; 3 % of rated is not."""
    scene = Scene(current_a=0.08 * 14.5, relay_s=0.05)
    result = clearing(scene)
    assert float(result.cease_time.value) == pytest.approx(0.15, abs=2e-3)
    assert float(result.disconnect_time.value) == pytest.approx(0.20, abs=2e-3)


def test_an_end_at_the_event_itself_is_not_a_time() -> None:
    scene = Scene(end_s=0.2, filter_a=0.0)
    with pytest.raises(RecordingError, match=r"does not come after the start|before the event"):
        clearing(scene)


def test_a_start_that_does_not_exist_is_refused() -> None:
    with pytest.raises(
        ValueError, match="expected one of voltage_step, frequency_step, current_stop"
    ):
        clearing(Scene(), start="contact")


def test_a_missing_channel_is_named() -> None:
    with pytest.raises(RecordingError, match="no channel 'i2'"):
        measure_clearing_time(
            Scene(phases=1).recording(),
            start="voltage_step",
            nominal_frequency_hz=50.0,
            nominal_voltage_v=230.0,
            rated_current_a=14.5,
            voltage_channels=["u1"],
        )


def test_values_are_decimals_that_are_never_rounded() -> None:
    result = clearing(Scene())
    assert result.cease is not None
    expected = Decimal(repr(result.cease.best_s - result.start.best_s))
    assert result.cease_time.value == expected
