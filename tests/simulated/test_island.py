"""The island model against closed forms: equilibria, thresholds, non-detection zones."""

from __future__ import annotations

from dataclasses import replace
from math import pi, sqrt

import pytest

from instruments.errors import ConfigurationError
from instruments.simulated.physics.island import Island
from instruments.simulated.physics.island_control import IslandControl, threshold_gain_per_hz
from instruments.simulated.physics.parallel_load import ParallelLoad, resistive_load, resonant_load
from tests.simulated.island_conditions import (
    NOMINAL_HZ,
    NOMINAL_V,
    RATED_W,
    Condition,
    phasor,
    run_on_s,
    start,
)

ACTIVE = IslandControl(shift_limit=1.0)
PASSIVE = replace(ACTIVE, shift_gain_per_hz=0.0, shift_offset=0.0)
QUIET = replace(PASSIVE, voltage_noise_v=0.0)


def settled(control: IslandControl, active: float, reactive: float, quality: float = 1.0) -> Island:
    condition = Condition(1.0, active, reactive, quality)
    island = phasor(condition, control)
    island.advance(3.0, condition.power_w(control.phases), 0.0)
    return island


def test_an_inverter_without_active_method_islands_for_ever_on_a_matched_load() -> None:
    assert run_on_s(phasor(Condition(1.0, 0.0, 0.0), PASSIVE), RATED_W, longest_s=8.0) is None


@pytest.mark.parametrize("seed", range(5))
def test_the_reference_shift_ends_a_matched_island_well_within_two_seconds(seed: int) -> None:
    run_on = run_on_s(phasor(Condition(1.0, 0.0, 0.0), ACTIVE, seed), RATED_W)

    assert run_on is not None
    assert run_on < 0.5


def test_noise_starts_a_shift_without_offset_long_before_rounding_errors_do() -> None:
    matched, control = Condition(1.0, 0.0, 0.0), replace(ACTIVE, shift_offset=0.0)

    assert run_on_s(phasor(matched, control), RATED_W, longest_s=1.3) is not None
    silent = replace(control, voltage_noise_v=0.0)
    assert run_on_s(phasor(matched, silent), RATED_W, longest_s=1.3) is None


@pytest.mark.parametrize("phases", [1, 3])
@pytest.mark.parametrize("reactive", [-0.05, -0.01, 0.03, 0.05])
def test_a_passive_island_settles_at_the_resonance_of_its_load(
    reactive: float, phases: int
) -> None:
    island = settled(replace(QUIET, phases=phases), 0.0, reactive)

    assert island.frequency_hz == pytest.approx(NOMINAL_HZ * sqrt(1 + reactive), abs=2e-3)


@pytest.mark.parametrize("active", [-0.2, -0.05, 0.1, 0.4])
def test_constant_power_settles_where_the_resistor_takes_it(active: float) -> None:
    island = settled(QUIET, active, 0.0)

    assert island.voltages_v[0] == pytest.approx(NOMINAL_V / sqrt(1 + active), rel=2e-4)


@pytest.mark.parametrize("active", [-0.1, 0.2])
def test_constant_current_settles_at_its_drop_over_the_resistor(active: float) -> None:
    island = settled(replace(QUIET, constant_power=False), active, 0.0)

    assert island.voltages_v[0] == pytest.approx(NOMINAL_V / (1 + active), rel=2e-4)


@pytest.mark.parametrize("quality", [1.0, 2.5])
def test_an_offset_alone_shifts_the_frequency_by_its_share_of_the_load_slope(
    quality: float,
) -> None:
    island = settled(replace(QUIET, shift_offset=0.01), 0.0, 0.0, quality)

    shift_hz = pi * 0.01 * NOMINAL_HZ / (4 * quality)
    assert island.frequency_hz == pytest.approx(NOMINAL_HZ + shift_hz, rel=1e-4)


def test_a_gain_below_the_threshold_multiplies_the_offset() -> None:
    gain = 0.5 * threshold_gain_per_hz(1.0, NOMINAL_HZ)
    island = settled(
        replace(QUIET, shift_offset=0.005, shift_gain_per_hz=gain, voltage_noise_v=0.0), 0.0, 0.0
    )

    shift_hz = 2 * pi * 0.005 * NOMINAL_HZ / 4
    assert island.frequency_hz == pytest.approx(NOMINAL_HZ + shift_hz, rel=2e-4)


@pytest.mark.parametrize("quality", [0.7, 1.0, 2.0])
def test_the_island_runs_away_above_the_threshold_gain_only(quality: float) -> None:
    threshold = threshold_gain_per_hz(quality, NOMINAL_HZ)
    matched = Condition(1.0, 0.0, 0.0, quality)

    def run_on(share: float) -> float | None:
        control = replace(PASSIVE, shift_gain_per_hz=share * threshold)
        return run_on_s(phasor(matched, control), RATED_W, longest_s=6.0)

    assert run_on(0.9) is None
    assert run_on(1.3) is not None


