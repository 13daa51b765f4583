"""How long an inverter stays connected from a disturbance, on readings made for a known truth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering.connection import find_disconnection_in, measure_connected_time
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading

FLOOR_A = 0.04
WINDOW_S = 0.2
DISTURBED_S = 1.5


def readings(disconnects_s: float, offset_s: float = 0.0, last_s: float = 6.0) -> list[Reading]:
    """Return readings of a swell on L2 from 1.5 s on; the inverter lets go of the grid on L3 alone."""
    found = []
    for number in range(int((last_s - offset_s) / WINDOW_S)):
        start_s = offset_s + number * WINDOW_S
        end_s = start_s + WINDOW_S
        share = min(1.0, max(0.0, (end_s - DISTURBED_S) / WINDOW_S))
        connected = min(1.0, max(0.0, (disconnects_s - start_s) / WINDOW_S))
        current_a = 0.17 * connected**0.5
        voltages_v = (230.0, 230.0 + 38.0 * share, 230.0)
        found.append(
            Reading(end_s, WINDOW_S, voltages_v, (0.0, 0.0, current_a), (0.0,) * 3, 50.0, 0.0, 0.0)
        )
    return found


def measure(seen: list[Reading]) -> Measurement:
    return measure_connected_time(
        seen,
        lambda reading: reading.voltages_v[1] > 249.0,
        current_floor_a=FLOOR_A,
        clock_ppm=50.0,
    )[1]


@given(st.floats(0.3, 4.0), st.floats(0.0, 0.19))
def test_the_time_connected_is_inside_the_brackets_of_its_readings(
    lasts_s: float, offset_s: float
) -> None:
    seen = readings(DISTURBED_S + lasts_s, offset_s)
    assert float(measure(seen).value) == pytest.approx(lasts_s, abs=2 * WINDOW_S)
    found = find_disconnection_in(seen, FLOOR_A)
    assert found is not None
    assert found[1].earliest_s <= DISTURBED_S + lasts_s <= found[1].latest_s


def test_an_inverter_that_stays_was_connected_for_at_least_as_long_as_it_was_watched() -> None:
    measurement = measure(readings(100.0))
    assert measurement.censored == "at least"
    assert float(measurement.value) == pytest.approx(6.0 - DISTURBED_S, abs=WINDOW_S)


def test_the_filter_current_of_one_phase_is_a_connection() -> None:
    assert find_disconnection_in(readings(100.0), FLOOR_A) is None


def test_an_inverter_that_was_not_connected_is_no_disconnection() -> None:
    with pytest.raises(RecordingError, match="not connected before the disturbance"):
        measure(readings(0.0))


def test_a_disturbance_that_was_not_applied_is_refused() -> None:
    with pytest.raises(RecordingError, match="none of 5 readings is disturbed"):
        measure(readings(100.0, last_s=1.1))


def test_a_disturbance_whose_beginning_was_missed_is_refused() -> None:
    with pytest.raises(RecordingError, match="already the first"):
        measure(readings(100.0, offset_s=2.0))
