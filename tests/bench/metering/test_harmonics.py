"""Spectra of waveforms whose components are known, at any frequency a grid has."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.metering.harmonics import HarmonicSpectrum, measure_spectra
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

RATE_HZ = 10_000.0
FEW = settings(deadline=None, max_examples=15)


def sine(times_s: Samples, frequency_hz: float, rms: float, angle_rad: float = 0.0) -> Samples:
    return sqrt(2) * rms * np.sin(2 * pi * frequency_hz * times_s + angle_rad)


def spectrum(
    components: Mapping[float, float],
    *,
    frequency_hz: float = 50.0,
    direct: float = 0.0,
    lag_rad: float = 0.0,
    duration_s: float = 1.1,
    rate_hz: float = RATE_HZ,
) -> HarmonicSpectrum:
    """Measure a current made of orders (not always whole) and their rms."""
    times_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    current = direct + sum(
        sine(times_s, order * frequency_hz, rms, 0.3 * order - lag_rad * (order == 1))
        for order, rms in components.items()
    )
    channels = {"u1": sine(times_s, frequency_hz, 230.0, 0.3), "i1": np.asarray(current)}
    recording = Recording(rate_hz, 0.0, channels, {"u1": "V", "i1": "A"})
    [found] = measure_spectra(recording, ["u1"], ["i1"], nominal_frequency_hz=50.0)
    return found


@FEW
@given(
    frequency_hz=st.floats(47.0, 52.0),
    order=st.integers(2, 50),
    rms=st.floats(0.01, 2.0),
)
def test_every_order_is_found_at_every_grid_frequency(
    frequency_hz: float, order: int, rms: float
) -> None:
    found = spectrum({1: 14.5, order: rms}, frequency_hz=frequency_hz).harmonics
    others = np.delete(found, [0, order - 1])
    assert found[order - 1] == pytest.approx(rms, rel=1e-4)
    assert others.max() < 2e-4


@FEW
@given(shares=st.lists(st.floats(0.0, 0.05), min_size=3, max_size=3))
def test_distortion_is_the_root_sum_square_over_the_fundamental(shares: list[float]) -> None:
    orders = dict(zip((3, 7, 49), (10.0 * share for share in shares), strict=True))
    expected = sqrt(sum(share**2 for share in shares))
    assert spectrum({1: 10.0, **orders}).distortion == pytest.approx(expected, abs=2e-5)


def test_a_direct_transform_of_synchronous_samples_agrees() -> None:
    components = {1: 10.0, 2: 0.3, 5: 0.8, 11: 0.1}
    times_s = np.arange(2000) / RATE_HZ
    current = sum(sine(times_s, 50 * order, rms, 0.3 * order) for order, rms in components.items())
    lines = [
        sqrt(2) * abs(np.mean(current * np.exp(-2j * pi * 50 * order * times_s)))
        for order in range(1, 51)
    ]
    assert spectrum(components).harmonics == pytest.approx(np.array(lines), abs=5e-5)


def test_an_interharmonic_between_two_orders_counts_to_neither() -> None:
    found = spectrum({1: 10.0, 5.5: 0.4})
    assert found.harmonics[4] == pytest.approx(0.0, abs=1e-4)
    assert found.harmonics[5] == pytest.approx(0.0, abs=1e-4)
    assert found.interharmonics[4] == pytest.approx(0.4, rel=1e-4)


def test_a_line_beside_a_harmonic_belongs_to_its_subgroup() -> None:
    found = spectrum({1: 10.0, 5: 0.3, 5.1: 0.4})
    assert found.harmonics[4] == pytest.approx(0.5, rel=1e-4)


@FEW
@given(direct=st.floats(-0.5, 0.5), frequency_hz=st.floats(47.0, 52.0))
def test_direct_current_keeps_its_sign_and_is_no_harmonic(
    direct: float, frequency_hz: float
) -> None:
    found = spectrum({1: 14.5}, direct=direct, frequency_hz=frequency_hz)
    assert float(np.mean(found.direct)) == pytest.approx(direct, abs=1e-4)
    assert found.harmonics[1:].max() < 2e-4


@FEW
@given(lag_rad=st.floats(-1.2, 1.2))
def test_harmonics_do_not_change_the_displacement_factor(lag_rad: float) -> None:
    found = spectrum({1: 10.0, 5: 2.0}, lag_rad=lag_rad)
    assert found.displacement_factor == pytest.approx(cos(lag_rad), abs=1e-5)


def test_windows_follow_the_frequency() -> None:
    assert spectrum({1: 10.0}, frequency_hz=51.3).frequency_hz == pytest.approx(51.3, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"duration_s": 0.15}, "no whole window"),
        ({"duration_s": 0.3}, "one window"),
        ({"rate_hz": 4000.0}, "expected at least"),
    ],
)
def test_a_record_that_cannot_carry_it_is_refused(change: dict[str, float], words: str) -> None:
    with pytest.raises(RecordingError, match=words):
        spectrum({1: 10.0}, **change)
