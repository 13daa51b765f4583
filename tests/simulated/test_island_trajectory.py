"""How the island model moves: energy, continuity, symmetry, seeds, ring-down."""

from __future__ import annotations

from cmath import exp as complex_exp
from cmath import rect
from dataclasses import replace
from itertools import pairwise
from math import exp, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.physics.island import STEP_S, Island
from instruments.simulated.physics.island_control import IslandControl, noise_per_step_v
from instruments.simulated.physics.parallel_load import (
    STRAY_CONDUCTANCE_S,
    ParallelLoad,
    phase_step,
    resonant_load,
)
from tests.simulated.island_conditions import (
    NOMINAL_HZ,
    NOMINAL_V,
    RATED_W,
    Condition,
    phasor,
    start,
)

CONTROL = IslandControl(shift_limit=1.0)
UNEQUAL = resonant_load(RATED_W / 3, NOMINAL_V, NOMINAL_HZ, 1.0, 0.0, -0.01).plus(
    ParallelLoad(conductance_s=(0.0, 0.01, 0.02))
)
W = 2 * pi * NOMINAL_HZ


def instant(island: Island) -> tuple[object, ...]:
    return (
        island.voltages_v,
        island.voltage_angles_rad,
        island.frequency_hz,
        island.theta_rad,
        island.currents_active_a,
        island.currents_reactive_a,
    )


def trajectory(seed: int, slices_s: list[float]) -> list[tuple[object, ...]]:
    island = phasor(Condition(1.0, 0.0, -0.02), CONTROL, seed)
    seen = []
    for slice_s in slices_s:
        island.advance(slice_s, RATED_W, 0.0)
        seen.append(instant(island))
    return seen


def powers_w(island: Island, load: ParallelLoad) -> tuple[float, float]:
    """Return the inverter's power and what the resistors take."""
    each = zip(island.voltages_v, island.currents_active_a, load.conductance_s, strict=True)
    pairs = [(v * a, g * v * v) for v, a, g in each]
    return sum(given for given, _ in pairs), sum(taken for _, taken in pairs)


@pytest.mark.parametrize("load", [UNEQUAL, Condition(1.0, -0.1, 0.05).load(3)])
def test_the_inverter_gives_what_resistors_take_and_what_is_stored(load: ParallelLoad) -> None:
    opening = replace(start(RATED_W, 3), voltages_v=(230.0, 215.0, 240.0))
    island = Island(load, CONTROL, opening, seed=1)
    given = taken = 0.0
    stored_j = island.stored_energy_j
    before = powers_w(island, load)
    for _ in range(2000):
        island.advance(STEP_S, RATED_W, 0.0)
        after = powers_w(island, load)
        given += 0.5 * STEP_S * (before[0] + after[0])
        taken += 0.5 * STEP_S * (before[1] + after[1])
        before = after

    assert given == pytest.approx(taken + island.stored_energy_j - stored_j, rel=1e-3)


def test_the_island_begins_where_the_grid_left_it() -> None:
    opening = replace(
        start(RATED_W, 3, theta_rad=1.0),
        voltages_v=(230.0, 225.0, 236.0),
        voltage_angles_rad=(0.1, 0.05, -0.02),
        currents_reactive_a=(1.0, -2.0, 0.5),
        frequency_hz=50.3,
    )
    island = Island(UNEQUAL, CONTROL, opening, seed=1)

    assert island.voltages_v == pytest.approx(opening.voltages_v)
    assert island.voltage_angles_rad == pytest.approx(opening.voltage_angles_rad)
    assert island.currents_active_a == pytest.approx(opening.currents_active_a)
    assert island.currents_reactive_a == pytest.approx(opening.currents_reactive_a)
    assert (island.theta_rad, island.frequency_hz) == pytest.approx((1.0, 50.3))


