"""Watts in 16 bits and a power of ten."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import ConfigurationError
from instruments.utility_server.active_power import encode

LARGEST_W = 32_767e9


@given(st.floats(-LARGEST_W, LARGEST_W))
def test_any_power_fits_into_16_bits_and_comes_back_within_its_resolution(power_w: float) -> None:
    power = encode(power_w)
    assert -32_768 <= power.value <= 32_767
    assert power.watts == pytest.approx(power_w, abs=0.501 * 10**power.multiplier)


@given(st.floats(-LARGEST_W, LARGEST_W))
def test_no_digit_is_given_away(power_w: float) -> None:
    power = encode(power_w)
    if power.multiplier > 0:
        finer = round(power_w / 10 ** (power.multiplier - 1))
        assert not -32_768 <= finer <= 32_767


@pytest.mark.parametrize(
    ("power_w", "multiplier"), [(40_000.0, 0), (-32_769.0, 0), (400_000.0, 1), (math.nan, None)]
)
def test_what_does_not_fit_is_refused(power_w: float, multiplier: int | None) -> None:
    with pytest.raises(ConfigurationError, match="16-bit value"):
        encode(power_w, multiplier)


def test_a_multiplier_that_is_asked_for_is_used() -> None:
    assert encode(1500.0, 2) == (15, 2)
