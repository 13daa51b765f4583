"""What is measured on a steady waveform: rms, frequency, P and Q of the fundamental, a harmonic."""

from __future__ import annotations

from math import pi

import numpy as np

from bench.metering import fundamental_frequency_hz, fundamental_powers, half_cycle_rms
from bench.metering.harmonics import measure_spectra
from bench.metering.power_quality import worst_harmonic
from bench.verdicts.verdict import Measurement
from benchmarks.metering_study.conditions import Conditions
from benchmarks.metering_study.signals import (
    ORDERS,
    PHASES_RAD,
    RATED_A,
    RATED_V,
    Shape,
    Signal,
    event_angle_rad,
    record,
    turning,
)
from benchmarks.metering_study.statistics import Outcome
from instruments.interfaces import Recording, Samples
from tests.bench.metering.accuracy import share_of_reading

NOMINAL_HZ = 50.0
PERCENT = 100.0
MHZ = 1e3
RMS_BOUND_PCT = 0.2
FREQUENCY_BOUND_HZ = 0.01
POWER_BOUND_PCT = 0.2
GAIN_PCT = 0.5
WITNESS_S, SPECTRUM_S = 0.1, 0.65
RATED_VA = 3 * RATED_V * RATED_A


def rms_of_each_cycle(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Rms of one cycle of a voltage, any of those in the record, in % of the rated voltage."""
    shape = Shape.drawn(conditions.harmonics, random)
    voltage_v = RATED_V * float(random.uniform(0.8, 1.2))
    voltage = _wave(voltage_v, shape, conditions, event_angle_rad(conditions, random))
    recording = record([voltage], [], WITNESS_S, conditions, random)
    samples = recording.channels["u1"]
    series = half_cycle_rms(
        samples, samples, conditions.sample_rate_hz, nominal_frequency_hz=NOMINAL_HZ
    )
    one_v = float(random.choice(series.values))
    return Outcome(PERCENT * (one_v - voltage_v * shape.rms()) / RATED_V, RMS_BOUND_PCT)


def frequency(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Frequency over five cycles of a voltage, in mHz."""
    shape = Shape.drawn(conditions.harmonics, random)
    voltage = _wave(RATED_V, shape, conditions, event_angle_rad(conditions, random))
    recording = record([voltage], [], WITNESS_S, conditions, random)
    found_hz = fundamental_frequency_hz(
        recording.channels["u1"], conditions.sample_rate_hz, NOMINAL_HZ
    )
    return Outcome(MHZ * (found_hz - conditions.frequency_hz), MHZ * FREQUENCY_BOUND_HZ)


def active_power(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """P of the fundamental of three phases over 0.1 s, in % of the rated apparent power."""
    (p_w, _), (true_w, _) = _powers(conditions, random)
    return Outcome(PERCENT * (p_w - true_w) / RATED_VA, POWER_BOUND_PCT)


def reactive_power(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Q of the fundamental of three phases over 0.1 s, in % of the rated apparent power."""
    (_, q_var), (_, true_var) = _powers(conditions, random)
    return Outcome(PERCENT * (q_var - true_var) / RATED_VA, POWER_BOUND_PCT)


def _powers(
    conditions: Conditions, random: np.random.Generator
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return P and Q as measured and as they are, at any displacement."""
    angle_rad = event_angle_rad(conditions, random)
    lag_rad = float(random.uniform(-pi, pi))
    shape_u, shape_i = (Shape.drawn(conditions.harmonics, random) for _ in range(2))
    voltages = [_wave(RATED_V, shape_u, conditions, angle_rad + turn) for turn in PHASES_RAD]
    currents = [
        _wave(RATED_A, shape_i, conditions, angle_rad + turn - lag_rad) for turn in PHASES_RAD
    ]
    recording = record(voltages, currents, WITNESS_S, conditions, random)
    measured = fundamental_powers(
        recording, ["u1", "u2", "u3"], ["i1", "i2", "i3"], nominal_frequency_hz=NOMINAL_HZ
    )
    return measured, (RATED_VA * float(np.cos(lag_rad)), RATED_VA * float(np.sin(lag_rad)))


def harmonic(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Largest harmonic current in % of rated current; the recorder's gain is off within its accuracy."""
    angle_rad = event_angle_rad(conditions, random)
    clean, shape = Shape.drawn(0.0, random), Shape.drawn(conditions.harmonics, random)
    voltage = _wave(RATED_V, clean, conditions, angle_rad)
    gain = 1.0 + float(random.uniform(-1.0, 1.0)) * GAIN_PCT / 100
    current = _wave(gain * RATED_A, shape, conditions, angle_rad)
    recording = record([voltage], [current], SPECTRUM_S, conditions, random)
    measured = _worst_harmonic(recording)
    error_pct = float(measured.value) - PERCENT * max(shape.shares)
    return Outcome(error_pct, float(measured.expanded_uncertainty))


def _worst_harmonic(recording: Recording) -> Measurement:
    spectra = measure_spectra(recording, ["u1"], ["i1"], nominal_frequency_hz=NOMINAL_HZ)
    return worst_harmonic(
        spectra,
        ORDERS,
        rated_current_a=RATED_A,
        harmonic=share_of_reading("harmonic_current", GAIN_PCT),
    )


def _wave(rms: float, shape: Shape, conditions: Conditions, angle_rad: float) -> Signal:
    angle = turning(conditions.frequency_hz, angle_rad, 0.0)

    def signal(times_s: Samples) -> Samples:
        return rms * shape.at(angle(times_s))

    return signal
