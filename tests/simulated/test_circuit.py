"""Impedance, loads, phases: the circuit against hand-solved ones, and energy that adds up."""

from __future__ import annotations

from math import pi, radians, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.grid import OutputStage
from instruments.simulated.physics.parallel_load import ParallelLoad
from instruments.simulated.physics.world import World
from tests.simulated.worlds import NOMINAL, after, all_phases, running_world, set_grid

RATE_HZ = 20_000.0
NO_RESPONSE = {"settings.volt_watt.enabled": False, "settings.volt_var.enabled": False}


def test_generation_raises_the_voltage_behind_an_impedance() -> None:
    """At unity power factor V = E + R·I for a resistive source, the rest being the filter's."""
    world = running_world({**NO_RESPONSE, "filter_pu": 0.0}, load_w=0.0, impedance_ohm=0.1 + 0j)
    means = after(world, 1.0)
    voltage_v = 115 + sqrt(115**2 + 0.1 * 10_000 / 3)
    assert means.voltages_v[0] == pytest.approx(voltage_v, rel=2e-5)


def test_a_reactive_impedance_turns_the_voltage_instead_of_raising_it() -> None:
    world = running_world({**NO_RESPONSE, "filter_pu": 0.0}, load_w=0.0, impedance_ohm=0.2j)
    segment = world.log.last
    current_a = segment.active_a[0]
    drop_v = 0.2 * current_a
    assert segment.voltage_v[0] == pytest.approx(sqrt(230**2 - drop_v**2), rel=1e-6)
    assert segment.angle_rad[0] == pytest.approx(np.arcsin(drop_v / 230), rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    voltage_v=st.floats(200.0, 262.0),
    resistance_ohm=st.just(0.0) | st.floats(1e-6, 0.3),
    reactance_ohm=st.just(0.0) | st.floats(1e-6, 0.3),
    load_w=st.floats(0.0, 12_000.0),
    power_factor=st.sampled_from([None, 0.8, -0.8]),
)
def test_energy_of_source_inverter_load_and_losses_adds_up(
    voltage_v: float,
    resistance_ohm: float,
    reactance_ohm: float,
    load_w: float,
    power_factor: float | None,
) -> None:
    """Over a step and all that follows: what the source gets is what is left, within 0.1 %."""
    impedance = complex(resistance_ohm, reactance_ohm)
    changes = {"settings.power_factor": power_factor}
    world = running_world(changes, load_w=load_w, impedance_ohm=impedance)
    set_grid(world, voltage_v)
    start_s = world.now_s
    world.advance_to(start_s + 8.0)
    waveforms = world.waveforms(
        start_s,
        int(8.0 * RATE_HZ),
        RATE_HZ,
        ["u1", "u2", "u3", "i1", "i2", "i3", "ig1", "ig2", "ig3"],
    )

    def power_w(current: str) -> float:
        return sum(
            float(np.mean(waveforms[f"u{k}"] * waveforms[f"{current}{k}"])) for k in (1, 2, 3)
        )

    loss_w = sum(resistance_ohm * float(np.mean(waveforms[f"ig{k}"] ** 2)) for k in (1, 2, 3))
    means = world.averages(start_s, start_s + 8.0)
    load_taken_w = sum(means.load_powers_w)
    source_w = sum(
        float(
            np.mean(
                (waveforms[f"u{k}"] - resistance_ohm * waveforms[f"ig{k}"]) * waveforms[f"ig{k}"]
            )
        )
        for k in (1, 2, 3)
    )
    assert power_w("i") == pytest.approx(source_w + loss_w + load_taken_w, abs=10.0)
    assert sum(means.active_powers_w) == pytest.approx(power_w("i"), rel=1e-3)
    assert sum(means.grid_active_powers_w) == pytest.approx(power_w("ig"), abs=10.0)


