"""The fall of a power below a level, against steps and ramps whose crossing is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.metering.power_fall import PowerFall, find_power_fall
from instruments.errors import RecordingError
from instruments.interfaces import Samples

RATE_HZ = 20_000.0
T = np.arange(5000) / RATE_HZ


def fall(power_w: Samples, after_s: float = 0.05) -> PowerFall:
    return find_power_fall(
        power_w,
        RATE_HZ,
        after_s=after_s,
        threshold_w=5000.0,
        window_s=0.001,
        source="made up",
    )


@given(at_s=st.floats(0.06, 0.2), level_w=st.floats(6e3, 1e5))
def test_a_step_is_placed_to_the_sample_whatever_its_height(at_s: float, level_w: float) -> None:
    found = fall(np.where(at_s > T, level_w, 0.0)).instant
    assert found is not None
    assert found.best_s == pytest.approx(at_s, abs=1 / RATE_HZ)
    assert found.earliest_s <= at_s <= found.latest_s


def test_a_ramp_is_placed_where_it_crosses_the_level() -> None:
    found = fall(np.maximum(0.0, 40e3 - 2e6 * (T - 0.1))).instant
    assert found is not None
    assert found.best_s == pytest.approx(0.1175, abs=0.6e-3)
    assert found.earliest_s <= 0.1175 <= found.latest_s


def test_what_happens_before_the_start_does_not_count() -> None:
    found = fall(np.where((T > 0.02) & (T < 0.15), 40e3, 0.0)).instant
    assert found is not None
    assert found.best_s == pytest.approx(0.15, abs=1e-4)


def test_a_power_that_rises_again_is_reported_with_the_end_of_its_return() -> None:
    found = fall(np.where((T < 0.1) | ((T > 0.12) & (T < 0.13)), 40e3, 0.0))
    assert found.instant is not None
    assert found.instant.best_s == pytest.approx(0.1, abs=1e-4)
    assert found.back_until_s == pytest.approx(0.13, abs=1.1e-3)


def test_a_power_that_does_not_fall_is_known_to_the_end_of_the_record() -> None:
    found = fall(np.full(5000, 40e3))
    assert found.instant is None
    assert found.seen_until_s == pytest.approx(0.25)


@pytest.mark.parametrize("power_w", [0.0, -40e3])
def test_no_power_at_the_start_is_refused(power_w: float) -> None:
    with pytest.raises(RecordingError, match=r"(?s)made up: no power to lose.*Check the sign"):
        fall(np.full(5000, power_w))
