"""Measurements from spectra: one harmonic, the distortion, the direct current, the balance, with budgets. Pure.

A direct current of the inverter and an offset of the recorder look the same, so the whole offset belongs into
the budget of direct currents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from bench.budgets import QuantityBudget, Term, merged, scaled
from bench.metering.harmonics import HIGHEST_ORDER, HarmonicSpectrum, scatter
from bench.verdicts.uncertainty import BudgetLine, ExpandedUncertainty, combine, rectangular
from bench.verdicts.verdict import Measurement

GROUPING = "IEC 61000-4-7 subgroups over windows of ten measured cycles, root mean square"
SCATTER_LINE = "scatter of the windows"


def worst_harmonic(
    spectra: Sequence[HarmonicSpectrum],
    orders: Sequence[int],
    *,
    rated_current_a: float,
    harmonic: QuantityBudget,
) -> Measurement:
    """Return the largest of some orders over all phases, in % of rated current.

    Args:
        harmonic: uncertainty of the analyser's harmonic currents.
    """
    spectrum, order = max(
        ((spectrum, order) for spectrum in spectra for order in orders),
        key=lambda pair: pair[0].harmonics[pair[1] - 1],
    )
    percent = 100 / rated_current_a
    lines = scaled(harmonic.combination([_term(spectrum, order, 1.0)]), percent)
    return Measurement.of(
        f"harmonic current of order {order} in {spectrum.channel}",
        percent * float(spectrum.harmonics[order - 1]),
        "%",
        _with_scatter(lines, percent * spectrum.scatter_of(order), spectrum, "%"),
        method=f"{GROUPING}, over rated current",
    )


def worst_distortion(
    spectra: Sequence[HarmonicSpectrum], *, harmonic: QuantityBudget
) -> Measurement:
    """Return the largest total harmonic distortion of all phases, in % of its fundamental."""
    spectrum = max(spectra, key=lambda spectrum: spectrum.distortion)
    lines = scaled(merged(harmonic.combination(list(_distortion_terms(spectrum)))), 100)
    return Measurement.of(
        f"total harmonic distortion of {spectrum.channel}",
        100 * spectrum.distortion,
        "%",
        _with_scatter(lines, 100 * spectrum.distortion_scatter, spectrum, "%"),
        method=f"{GROUPING}, orders 2 to 50 over the fundamental",
    )


def worst_direct_current(
    spectra: Sequence[HarmonicSpectrum], *, direct: QuantityBudget
) -> Measurement:
    """Return the largest direct current of all phases, without its sign, in A."""
    spectrum = max(spectra, key=lambda spectrum: abs(float(np.mean(spectrum.direct))))
    value_a = abs(float(np.mean(spectrum.direct)))
    lines = direct.lines(value_a, fundamental=spectrum.fundamental)
    return Measurement.of(
        f"direct current in {spectrum.channel}",
        value_a,
        "A",
        _with_scatter(lines, scatter(spectrum.direct), spectrum, "A"),
        method="mean over windows of ten measured cycles",
    )


def current_imbalance(
    spectra: Sequence[HarmonicSpectrum], *, current: QuantityBudget
) -> tuple[Measurement, Measurement]:
    """Return the largest difference between phases, and the largest distance of one from their mean, in A."""
    currents = np.array([spectrum.fundamental for spectrum in spectra])
    largest, smallest = float(np.max(currents)), float(np.min(currents))
    mean_a = float(np.mean(currents))
    place = int(np.argmax(np.abs(currents - mean_a)))
    farthest, own, share = spectra[place], float(currents[place]), 1 / len(spectra)
    frequency = {"frequency": farthest.frequency_hz}
    terms = [Term(-share, float(value), frequency) for value in np.delete(currents, place)]
    from_mean = current.combination([Term(1 - share, own, frequency), *terms])
    difference = current.difference(largest, smallest, **frequency)
    scatter_a = farthest.scatter_of(1)
    return (
        Measurement.of(
            "largest difference between the phase currents",
            largest - smallest,
            "A",
            _with_scatter(merged(difference), scatter_a, farthest, "A"),
            method="fundamentals over windows of ten measured cycles",
        ),
        Measurement.of(
            f"distance of {farthest.channel} from the mean of the phase currents",
            abs(own - mean_a),
            "A",
            _with_scatter(merged(from_mean), scatter_a, farthest, "A"),
            method="fundamentals over windows of ten measured cycles",
        ),
    )


def least_displacement_factor(
    spectra: Sequence[HarmonicSpectrum], *, current: QuantityBudget
) -> Measurement:
    """Return the smallest displacement factor of all phases: the cosine between the fundamentals."""
    spectrum = min(spectra, key=lambda spectrum: spectrum.displacement_factor)
    fundamental_a = spectrum.fundamental
    half_width_a = current.half_width(fundamental_a, frequency=spectrum.frequency_hz)
    angle_error = half_width_a / fundamental_a
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


def _term(spectrum: HarmonicSpectrum, order: int, coefficient: float) -> Term:
    conditions = {
        "order": float(order),
        "fundamental": spectrum.fundamental,
        "frequency": order * spectrum.frequency_hz,
    }
    return Term(coefficient, float(spectrum.harmonics[order - 1]), conditions)


def _distortion_terms(spectrum: HarmonicSpectrum) -> Iterator[Term]:
    """Yield every order with the change of the distortion per change of it."""
    fundamental_a, distortion = spectrum.fundamental, spectrum.distortion
    yield _term(spectrum, 1, -distortion / fundamental_a)
    for order in range(2, HIGHEST_ORDER + 1):
        weight = float(spectrum.harmonics[order - 1]) / (distortion * fundamental_a)
        yield _term(spectrum, order, weight / fundamental_a)


def _with_scatter(
    lines: Iterable[BudgetLine], scatter_of_mean: float, spectrum: HarmonicSpectrum, unit: str
) -> ExpandedUncertainty:
    windows = len(spectrum.direct)
    own = BudgetLine(SCATTER_LINE, scatter_of_mean, unit, degrees_of_freedom=windows - 1)
    return combine([*lines, own])