def test_rms_and_powers_of_the_waveforms_are_those_of_the_phasors() -> None:
    world = running_world({"direct_current_pu": 0.004}, load_w=3000.0, impedance_ohm=0.05 + 0.02j)
    world.source.distort(((3, 0.02), (5, 0.03), (7, 0.01)))
    world.source.turn_to((0.0, radians(-118), radians(121)))
    world.source.ramp_to((235.0, 228.0, 244.0), 49.9, 0.0)
    world.advance_to(world.now_s + 12.0)
    start_s, count = world.now_s - 10 / 49.9, round(10 / 49.9 * RATE_HZ)
    waveforms = world.waveforms(start_s, count, count * 49.9 / 10, ["u1", "u3", "i1", "i3", "ig3"])
    means = world.averages(start_s, world.now_s)
    for name, expected in (
        ("u1", means.voltages_v[0]),
        ("u3", means.voltages_v[2]),
        ("i1", means.currents_a[0]),
        ("ig3", means.grid_currents_a[2]),
    ):
        assert float(np.sqrt(np.mean(waveforms[name] ** 2))) == pytest.approx(expected, rel=1e-4)
    angle = 2 * pi * np.arange(count) / count * 10
    u, i = (2 / count * np.sum(waveforms[name] * np.exp(-1j * angle)) for name in ("u3", "i3"))
    reactive_var = float(np.imag(u * np.conj(i))) / 2
    assert means.reactive_powers_var[2] == pytest.approx(reactive_var, rel=2e-4)
    assert means.active_powers_w[2] == pytest.approx(
        float(np.mean(waveforms["u3"] * waveforms["i3"])), rel=1e-4
    )


def test_a_capacitor_in_the_load_shows_at_the_connection_point_only() -> None:
    world = running_world({"filter_pu": 0.0}, load_w=0.0)
    farad = 1000.0 / (2 * pi * 50 * 230**2)
    world.islanding_load.set(ParallelLoad(capacitance_f=(farad, farad, farad)))
    means = after(world, 1.0)
    assert means.reactive_powers_var[0] == pytest.approx(0.0, abs=1e-6)
    assert means.grid_reactive_powers_var[0] == pytest.approx(1000.0, rel=1e-6)


@pytest.mark.parametrize("rated_va", [1_000.0, 5_000.0])
def test_a_single_phase_inverter_feeds_l1_and_watches_nothing_else(rated_va: float) -> None:
    changes = {"phases": 1, "rated_apparent_power_va": rated_va, "pv_power_w": rated_va}
    world = running_world(changes, load_w=500.0)
    means = after(world, 1.0)
    assert means.active_powers_w == (pytest.approx(rated_va, rel=1e-4), 0.0, 0.0)
    assert means.currents_a[0] == pytest.approx(rated_va / 230, rel=1e-3)
    world.source.ramp_to((230.0, 300.0, 50.0), 50.0, 0.0)
    world.advance_to(world.now_s + 20.0)
    assert world.inverter.state == "running"
    world.source.ramp_to((280.0, 230.0, 230.0), 50.0, 0.0)
    world.advance_to(world.now_s + 0.3)
    assert world.inverter.state == "waiting"


def test_200_kva_is_only_a_matter_of_scale() -> None:
    changes = {"rated_apparent_power_va": 200_000.0, "pv_power_w": 200_000.0}
    means = after(running_world(changes, load_w=0.0), 1.0)
    assert sum(means.active_powers_w) == pytest.approx(200_000, rel=1e-4)


def test_idle_hours_cost_next_to_nothing() -> None:
    world = World(InverterParameters())
    world.source.ramp_to(all_phases(230.0), 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.advance_to(36_000.0)
    assert sum(world.averages(35_999.0, 36_000.0).active_powers_w) == pytest.approx(
        10_000, rel=1e-4
    )
    assert world.source.voltages_v == NOMINAL


def test_a_real_source_misses_its_setting_by_a_little_and_takes_time_to_get_there() -> None:
    world = running_world()
    world.source.stage = OutputStage.drawn(3)
    set_grid(world, 240.0)
    assert world.log.last.voltage_v[0] < 231.0
    world.advance_to(world.now_s + 1.0)
    errors = [voltage_v / 240.0 - 1 for voltage_v in world.log.last.voltage_v]
    assert all(1e-6 < abs(error) <= 1.1e-3 for error in errors)
    assert world.source.voltages_v == all_phases(240.0)


def test_a_coarse_source_moves_in_steps() -> None:
    stage = OutputStage(resolution_v=0.5)
    assert stage.realised((230.2, 230.3, 0.0)) == (230.0, 230.5, 0.0)
