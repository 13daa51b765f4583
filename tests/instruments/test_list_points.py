"""Compiling grid steps into list points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.ac_sources.list_points import compile_points
from instruments.interfaces import GridStep

FASTEST = 1e6
NOMINAL = GridStep((230.0, 230.0, 230.0), 50.0, 0.1)
voltages = st.tuples(*[st.floats(0, 300)] * 3)
steps = st.builds(
    GridStep,
    voltages_v=voltages,
    frequency_hz=st.floats(45, 55),
    hold_s=st.floats(0.001, 100),
    ramp_s=st.one_of(st.just(0.0), st.floats(0.01, 100)),
)


def test_a_step_is_one_point_at_full_speed() -> None:
    [point] = compile_points(NOMINAL, [GridStep((268.0, 230.0, 230.0), 50.0, 3.0)], FASTEST)
    assert point.voltages_v == (268.0, 230.0, 230.0)
    assert point.voltage_slews_v_per_s == (FASTEST, FASTEST, FASTEST)
    assert point.dwell_s == 3.0


def test_a_ramp_has_the_slew_that_ends_on_time_and_a_point_at_its_target() -> None:
    step = GridStep((250.0, 230.0, 210.0), 51.0, 5.0, ramp_s=2.0)
    ramp, hold = compile_points(NOMINAL, [step], FASTEST)
    assert ramp.voltage_slews_v_per_s == (10.0, FASTEST, 10.0)
    assert ramp.frequency_slew_hz_per_s == 0.5
    assert ramp.dwell_s == 2.0
    assert hold.voltages_v == ramp.voltages_v
    assert hold.dwell_s == 5.0


@given(program=st.lists(steps, min_size=1, max_size=8))
def test_the_points_last_exactly_as_long_as_the_steps(program: list[GridStep]) -> None:
    points = list(compile_points(NOMINAL, program, FASTEST))
    total_s = sum(step.duration_s for step in program)
    assert sum(point.dwell_s for point in points) == pytest.approx(total_s)
    assert points[-1].voltages_v == program[-1].voltages_v
