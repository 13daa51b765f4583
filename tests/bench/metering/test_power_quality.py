"""Measurements from spectra: the worst of all phases, in the right unit, with the instrument's share of U."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from bench.metering.harmonics import HIGHEST_ORDER, HarmonicSpectrum
from bench.metering.power_quality import (
    current_imbalance,
    least_displacement_factor,
    worst_direct_current,
    worst_distortion,
    worst_harmonic,
)
from bench.verdicts.uncertainty import coverage_factor
from tests.bench.metering.accuracy import limit_of_error, share_of_reading

RATED_A, ERROR_A = 10.0, 0.02
HARMONIC, DIRECT, CURRENT = (
    limit_of_error(quantity, f"{ERROR_A} A")
    for quantity in ("harmonic_current", "direct_current", "current")
)
NORMAL_K = coverage_factor(float("inf"))


def phase(
    channel: str, fundamental: float = 10.0, direct: float = 0.0, **orders: float
) -> HarmonicSpectrum:
    """A steady current: h5 = 0.3 is 0.3 A of the fifth harmonic."""
    subgroups = np.zeros((5, HIGHEST_ORDER))
    subgroups[:, 0] = fundamental
    for name, rms in orders.items():
        subgroups[:, int(name[1:]) - 1] = rms
    between = np.zeros(HIGHEST_ORDER - 1)
    return HarmonicSpectrum(channel, 50.0, subgroups, between, np.full(5, direct), 0.99)


def test_the_worst_order_of_the_worst_phase_is_named() -> None:
    spectra = [phase("i1", h5=0.1), phase("i2", h7=0.3), phase("i3", h5=0.2)]
    found = worst_harmonic(spectra, (5, 7), rated_current_a=RATED_A, harmonic=HARMONIC)
    assert found.measurand == "harmonic current of order 7 in i2"
    assert float(found.value) == pytest.approx(3.0)
    assert found.unit == "%"


def test_a_steady_harmonic_is_as_uncertain_as_the_instrument() -> None:
    found = worst_harmonic([phase("i1", h5=0.1)], (5,), rated_current_a=RATED_A, harmonic=HARMONIC)
    assert float(found.expanded_uncertainty) == pytest.approx(NORMAL_K * 0.2 / sqrt(3))


def test_distortion_refers_to_the_fundamental_of_its_phase() -> None:
    spectra = [phase("i1", fundamental=10.0, h5=0.3), phase("i2", fundamental=5.0, h5=0.2)]
    found = worst_distortion(spectra, harmonic=HARMONIC)
    assert float(found.value) == pytest.approx(4.0)


def test_each_order_enters_the_distortion_by_its_weight_and_the_fundamental_too() -> None:
    """THD = sqrt(sum of squares) / fundamental: its derivatives, with a limit of error of each order."""
    spectrum = phase("i1", fundamental=10.0, h3=0.3, h5=0.4)
    by_order = limit_of_error("harmonic_current", "0.01 A order")
    found = worst_distortion([spectrum], harmonic=by_order)
    of_orders = (0.3 * 0.03) ** 2 + (0.4 * 0.05) ** 2
    of_fundamental = (0.05 * 0.01) ** 2
    half_width = sqrt(of_orders / 5.0**2 + of_fundamental / 10.0**2)
    assert float(found.expanded_uncertainty) == pytest.approx(NORMAL_K * 100 * half_width / sqrt(3))


def test_a_negative_direct_current_counts_by_its_size() -> None:
    found = worst_direct_current(
        [phase("i1", direct=0.01), phase("i2", direct=-0.05)], direct=DIRECT
    )
    assert found.measurand == "direct current in i2"
    assert float(found.value) == pytest.approx(0.05)


def test_an_offset_of_the_recorder_is_in_the_uncertainty_of_the_direct_current() -> None:
    found = worst_direct_current([phase("i1", direct=0.05)], direct=DIRECT)
    assert float(found.expanded_uncertainty) == pytest.approx(NORMAL_K * ERROR_A / sqrt(3))


def test_imbalance_is_the_spread_and_the_distance_from_the_mean() -> None:
    spectra = [phase("i1", 11.0), phase("i2", 9.5), phase("i3", 9.5)]
    spread, distance = current_imbalance(spectra, current=CURRENT)
    assert float(spread.value) == pytest.approx(1.5)
    assert float(distance.value) == pytest.approx(1.0)
    assert "i1" in distance.measurand


def test_the_distance_from_the_mean_has_a_part_of_every_phase_error() -> None:
    """With n phases of equal errors e the farthest has (1 - 1/n) e, each other one e/n."""
    spectra = [phase("i1", 11.0), phase("i2", 9.5), phase("i3", 9.5)]
    spread, distance = current_imbalance(spectra, current=CURRENT)
    of_mean = ERROR_A * sqrt((2 / 3) ** 2 + 2 * (1 / 3) ** 2)
    assert float(spread.expanded_uncertainty) == pytest.approx(NORMAL_K * ERROR_A * sqrt(2 / 3))
    assert float(distance.expanded_uncertainty) == pytest.approx(NORMAL_K * of_mean / sqrt(3))


def test_a_gain_that_all_phases_share_leaves_only_the_gain_of_their_difference() -> None:
    spectra = [phase("i1", 11.0), phase("i2", 9.5), phase("i3", 9.5)]
    spread, _ = current_imbalance(spectra, current=share_of_reading("current", 1.0))
    assert float(spread.expanded_uncertainty) == pytest.approx(NORMAL_K * 0.015 / sqrt(3))


def test_the_displacement_factor_is_dimensionless() -> None:
    assert least_displacement_factor([phase("i1")], current=CURRENT).unit == "1"
