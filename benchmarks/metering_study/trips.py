"""Instants and durations: when an event began, when generation ceased, when the last current was gone."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi

import numpy as np

from bench.metering import find_current_stop, find_frequency_step, find_voltage_step
from bench.metering.clearing import ClearingTime, measure_clearing_time
from bench.metering.instant import Instant
from bench.verdicts.verdict import Measurement
from benchmarks.metering_study.conditions import Conditions
from benchmarks.metering_study.signals import (
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

NOMINAL_HZ = 50.0
MS = 1e3
FALLEN_TO = 0.05
STEPS_V = (67.2, 177.2, 267.8, 277.8)
FILTER_SHARE = 0.012
RELAY_S = 0.02
ROUNDING_S = 1e-9


@dataclass(frozen=True)
class Trip:
    """A voltage that steps, and a current that ends later.

    Attributes:
        event_s, end_s: when the voltage steps, when regulation of the current ends.
        cease_s: when the envelope of the current is down to 5 %.
        gone_s: when the relay opens and nothing flows any more.
    """

    recording: Recording
    event_s: float
    end_s: float
    cease_s: float
    gone_s: float


def trip(conditions: Conditions, random: np.random.Generator, phases: int) -> Trip:
    """Return a trip whose current ends at the angle that the conditions ask for."""
    event_s = 0.12 + float(random.uniform(0.0, 0.02))
    end_s = event_s + float(random.uniform(0.05, 0.15))
    cease_s = end_s + conditions.decay_s
    gone_s = cease_s + RELAY_S
    angle = turning(conditions.frequency_hz, event_angle_rad(conditions, random), end_s)
    shape_u, shape_i = (Shape.drawn(conditions.harmonics, random) for _ in range(2))
    stepped = _stepping(phases, random)
    to_v = float(random.choice(STEPS_V))
    level_a = RATED_A * float(random.uniform(0.62, 1.0))
    fall = _fall(end_s, conditions.decay_s, straight=bool(random.random() < 0.5))

    def voltage(phase: int) -> Signal:
        after_v = to_v if phase in stepped else RATED_V
        return lambda t: (
            np.where(t < event_s, RATED_V, after_v) * shape_u.at(angle(t) + PHASES_RAD[phase])
        )

    def current(phase: int) -> Signal:
        def flowing(t: Samples) -> Samples:
            turned = angle(t) + PHASES_RAD[phase]
            charging = np.where(t >= cease_s, FILTER_SHARE * RATED_A, 0.0) * np.cos(turned)
            whole = level_a * fall(t) * shape_i.at(turned) + np.sqrt(2) * charging
            return np.where(t < gone_s, whole, 0.0)

        return flowing

    recording = record(
        [voltage(k) for k in range(phases)],
        [current(k) for k in range(phases)],
        gone_s + 0.06,
        conditions,
        random,
    )
    return Trip(recording, event_s, end_s, cease_s, gone_s)


def cease_of_three(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Time to cease of a three-phase inverter, in ms."""
    return _cease(trip(conditions, random, 3), 3)