def test_a_phase_error_moves_the_island_by_its_share_of_the_load_slope() -> None:
    """An uncompensated delay of 130 µs is 41 mrad, and the load turns 40 mrad/Hz."""
    delay_rad = 2 * pi * NOMINAL_HZ * 130e-6
    island = settled(replace(QUIET, phase_error_rad=-delay_rad), 0.0, 0.0)

    assert island.frequency_hz - NOMINAL_HZ == pytest.approx(-delay_rad / 0.04, rel=0.02)


EDGES = {
    # name: (condition of a mismatch, constant power, mismatch at the edge)
    "inductive, 52 Hz": (lambda x: Condition(1.0, 0.0, x), True, 1.04**2 - 1),
    "capacitive, 47 Hz": (lambda x: Condition(1.0, 0.0, x), True, 0.94**2 - 1),
    "power, 265 V": (lambda x: Condition(1.0, x, 0.0), True, (230 / 265) ** 2 - 1),
    "power, 180 V": (lambda x: Condition(1.0, x, 0.0), True, (230 / 180) ** 2 - 1),
    "current, 265 V": (lambda x: Condition(1.0, x, 0.0), False, 230 / 265 - 1),
    "current, 180 V": (lambda x: Condition(1.0, x, 0.0), False, 230 / 180 - 1),
}


@pytest.mark.parametrize("name", EDGES)
def test_a_passive_inverter_islands_exactly_inside_its_non_detection_zone(name: str) -> None:
    condition, constant_power, edge = EDGES[name]
    control = replace(PASSIVE, constant_power=constant_power)

    inside = run_on_s(phasor(condition(0.97 * edge), control), RATED_W)
    outside = run_on_s(phasor(condition(1.03 * edge), control), RATED_W)

    assert inside is None
    assert outside is not None


def test_reactive_power_supplied_raises_the_frequency_of_an_inductive_load_back() -> None:
    """An inverter that supplies what the inductor lacks holds the island at nominal frequency."""
    island = phasor(Condition(1.0, 0.0, 0.05), QUIET)
    island.advance(3.0, RATED_W, 0.05 * RATED_W)

    assert island.frequency_hz == pytest.approx(NOMINAL_HZ, abs=2e-3)
    assert sum(island.currents_reactive_a) * island.voltages_v[0] == pytest.approx(
        0.05 * RATED_W, rel=1e-3
    )


def test_current_is_held_to_its_limit_at_an_overload() -> None:
    island = Island(
        resistive_load(2 * RATED_W / 3, NOMINAL_V),
        replace(QUIET, current_limit_a=16.0),
        start(RATED_W, 3),
        seed=1,
    )
    island.advance(1.0, RATED_W, 0.0)

    assert island.currents_active_a == pytest.approx((16.0,) * 3)
    assert island.voltages_v == pytest.approx(
        (16.0 * NOMINAL_V**2 / (2 * RATED_W / 3),) * 3, rel=1e-3
    )


@pytest.mark.parametrize(
    "load",
    [
        ParallelLoad(),
        resistive_load(RATED_W / 30, NOMINAL_V),
        ParallelLoad(inverse_inductance_per_h=(20.0, 20.0, 20.0)),
        ParallelLoad(capacitance_f=(2e-6, 2e-6, 2e-6)),
        resistive_load(RATED_W, NOMINAL_V, phases=1),
    ],
    ids=["nothing", "light resistor", "inductor", "capacitor", "one phase"],
)
def test_no_load_drives_the_bus_beyond_the_ceiling_of_the_bridge(load: ParallelLoad) -> None:
    island = Island(load, ACTIVE, start(RATED_W, 3), seed=1)
    for _ in range(200):
        island.advance(1e-3, RATED_W, 0.0)

        assert max(island.voltages_v) <= ACTIVE.voltage_ceiling_v * (1 + 1e-9)
        assert 40.0 <= island.frequency_hz <= 60.0


def test_load_and_control_refuse_what_cannot_be() -> None:
    with pytest.raises(ConfigurationError, match="capacitance_f"):
        ParallelLoad(capacitance_f=(1e-6, -1e-6, 1e-6))
    with pytest.raises(ConfigurationError, match="2 phases"):
        IslandControl(phases=2)
    with pytest.raises(ConfigurationError, match="does not resonate"):
        resistive_load(1000.0, NOMINAL_V).resonance_hz(0)


def test_a_resonant_load_takes_its_power_and_resonates_where_asked() -> None:
    load = resonant_load(3000.0, NOMINAL_V, NOMINAL_HZ, 1.5, active_mismatch=0.1, phases=1)

    siemens, farad = load.conductance_s[0], load.capacitance_f[0]
    assert siemens * NOMINAL_V**2 == pytest.approx(3300.0)
    assert load.resonance_hz(0) == pytest.approx(NOMINAL_HZ)
    assert sqrt(farad * load.inverse_inductance_per_h[0]) / (siemens / 1.1) == pytest.approx(1.5)
    assert load.conductance_s[1:] == (0.0, 0.0)
