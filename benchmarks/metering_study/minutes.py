"""What is measured on averaged readings: settling, the rate of a ramp, the mean voltage over ten minutes."""

from __future__ import annotations

from collections.abc import Callable
from math import log

import numpy as np

from bench.metering import measure_ramp, measure_sustained_cease
from bench.metering.plateaus import find_plateaus, mean_voltage_v
from bench.metering.response import ResponseRules, measure_response
from bench.verdicts.uncertainty import BudgetLine, rectangular
from bench.verdicts.verdict import Measurement
from benchmarks.metering_study.conditions import Conditions
from benchmarks.metering_study.signals import RATED_A, RATED_V
from benchmarks.metering_study.statistics import Outcome
from instruments.interfaces import Reading, Samples
from tests.bench.metering.accuracy import share_of_reading

RATED_W = 10_000.0
ACCURACY_PCT = 0.1
CLOCK_PPM = 50.0
TOLERANCE = 0.05
AVERAGING_S, ACTION_S = 600.0, 3.0
FLOOR_A = 0.04
SECONDS_PER_MINUTE = 60.0

Integral = Callable[[Samples], Samples]
"""Times in s → integral of a quantity from 0 to there, in closed form."""


def settling(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Time until a first-order response to a step stays within its tolerance, in s."""
    step_s = 10.0 + float(random.uniform(0.0, 1.0))
    constant_s = float(random.uniform(0.5, 3.0))
    before, after = 1.0, float(random.uniform(0.2, 0.6))
    settled_s = constant_s * log((before - after) / TOLERANCE)

    def share(times_s: Samples) -> Samples:
        on_s = np.maximum(times_s - step_s, 0.0)
        fallen = constant_s * (1.0 - np.exp(-on_s / constant_s))
        return before * np.minimum(times_s, step_s) + after * on_s + (before - after) * fallen

    def voltage(times_s: Samples) -> Samples:
        return RATED_V * times_s + 20.0 * np.maximum(times_s - step_s, 0.0)

    series = _readings(
        lambda t: RATED_W * share(t), voltage, step_s + settled_s + 15.0, conditions, random
    )
    plateaus = find_plateaus(series, mean_voltage_v, [RATED_V, RATED_V + 20.0])
    levels = ((before, before), (after, after))
    found = measure_response(
        plateaus, lambda r: r.active_power_w / RATED_W, lambda k, _: levels[k], _rules()
    )
    return _outcome(found.completion, settled_s)


def ramp_rate(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Rate of a soft ramp of 10 to 30 % per minute, in % of rated power per minute."""
    connect_s = 20.0 + float(random.uniform(0.0, 1.0))
    rate_pct = float(random.uniform(10.0, 30.0))
    gain = _gain(random)
    per_s = rate_pct / 100 / SECONDS_PER_MINUTE

    def power(times_s: Samples) -> Samples:
        return gain * RATED_W * 0.5 * per_s * np.maximum(times_s - connect_s, 0.0) ** 2

    series = _readings(power, _steady, connect_s + 0.95 / per_s, conditions, random, connect_s)
    found = measure_ramp(
        series,
        rated_power_w=RATED_W,
        current_floor_a=FLOOR_A,
        clock_ppm=CLOCK_PPM,
        power=share_of_reading("active_power", ACCURACY_PCT),
    )
    return _outcome(found.rate, rate_pct)


def ten_minute_mean(conditions: Conditions, random: np.random.Generator) -> Outcome:
    """Mean voltage over ten minutes when generation ceased, after steps of the voltage, in V."""
    steps_s = np.sort(random.uniform(0.0, 900.0, 4))
    rises_v = random.uniform(0.0, 8.0, 4)
    cease_s = 650.0 + float(random.uniform(0.0, 300.0))
    gain = _gain(random)

    def voltage(times_s: Samples) -> Samples:
        since_s = np.maximum(times_s[:, None] - steps_s, 0.0)
        return np.asarray(240.0 * times_s + since_s @ rises_v, dtype=np.float64)

    def power(times_s: Samples) -> Samples:
        return RATED_W * np.minimum(times_s, cease_s)

    series = _readings(power, lambda t: gain * voltage(t), cease_s + 5.0, conditions, random)
    found = measure_sustained_cease(
        series,
        averaging_s=AVERAGING_S,
        action_max_s=ACTION_S,
        power_floor_w=0.03 * RATED_W,
        voltage=share_of_reading("voltage", ACCURACY_PCT),
    )
    start_v_s, end_v_s = voltage(np.array([cease_s - AVERAGING_S, cease_s]))
    return _outcome(found.measurements[0], float(end_v_s - start_v_s) / AVERAGING_S)


def _rules() -> ResponseRules:
    return ResponseRules(
        tolerance_pu=TOLERANCE,
        commence_share=0.1,
        sensing_error=0.0,
        clock_ppm=CLOCK_PPM,
        level_lines=lambda _: (BudgetLine("analyser", rectangular(ACCURACY_PCT), "%"),),
        rise_lines=(),
    )


def _gain(random: np.random.Generator) -> float:
    """Return the gain of an analyser that is off by anything within its accuracy."""
    return 1.0 + float(random.uniform(-1.0, 1.0)) * ACCURACY_PCT / 100


def _steady(times_s: Samples) -> Samples:
    return RATED_V * times_s


def _readings(
    power_w_s: Integral,
    voltage_v_s: Integral,
    until_s: float,
    conditions: Conditions,
    random: np.random.Generator,
    connect_s: float = 0.0,
) -> list[Reading]:
    """Return consecutive means of quantities given by their integrals, with noise.

    Args:
        connect_s: before this no current flows.
    """
    window_s = conditions.window_s
    edges_s = np.arange(0.0, until_s, window_s)
    ends_s = edges_s[1:]
    shape = len(ends_s)
    powers_w = np.diff(power_w_s(edges_s)) / window_s
    powers_w = powers_w + conditions.noise * RATED_W * random.normal(size=shape) * (
        ends_s > connect_s
    )
    voltages_v = np.diff(voltage_v_s(edges_s)) / window_s
    voltages_v = voltages_v + conditions.noise * RATED_V * random.normal(size=shape)
    currents_a = np.where(ends_s > connect_s, RATED_A, 0.0)
    columns = zip(ends_s, voltages_v, currents_a, powers_w / 3, strict=True)
    return [_reading(window_s, *map(float, column)) for column in columns]


def _reading(
    window_s: float, end_s: float, voltage_v: float, current_a: float, power_w: float
) -> Reading:
    return Reading(
        end_s=end_s,
        window_s=window_s,
        voltages_v=(voltage_v,) * 3,
        currents_a=(current_a,) * 3,
        active_powers_w=(power_w,) * 3,
        frequency_hz=50.0,
        requested_s=0.0,
        answered_s=0.0,
    )


def _outcome(measured: Measurement, truth: float) -> Outcome:
    if measured.censored:
        raise ValueError(f"{measured.measurand} is censored; the case was made to be measured")
    return Outcome(float(measured.value) - truth, float(measured.expanded_uncertainty))