def cease_of_one(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Time to cease of a single-phase inverter, in ms."""
    return _cease(trip(conditions, random, 1), 1)


def disconnect_of_three(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Time to disconnect of a three-phase inverter, in ms."""
    truth = trip(conditions, random, 3)
    return _duration(_measured(truth, 3).disconnect_time, truth.gone_s - truth.event_s)


def voltage_step(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Instant of a voltage step of one phase alone, in ms."""
    event_s = 0.12 + float(random.uniform(0.0, 0.02))
    to_v = float(random.choice(STEPS_V))
    angle = turning(conditions.frequency_hz, event_angle_rad(conditions, random), event_s)
    shape = Shape.drawn(conditions.harmonics, random)

    def voltage(t: Samples) -> Samples:
        level_v: Samples = np.where(t < event_s, RATED_V, to_v) * shape.at(angle(t))
        return level_v

    recording = record([voltage], [], 0.2, conditions, random)
    found = find_voltage_step(
        recording, ["u1"], nominal_frequency_hz=NOMINAL_HZ, nominal_voltage_v=RATED_V
    )
    return _instant(found.instant, event_s)


def frequency_step(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Instant of a frequency step of 0.5 to 3 Hz, in ms."""
    event_s = 0.18 + float(random.uniform(0.0, 0.02))
    step_hz = float(random.choice([-1.0, 1.0]) * random.uniform(0.5, 3.0))
    before = turning(conditions.frequency_hz, event_angle_rad(conditions, random), event_s)
    shape = Shape.drawn(conditions.harmonics, random)

    def voltage(phase: int) -> Signal:
        return lambda t: (
            RATED_V
            * shape.at(
                before(t) + 2 * pi * step_hz * np.maximum(t - event_s, 0.0) + PHASES_RAD[phase]
            )
        )

    recording = record([voltage(k) for k in range(3)], [], 0.36, conditions, random)
    found = find_frequency_step(
        recording,
        ["u1", "u2", "u3"],
        nominal_frequency_hz=NOMINAL_HZ,
        nominal_voltage_v=RATED_V,
    )
    return _instant(found.instant, event_s)


def current_stop(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Instant at which a contactor breaks the current of three phases, in ms."""
    event_s = 0.12 + float(random.uniform(0.0, 0.02))
    angle = turning(conditions.frequency_hz, event_angle_rad(conditions, random), event_s)
    shape = Shape.drawn(conditions.harmonics, random)
    level_a = RATED_A * float(random.uniform(0.1, 1.0))

    def current(phase: int) -> Signal:
        return lambda t: np.where(
            t < event_s, level_a * shape.at(angle(t) + PHASES_RAD[phase]), 0.0
        )

    recording = record([], [current(k) for k in range(3)], 0.2, conditions, random)
    found = find_current_stop(recording, ["i1", "i2", "i3"], nominal_frequency_hz=NOMINAL_HZ)
    return _instant(found, event_s - conditions.skew_s)


def _stepping(phases: int, random: np.random.Generator) -> tuple[int, ...]:
    """Return which phases step: all, or one alone, which is the harder case for the start."""
    alone = (int(random.integers(phases)),)
    return tuple(range(phases)) if random.random() < 0.25 else alone


def _fall(end_s: float, decay_s: float, *, straight: bool) -> Signal:
    """Return the envelope of a current that ends."""

    def envelope(t: Samples) -> Samples:
        passed = np.maximum(t - end_s, 0.0)
        if decay_s == 0.0:
            return np.where(t < end_s, 1.0, 0.0)
        if straight:
            return np.maximum(0.0, 1.0 - (1 - FALLEN_TO) * passed / decay_s)
        return np.asarray(np.exp(log(FALLEN_TO) * passed / decay_s), dtype=np.float64)

    return envelope


def _measured(truth: Trip, phases: int) -> ClearingTime:
    return measure_clearing_time(
        truth.recording,
        start="voltage_step",
        nominal_frequency_hz=NOMINAL_HZ,
        nominal_voltage_v=RATED_V,
        rated_current_a=RATED_A,
        voltage_channels=[f"u{k + 1}" for k in range(phases)],
        current_channels=[f"i{k + 1}" for k in range(phases)],
    )


def _cease(truth: Trip, phases: int) -> Outcome:
    return _duration(_measured(truth, phases).cease_time, truth.cease_s - truth.event_s)


def _duration(measured: Measurement, truth_s: float) -> Outcome:
    if measured.interval is None:
        raise ValueError(f"{measured.measurand}: no end was found in a record that has one")
    shortest_s, longest_s = map(float, measured.interval)
    return Outcome(
        MS * (float(measured.value) - truth_s),
        MS * float(measured.expanded_uncertainty),
        shortest_s - ROUNDING_S <= truth_s <= longest_s + ROUNDING_S,
    )


def _instant(found: Instant, truth_s: float) -> Outcome:
    return Outcome(
        MS * (found.best_s - truth_s),
        MS * (found.half_width_s + ROUNDING_S),
        found.earliest_s - ROUNDING_S <= truth_s <= found.latest_s + ROUNDING_S,
    )