def test_voltage_turns_without_jumps() -> None:
    island = phasor(Condition(1.0, -0.1, 0.05), CONTROL)
    voltages = []
    for _ in range(3000):
        island.advance(1e-4, RATED_W, 0.0)
        angle = island.theta_rad + island.voltage_angles_rad[0]
        voltages.append(rect(island.voltages_v[0], angle))

    longest_v = max(abs(after - before) for before, after in pairwise(voltages))
    assert longest_v < 300.0 * 2 * pi * 60.0 * 1e-4


def test_the_common_angle_is_the_integral_of_its_frequency() -> None:
    island = phasor(Condition(1.0, 0.0, 0.05), CONTROL)
    angle_rad, before_hz = island.theta_rad, island.theta_frequency_hz
    for _ in range(400):
        island.advance(STEP_S, RATED_W, 0.0)
        angle_rad += pi * STEP_S * (before_hz + island.theta_frequency_hz)
        before_hz = island.theta_frequency_hz

    assert island.theta_rad == pytest.approx(angle_rad, abs=1e-9)


def test_a_seed_gives_one_trajectory() -> None:
    slices = [1e-3] * 300

    assert trajectory(3, slices) == trajectory(3, slices)
    assert trajectory(3, slices) != trajectory(4, slices)


@given(st.lists(st.floats(1e-5, 7e-3), min_size=1, max_size=30))
def test_slicing_time_changes_nothing(slices_s: list[float]) -> None:
    sliced = trajectory(5, slices_s)[-1]
    whole = trajectory(5, [sum(slices_s)])[-1]

    for a, b in zip(sliced, whole, strict=True):
        assert a == pytest.approx(b, abs=1e-4)


def test_computing_one_phase_for_three_is_exact() -> None:
    matched = Condition(1.0, 0.05, -0.02).load(3)
    a, b, c = matched.conductance_s
    nearly = replace(matched, conductance_s=(a, b * (1 + 1e-13), c * (1 - 1e-13)))
    one, three = (Island(load, CONTROL, start(RATED_W, 3), seed=1) for load in (matched, nearly))
    for _ in range(200):
        one.advance(1e-3, RATED_W, 0.0)
        three.advance(1e-3, RATED_W, 0.0)

    assert three.voltages_v == pytest.approx(one.voltages_v, rel=1e-8)
    assert three.frequency_hz == pytest.approx(one.frequency_hz, rel=1e-8)


def test_a_single_phase_inverter_leaves_the_other_phases_dead() -> None:
    island = phasor(Condition(1.0, 0.0, 0.0), replace(CONTROL, phases=1))
    island.advance(0.1, RATED_W / 3, 0.0)

    assert island.voltages_v[0] > 200.0
    assert island.voltages_v[1:] == (0.0, 0.0)


@pytest.mark.parametrize("phases", [1, 3])
def test_the_noise_of_a_step_is_that_of_its_samples(phases: int) -> None:
    """Samples of white noise, demodulated over windows of one cycle."""
    control = replace(CONTROL, phases=phases, voltage_noise_v=0.7)
    rate_hz, windows = control.sample_rate_hz, 4000
    per_window = int(rate_hz / NOMINAL_HZ)
    samples = np.random.default_rng(1).normal(0.0, 0.7, (phases, windows, per_window))
    angle = 2 * pi * np.arange(per_window) / per_window
    components = sqrt(2) * (samples * np.sin(angle)).mean(axis=2).mean(axis=0)

    assert noise_per_step_v(control, 1 / NOMINAL_HZ) == pytest.approx(components.std(), rel=0.04)


@pytest.mark.parametrize("quality", [5.0, 20.0])
def test_what_is_stored_rings_down_with_the_time_constant_of_the_load(quality: float) -> None:
    island = phasor(Condition(1.0, 0.0, 0.0, quality), CONTROL)
    island.advance(0.05, RATED_W, 0.0)
    stored_j = island.stored_energy_j
    island.cease()
    duration_s = quality / W
    island.advance(duration_s, RATED_W, 0.0)

    assert island.currents_active_a == (0.0, 0.0, 0.0)
    assert island.stored_energy_j / stored_j == pytest.approx(exp(-1), rel=0.6 / quality)
    island.advance(20 * duration_s, 0.0, 0.0)
    assert max(island.voltages_v) < 1.0


