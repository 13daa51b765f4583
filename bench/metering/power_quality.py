"""Measurements from spectra: one harmonic, the distortion, the direct current, the balance, with budgets. Pure.

What the analyser states of its recorded currents (gain and offset of the range) enters once in each. A direct
current of the inverter and an offset of the recorder look the same, so the whole offset is in the budget.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.metering.harmonics import HarmonicSpectrum, scatter
from bench.uncertainty import BudgetLine, combine, rectangular
from bench.verdict import Measurement

GROUPING = "IEC 61000-4-7 subgroups over windows of ten measured cycles, root mean square"
RANGE_LINE = "recorded current, gain and offset of the range"
SCATTER_LINE = "scatter of the windows"


def worst_harmonic(
    spectra: Sequence[HarmonicSpectrum],
    orders: Sequence[int],
    *,
    rated_current_a: float,
    current_error_a: float,
) -> Measurement:
    """Return the largest of some orders over all phases, in % of rated current."""
    spectrum, order = max(
        ((spectrum, order) for spectrum in spectra for order in orders),
        key=lambda pair: pair[0].harmonics[pair[1] - 1],
    )
    percent = 100 / rated_current_a
    return Measurement.of(
        f"harmonic current of order {order} in {spectrum.channel}",
        percent * float(spectrum.harmonics[order - 1]),
        "%",
        combine(
            _budget(percent * current_error_a, percent * spectrum.scatter_of(order), spectrum, "%")
        ),
        method=f"{GROUPING}, over rated current",
    )


def worst_distortion(spectra: Sequence[HarmonicSpectrum], *, current_error_a: float) -> Measurement:
    """Return the largest total harmonic distortion of all phases, in % of its fundamental."""
    spectrum = max(spectra, key=lambda spectrum: spectrum.distortion)
    error_pct = 100 * current_error_a / spectrum.fundamental
    return Measurement.of(
        f"total harmonic distortion of {spectrum.channel}",
        100 * spectrum.distortion,
        "%",
        combine(_budget(error_pct, 100 * spectrum.distortion_scatter, spectrum, "%")),
        method=f"{GROUPING}, orders 2 to 50 over the fundamental",
    )


def worst_direct_current(
    spectra: Sequence[HarmonicSpectrum], *, current_error_a: float
) -> Measurement:
    """Return the largest direct current of all phases, without its sign, in A."""
    spectrum = max(spectra, key=lambda spectrum: abs(float(np.mean(spectrum.direct))))
    return Measurement.of(
        f"direct current in {spectrum.channel}",
        abs(float(np.mean(spectrum.direct))),
        "A",
        combine(_budget(current_error_a, scatter(spectrum.direct), spectrum, "A")),
        method="mean over windows of ten measured cycles",
    )


def current_imbalance(
    spectra: Sequence[HarmonicSpectrum], *, current_error_a: float
) -> tuple[Measurement, Measurement]:
    """Return the largest difference between phases, and the largest distance of one from their mean, in A."""
    currents = np.array([spectrum.fundamental for spectrum in spectra])
    mean_a = float(np.mean(currents))
    farthest = spectra[int(np.argmax(np.abs(currents - mean_a)))]
    half_a = rectangular(current_error_a)
    difference = [BudgetLine(f"{RANGE_LINE}, of each of the two", 2**0.5 * half_a, "A")]
    return (
        Measurement.of(
            "largest difference between the phase currents",
            float(np.ptp(currents)),
            "A",
            combine([*difference, _scatter_line(farthest.scatter_of(1), farthest, "A")]),
            method="fundamentals over windows of ten measured cycles",
        ),
        Measurement.of(
            f"distance of {farthest.channel} from the mean of the phase currents",
            abs(farthest.fundamental - mean_a),
            "A",
            combine(_budget(current_error_a, farthest.scatter_of(1), farthest, "A")),
            method="fundamentals over windows of ten measured cycles",
        ),
    )


def least_displacement_factor(
    spectra: Sequence[HarmonicSpectrum], *, current_error_a: float
) -> Measurement:
    """Return the smallest displacement factor of all phases: the cosine between the fundamentals."""
    spectrum = min(spectra, key=lambda spectrum: spectrum.displacement_factor)
    angle_error = current_error_a / spectrum.fundamental
    factor = spectrum.displacement_factor
    sensitivity = max(0.0, 1 - factor**2) ** 0.5
    lines = [
        BudgetLine(
            "angle of the current", rectangular(angle_error), "rad", sensitivity=sensitivity
        ),
        BudgetLine("angle of the current, second order", rectangular(angle_error**2 / 2), "1"),
    ]
    return Measurement.of(
        f"displacement factor of {spectrum.channel}",
        factor,
        "1",
        combine(lines),
        method="cosine of the angle between the fundamentals of voltage and current",
    )


def _budget(
    error: float, scatter_of_mean: float, spectrum: HarmonicSpectrum, unit: str
) -> list[BudgetLine]:
    return [
        BudgetLine(RANGE_LINE, rectangular(error), unit),
        _scatter_line(scatter_of_mean, spectrum, unit),
    ]


def _scatter_line(scatter_of_mean: float, spectrum: HarmonicSpectrum, unit: str) -> BudgetLine:
    windows = len(spectrum.direct)
    return BudgetLine(SCATTER_LINE, scatter_of_mean, unit, degrees_of_freedom=windows - 1)
