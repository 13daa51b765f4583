"""Trip values from readings of stairs, against inverters whose threshold and delay are known."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.grid_code.profile import Requirement, load_grid_code
from bench.metering.trip_value import TripValue, measure_trip_value
from bench.paths import GRID_CODES
from bench.programs.trip_programs import Stairs, trip_stairs
from instruments.errors import RecordingError
from instruments.interfaces import Reading, Stimulus
from tests.bench.metering.accuracy import limit_of_error

CODE = load_grid_code(GRID_CODES / "as_nzs_4777_2_2020_australia_a.toml")
ROWS = {row.id: row for row in CODE.requirements}
FLOOR_A = 0.04


def at(stimulus: Stimulus, time_s: float) -> float:
    """Return the voltage of a program of steps at a time."""
    ends = accumulate(step.duration_s for step in stimulus.steps)
    found = (s for s, end_s in zip(stimulus.steps, ends, strict=True) if time_s < end_s)
    return next(found, stimulus.steps[-1]).voltages_v[0]


def tripped_s(stairs: Stairs, threshold: float, over: bool, delay_s: float) -> float:
    """Return when an ideal inverter trips; infinity for never."""
    begins_s = accumulate((s.duration_s for s in stairs.stimulus.steps), initial=0.0)
    for step, begin_s in zip(stairs.stimulus.steps, begins_s, strict=False):
        beyond = step.voltages_v[0] > threshold if over else step.voltages_v[0] < threshold
        if beyond:
            return begin_s + delay_s
    return float("inf")


def readings(stairs: Stairs, trip_s: float, offset_s: float) -> list[Reading]:
    """Return what an analyser shows until three windows after the trip, windows one after the other."""
    window_s = stairs.window_s
    last_s = min(trip_s + 3 * window_s, stairs.stimulus.duration_s - 2.0)
    found = []
    for number in range(int((last_s - offset_s) / window_s)):
        start_s = offset_s + number * window_s
        pieces = [at(stairs.stimulus, start_s + window_s * (k + 0.5) / 20) for k in range(20)]
        voltage_v = sum(pieces) / 20
        connected_s = min(window_s, max(0.0, trip_s - start_s))
        current_a = 10.0 * (connected_s / window_s) ** 0.5
        found.append(
            Reading(
                start_s + window_s,
                window_s,
                (voltage_v,) * 3,
                (current_a,) * 3,
                (0.0,) * 3,
                50.0,
                0.0,
                0.0,
            )
        )
    return found


def measure(row: Requirement, stairs: Stairs, seen: list[Reading]) -> TripValue:
    return measure_trip_value(
        seen,
        lambda reading: reading.voltages_v[0],
        measurand="trip voltage",
        over=row.direction == "over",
        first=stairs.levels[0],
        step=row.number("resolution"),
        looked_up_s=stairs.looked_up_s,
        level=limit_of_error("voltage", "0.08 V"),
        current_floor_a=FLOOR_A,
    )


@settings(deadline=None)
@given(
    st.sampled_from(["UV2", "UV1", "OV1", "OV2"]),
    st.floats(-0.95, 0.95),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
def test_the_threshold_lies_in_the_interval_whatever_the_delay(
    row_id: str, off: float, delay_share: float, offset_share: float
) -> None:
    row = ROWS[row_id]
    over = row.direction == "over"
    stairs = trip_stairs(row, "all", CODE.method, CODE.requirements)
    threshold = row.number("threshold") + off * row.number("tolerance")
    trip_s = tripped_s(stairs, threshold, over, delay_share * row.number("disconnection_max"))
    value = measure(row, stairs, readings(stairs, trip_s, offset_share * stairs.window_s)).value
    assert value.interval is not None
    low, high = map(float, value.interval)
    assert low - 1e-6 <= threshold <= high + 1e-6
    assert high - low == pytest.approx(row.number("resolution"), abs=1e-6)


@pytest.mark.parametrize(("row_id", "censored"), [("OV1", "at most"), ("UV1", "at least")])
def test_a_trip_at_the_first_level_only_bounds_the_value(row_id: str, censored: str) -> None:
    row = ROWS[row_id]
    stairs = trip_stairs(row, "all", CODE.method, CODE.requirements)
    trip_s = stairs.stimulus.steps[0].hold_s + 0.5
    value = measure(row, stairs, readings(stairs, trip_s, 0.0)).value
    assert (float(value.value), value.censored) == (stairs.levels[0], censored)


@pytest.mark.parametrize(("row_id", "censored"), [("OV1", "at least"), ("UV2", "at most")])
def test_without_a_trip_the_last_level_bounds_the_value(row_id: str, censored: str) -> None:
    row = ROWS[row_id]
    stairs = trip_stairs(row, "all", CODE.method, CODE.requirements)
    result = measure(row, stairs, readings(stairs, float("inf"), 0.0))
    assert result.trip is None
    assert float(result.value.value) == pytest.approx(stairs.levels[-1])
    assert result.value.censored == censored


def test_an_inverter_without_current_has_nothing_to_trip() -> None:
    row = ROWS["OV1"]
    stairs = trip_stairs(row, "all", CODE.method, CODE.requirements)
    seen = [replace(r, currents_a=(0.0,) * 3) for r in readings(stairs, 5.0, 0.0)]
    with pytest.raises(RecordingError, match="not connected before"):
        measure(row, stairs, seen)


def test_a_gap_where_the_level_was_held_is_refused() -> None:
    row = ROWS["OV1"]
    stairs = trip_stairs(row, "all", CODE.method, CODE.requirements)
    trip_s = tripped_s(stairs, 265.0, over=True, delay_s=1.5)
    looked_up_s = trip_s - stairs.looked_up_s
    seen = [r for r in readings(stairs, trip_s, 0.0) if abs(r.end_s - looked_up_s) > 1.0]
    with pytest.raises(RecordingError, match="read without a gap"):
        measure(row, stairs, seen)


@settings(deadline=None)
@given(st.sampled_from(["UV2", "OV2"]), st.floats(0.0, 1.0), st.integers(2, 5))
def test_readings_with_gaps_give_the_threshold_or_nothing(
    row_id: str, offset_share: float, every: int
) -> None:
    """Between the levels of V<< and V>> the grid is nominal: a gap there must not look like a low level."""
    row = ROWS[row_id]
    over = row.direction == "over"
    stairs = trip_stairs(row, "all", CODE.method, CODE.requirements)
    threshold = row.number("threshold") + 0.3
    trip_s = tripped_s(stairs, threshold, over, 0.1)
    seen = readings(stairs, trip_s, offset_share * stairs.window_s)[::every]
    try:
        low, high = measure(row, stairs, seen).value.interval or (None, None)
    except RecordingError:
        return
    if low is not None:
        assert float(low) - 0.5 <= threshold <= float(high) + 0.5