def test_ceasing_acts_at_its_instant_and_leaves_the_voltage_continuous() -> None:
    island = phasor(Condition(1.0, 0.0, 0.0), CONTROL)
    island.advance(0.0503, RATED_W, 0.0)
    before = island.voltages_v, island.voltage_angles_rad, island.theta_rad
    island.cease()

    assert (island.voltages_v, island.voltage_angles_rad, island.theta_rad) == before
    assert island.currents_active_a == (0.0, 0.0, 0.0)
    island.advance(1e-4, RATED_W, 0.0)
    assert island.voltages_v != before[0]
    assert island.theta_rad > before[2]


def test_an_unloaded_bus_dies_once_the_inverter_has_ceased() -> None:
    island = Island(ParallelLoad(), CONTROL, start(RATED_W, 3), seed=1)
    island.advance(0.1, RATED_W, 0.0)
    assert island.voltages_v == pytest.approx((CONTROL.voltage_ceiling_v,) * 3)
    island.cease()
    island.advance(0.01, 0.0, 0.0)

    assert max(island.voltages_v) < 1.0


@given(
    siemens=st.floats(0.0, 0.5),
    inverse_h=st.one_of(st.just(0.0), st.floats(1.0, 1e3)),
    farad=st.floats(1e-5, 1e-3),
    step_s=st.floats(1e-4, 2e-3),
)
def test_a_step_of_the_load_agrees_with_its_eigenvalues(
    siemens: float, inverse_h: float, farad: float, step_s: float
) -> None:
    """With a source that stands still the step is x* + S exp(λh) S⁻¹ (x - x*)."""
    load = ParallelLoad((siemens, 0.0, 0.0), (inverse_h, 0.0, 0.0), (farad, 0.0, 0.0))
    source = 10.0 - 3.0j
    matrix = np.array(
        [
            [-max(siemens, STRAY_CONDUCTANCE_S) / farad - 1j * W, -1 / farad],
            [inverse_h, -1j * W],
        ]
    )
    values, vectors = np.linalg.eig(matrix)
    if np.linalg.cond(vectors) > 1e5 or np.linalg.cond(matrix) > 1e9:
        return  # a double root: the eigenvectors carry no solution
    rest = -np.linalg.solve(matrix, np.array([source / farad, 0.0]))
    moved = vectors @ (
        np.exp(values * step_s) * np.linalg.solve(vectors, np.array([230.0, 5.0j]) - rest)
    )

    voltage, inductor = phase_step(load, 0, W, step_s)(230.0, 5.0j, source, source)
    assert voltage == pytest.approx((rest + moved)[0], rel=1e-5, abs=1e-4)
    assert inductor == pytest.approx((rest + moved)[1], rel=1e-5, abs=1e-4)


def test_a_step_follows_a_source_that_rises() -> None:
    """Ten steps along a straight line end where one step does."""
    load = Condition(1.0, 0.1, 0.05).load(3)
    short, long = phase_step(load, 0, W, 1e-4), phase_step(load, 0, W, 1e-3)
    once = long(230.0, 3.0 - 10.0j, 10.0 + 0j, 20.0 - 10.0j)
    state = (230.0 + 0j, 3.0 - 10.0j)
    for n in range(10):
        state = short(*state, 10.0 + n * (1.0 - 1.0j), 10.0 + (n + 1) * (1.0 - 1.0j))

    assert state == pytest.approx(once, rel=1e-9)


def test_a_resistor_alone_follows_its_current_at_once() -> None:
    load = ParallelLoad(conductance_s=(0.05, 0.05, 0.05))
    turned = complex_exp(0.3j)

    voltage, inductor = phase_step(load, 0, W, STEP_S)(230.0, 0j, 11.5, 10.0 * turned)

    assert voltage == pytest.approx(10.0 * turned / 0.05, rel=1e-4)
    assert inductor == 0
