"""The current of an inverter recorded, taken apart into its components, judged and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.grid_code.profile import Requirement
from bench.grid_code.quality_limits import (
    HarmonicBand,
    balance_limits,
    direct_current_limit,
    harmonic_bands,
    limit_of_order,
)
from bench.manoeuvres.power_levels import FULL_PCT
from bench.metering.harmonics import HIGHEST_ORDER, HarmonicSpectrum, measure_spectra
from bench.metering.power_quality import (
    current_imbalance,
    least_displacement_factor,
    worst_direct_current,
    worst_distortion,
    worst_harmonic,
)
from bench.trials.trial import Trial
from bench.trials.trial_evidence import Bar, Plot
from bench.verdicts.verdict import Limit, Measurement
from instruments.interfaces import INVERTER_CHANNELS


@dataclass(frozen=True)
class Components:
    """The spectra of one record.

    Attributes:
        file: where the record is in the evidence.
    """

    spectra: Sequence[HarmonicSpectrum]
    file: str


def record_components(trial: Trial, record_s: float) -> Components:
    """Record the steady current of every phase and take it apart."""
    phases = trial.station.inverter_file.phases
    recording = trial.record(record_s, lambda: None)
    spectra = measure_spectra(
        recording,
        INVERTER_CHANNELS[:phases],
        INVERTER_CHANNELS[3 : 3 + phases],
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
    )
    return Components(spectra, trial.file_of(recording))


def judge_harmonics(
    trial: Trial, components: Components, requirement: Requirement, level: float
) -> None:
    """Judge every band of orders; the distortion at full power, where its base is the rated current.

    Args:
        level: of power, in % of rated.
    """
    spectra, harmonic = components.spectra, trial.budget("harmonic_current")
    bands = harmonic_bands(requirement)
    title = f"{requirement.title} at {level:g} % power: worst phase, % of rated current"
    _show(trial, components, bands, title)
    for band in bands:
        measurement = worst_harmonic(
            spectra, band.orders, rated_current_a=trial.rated_current_a, harmonic=harmonic
        )
        _judge(trial, measurement, band.limit, components)
    distortion = worst_distortion(spectra, harmonic=harmonic)
    if level == FULL_PCT:
        limit = requirement.limit("total harmonic distortion", upper="limit")
        _judge(trial, distortion, limit, components)
    else:
        trial.measured(distortion, components.file)
    factor = least_displacement_factor(spectra, current=trial.budget("current"))
    trial.measured(factor, components.file)


def judge_direct_current(trial: Trial, components: Components, requirement: Requirement) -> None:
    """Judge the direct current of the worst phase."""
    measurement = worst_direct_current(components.spectra, direct=trial.budget("direct_current"))
    _judge(trial, measurement, direct_current_limit(requirement, trial.rated_current_a), components)


def judge_balance(trial: Trial, components: Components, requirement: Requirement) -> None:
    """Judge how far the phase currents are from each other and from their mean."""
    measured = current_imbalance(components.spectra, current=trial.budget("current"))
    limits = balance_limits(requirement, trial.rated_current_a)
    for measurement, limit in zip(measured, limits, strict=True):
        _judge(trial, measurement, limit, components)


def _judge(trial: Trial, measurement: Measurement, limit: Limit, components: Components) -> None:
    trial.judge(trial.measured(measurement, components.file), limit)


def _show(trial: Trial, components: Components, bands: Sequence[HarmonicBand], title: str) -> None:
    """Put the largest of all phases of each order on record, beside its limit."""
    percent = 100 / trial.rated_current_a
    bars = []
    for order in range(2, HIGHEST_ORDER + 1):
        value = max(float(spectrum.harmonics[order - 1]) for spectrum in components.spectra)
        limit = limit_of_order(bands, order)
        bars.append(Bar(str(order), percent * value, None if limit is None else float(limit), "%"))
    plot = Plot(title=title, marks=[], limit_times=[], levels=[], bars=bars)
    trial.evidence.plotted(components.file, plot)
