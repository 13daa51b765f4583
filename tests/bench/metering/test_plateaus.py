"""The levels of a staircase, found in readings made for a known truth."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.metering.plateaus import find_plateaus, mean_voltage_v
from instruments.errors import RecordingError
from tests.bench.metering.staircase import ORIGIN_S, seen, volt_steps

LEVELS = (230.0, 253.0, 254.2, 253.0)
STAIRS = volt_steps(*LEVELS)


@settings(deadline=None, max_examples=30)
@given(late_s=st.floats(0.0, 0.19))
def test_each_step_lies_inside_its_bracket_wherever_the_windows_fall(late_s: float) -> None:
    plateaus = find_plateaus(seen(STAIRS, lambda _: 1.0, late_s=late_s), mean_voltage_v, LEVELS)
    for start_s, plateau in zip((20.0, 40.0, 60.0), plateaus[1:], strict=True):
        assert (
            plateau.began.earliest_s - 1e-6 <= ORIGIN_S + start_s <= plateau.began.latest_s + 1e-6
        )
        assert plateau.began.half_width_s < 0.3


@settings(deadline=None, max_examples=30)
@given(late_s=st.floats(0.0, 0.19))
def test_no_window_that_holds_part_of_a_step_belongs_to_a_level(late_s: float) -> None:
    plateaus = find_plateaus(seen(STAIRS, lambda _: 1.0, late_s=late_s), mean_voltage_v, LEVELS)
    assert [plateau.level for plateau in plateaus] == pytest.approx(LEVELS, abs=1e-9)


def test_a_step_the_source_left_out_is_trouble_with_the_bench() -> None:
    with pytest.raises(RecordingError, match="2 steps of"):
        find_plateaus(seen(volt_steps(230.0, 253.0, 254.2), lambda _: 1.0), mean_voltage_v, LEVELS)


def test_a_level_the_source_missed_is_trouble_with_the_bench() -> None:
    readings = seen(volt_steps(230.0, 253.0, 255.4, 253.0), lambda _: 1.0)
    with pytest.raises(RecordingError, match=r"level 2 of the program is 254\.2"):
        find_plateaus(readings, mean_voltage_v, LEVELS)
