"""The island model against the waveform model, which shares no equation with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from instruments.simulated.physics.island import Island
from instruments.simulated.physics.island_control import IslandControl
from instruments.simulated.physics.parallel_load import ParallelLoad
from tests.simulated.island_conditions import (
    RATED_W,
    REFERENCE,
    Condition,
    conditions,
    phasor,
    run_on_s,
    start,
    waveform,
)
from tests.simulated.waveform_island import NOMINAL_PLACES_RAD, WaveformIsland

THREE_PHASE = replace(REFERENCE, phases=3)


def difference_s(condition: Condition, control: IslandControl, theta_rad: float = 0.0) -> float:
    """Return by how much the run-on of the phasor model is longer."""
    power_w = condition.power_w(control.phases)
    fast = run_on_s(phasor(condition, control, theta_rad=theta_rad), power_w)
    slow = run_on_s(waveform(condition, control, theta_rad=theta_rad), power_w)
    assert fast is not None
    assert slow is not None
    return fast - slow


@pytest.mark.parametrize(
    ("condition", "theta_rad"),
    [
        (Condition(1.0, 0.0, 0.0), 0.0),
        (Condition(1.0, 0.1, 0.0), 2.0),
        (Condition(1.0, -0.1, 0.0), 4.5),
        (Condition(0.66, 0.0, -0.02), 1.0),
        (Condition(0.33, 0.0, 0.05), 3.0),
    ],
)
def test_run_on_of_one_phase_agrees(condition: Condition, theta_rad: float) -> None:
    assert abs(difference_s(condition, REFERENCE, theta_rad)) <= 5e-3


@pytest.mark.parametrize("condition", [Condition(1.0, 0.1, -0.05), Condition(1.0, 0.0, 0.0)])
def test_run_on_of_three_phases_agrees(condition: Condition) -> None:
    assert abs(difference_s(condition, THREE_PHASE)) <= 3e-3


def unequal_models() -> tuple[Island, WaveformIsland]:
    matched = Condition(1.0, 0.0, 0.01).load(3)
    shares = (0.9, 1.0, 1.1)
    load = ParallelLoad(
        *(
            (values[0] * shares[0], values[1] * shares[1], values[2] * shares[2])
            for values in (
                matched.conductance_s,
                matched.inverse_inductance_per_h,
                matched.capacitance_f,
            )
        )
    )
    opening = replace(start(RATED_W, 3, 0.7), voltages_v=(230.0, 222.0, 235.0))
    quiet = replace(THREE_PHASE, voltage_noise_v=0.0)
    return Island(load, quiet, opening, 1), WaveformIsland(load, quiet, opening, 1, traced=True)


def one_phase_models() -> tuple[Island, WaveformIsland]:
    condition, quiet = Condition(1.0, 0.1, 0.01), replace(REFERENCE, voltage_noise_v=0.0)
    opening = start(condition.power_w(1), 1, 2.0)
    load = condition.load(1)
    return Island(load, quiet, opening, 1), WaveformIsland(load, quiet, opening, 1, traced=True)


def differences(fast: Island, slow: WaveformIsland, power_w: float) -> np.ndarray:
    """Return voltage and current of the phasor model less the waveform, shape (samples, 2, phases)."""
    rows = []
    for time_s, volts, amperes in slow.trace:
        fast.advance(time_s - fast.time_s, power_w, 0.0)
        phases = len(volts)
        places = fast.theta_rad + np.array(NOMINAL_PLACES_RAD) + fast.voltage_angles_rad
        active, reactive = np.array(fast.currents_active_a), np.array(fast.currents_reactive_a)
        voltage = sqrt(2) * np.array(fast.voltages_v) * np.sin(places)
        current = sqrt(2) * (active * np.sin(places) - reactive * np.cos(places))
        rows.append((voltage[:phases] - volts, current[:phases] - amperes))
    return np.array(rows)


@pytest.mark.parametrize("models", [one_phase_models, unequal_models])
def test_voltages_and_currents_agree_sample_by_sample(
    models: Callable[[], tuple[Island, WaveformIsland]],
) -> None:
    """Over the run-away from 50 to 52 Hz; full scale is 325 V and 20 A."""
    fast, slow = models()
    power_w = RATED_W * len(slow.voltages_v) / 3
    slow.advance(0.12, power_w, 0.0)

    off = differences(fast, slow, power_w)
    off_v, off_a = np.sqrt((off**2).mean(axis=(0, 2)))
    assert off_v < 2.0
    assert off_a < 0.2


@pytest.mark.parametrize("reactive", [-0.05, 0.05])
def test_the_passive_island_settles_at_the_same_frequency(reactive: float) -> None:
    condition = Condition(1.0, 0.0, reactive)
    passive = replace(REFERENCE, shift_gain_per_hz=0.0, shift_offset=0.0, voltage_noise_v=0.0)
    fast, slow = phasor(condition, passive), waveform(condition, passive)
    fast.advance(0.6, condition.power_w(1), 0.0)
    slow.advance(0.6, condition.power_w(1), 0.0)

    assert fast.frequency_hz == pytest.approx(slow.frequency_hz, abs=0.01)


@pytest.mark.soak
@pytest.mark.parametrize("control", [REFERENCE, THREE_PHASE], ids=["one phase", "three phases"])
@pytest.mark.parametrize("theta_rad", [0.0, 1.0, 4.5])
def test_run_on_agrees_over_all_conditions(control: IslandControl, theta_rad: float) -> None:
    off_s = [abs(difference_s(condition, control, theta_rad)) for condition in conditions()]

    assert sum(off_s) / len(off_s) <= 5e-3
    assert max(off_s) <= 20e-3
