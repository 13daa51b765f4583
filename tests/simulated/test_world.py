"""The simulated world against closed forms and against its own waveforms."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.inverter.settings import Trip
from instruments.simulated.physics.world import World

NOMINAL = (230.0, 230.0, 230.0)
STARTED_S = 500.0
RATE = 100_000.0


def running_world(parameters: InverterParameters | None = None, load_w: float = 8000.0) -> World:
    """Return a world whose inverter generates at full power on the nominal grid."""
    world = World(parameters or InverterParameters(), load_w)
    world.source.ramp_to(NOMINAL, 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.advance_to(STARTED_S)
    assert world.inverter.state == "running"
    return world


def step_voltage(world: World, voltages: tuple[float, float, float], at_s: float) -> None:
    world.schedule(at_s, lambda: world.source.ramp_to(voltages, 50.0, 0.0))


def first_crossing_s(samples: np.ndarray, above_v: float) -> float:
    """Return when the one-cycle rms of a sampled waveform first exceeds a level."""
    window = int(RATE / 50)
    squares = np.concatenate([[0.0], np.cumsum(samples**2)])
    rms = np.sqrt((squares[window:] - squares[:-window]) / window)
    return float(np.argmax(rms > above_v) + window) / RATE


@settings(max_examples=25, deadline=None)
@given(offset_s=st.floats(0.0, 0.02), level_v=st.floats(280.0, 300.0))
def test_a_trip_happens_one_delay_after_the_waveform_crosses_the_threshold(
    offset_s: float, level_v: float
) -> None:
    trips = {"OV2": Trip(275.0, 0.08)}
    world = running_world(with_changes(InverterParameters(), {"settings.trips": trips}))
    step_s = STARTED_S + 0.1 + offset_s
    step_voltage(world, (level_v, 230.0, 230.0), step_s)
    world.advance_to(STARTED_S + 1.0)
    waveforms = world.waveforms(STARTED_S, int(RATE), RATE, ["u1", "i1"])
    # the harmonic of the sampled voltage is not part of the relay's signal
    expected_s = first_crossing_s(waveforms["u1"] / sqrt(1 + 0.004**2), 275.0) + 0.08
    active = np.abs(waveforms["i1"]) > 1.0
    ceased_s = float(len(active) - np.argmax(active[::-1])) / RATE
    assert ceased_s == pytest.approx(expected_s, abs=0.0015)


def test_full_power_comes_60_s_and_6_minutes_after_the_grid() -> None:
    world = World(with_changes(InverterParameters(), {"settings.observation_s": 60.0}))
    world.source.ramp_to(NOMINAL, 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.advance_to(500.0)
    half_way = world.averages(239.9, 240.1)
    closed_s = world.contactor._main_delay_s
    in_window_s = closed_s + 0.02 * (205 / 230) ** 2
    assert sum(half_way.active_powers_w) == pytest.approx(
        10_000 * 0.1667 / 60 * (240 - 60 - in_window_s), rel=1e-3
    )
    assert sum(world.averages(499, 500).active_powers_w) == pytest.approx(10_000, rel=1e-4)


def test_averages_agree_with_the_waveforms_they_summarise() -> None:
    world = running_world()
    world.source.ramp_to((240.0, 225.0, 230.0), 50.0, 0.5)
    world.advance_to(STARTED_S + 1.0)
    means = world.averages(STARTED_S, STARTED_S + 1.0)
    waveforms = world.waveforms(STARTED_S, int(RATE), RATE, ["u1", "i1", "u2", "ig3"])
    rms = {name: float(np.sqrt(np.mean(samples**2))) for name, samples in waveforms.items()}
    power_w = float(np.mean(waveforms["u1"] * waveforms["i1"]))
    assert means.voltages_v[0] == pytest.approx(rms["u1"], rel=2e-4)
    assert means.voltages_v[1] == pytest.approx(rms["u2"], rel=2e-4)
    assert means.currents_a[0] == pytest.approx(rms["i1"], rel=2e-4)
    assert means.grid_currents_a[2] == pytest.approx(rms["ig3"], rel=2e-3)
    assert means.active_powers_w[0] == pytest.approx(power_w, rel=2e-4)
    assert means.frequency_hz == pytest.approx(50.0)


def test_current_outlives_generation_until_the_relay_opens() -> None:
    world = running_world(with_changes(InverterParameters(), {"relay_open_s": 0.05}))
    step_voltage(world, (290.0, 290.0, 290.0), STARTED_S)
    world.advance_to(STARTED_S + 1.0)
    means = [
        world.averages(STARTED_S + a, STARTED_S + a + 0.01).currents_a[0] for a in (0.0, 0.12, 0.2)
    ]
    assert means[0] > 10.0
    assert 0.1 < means[1] < 0.3
    assert means[2] == 0.0


def test_an_excursion_restarts_the_observation() -> None:
    world = World(with_changes(InverterParameters(), {"settings.observation_s": 60.0}))
    world.source.ramp_to(NOMINAL, 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    step_voltage(world, (260.0, 230.0, 230.0), 50.0)
    step_voltage(world, NOMINAL, 51.0)
    world.advance_to(110.9)
    assert not world.inverter.connected
    world.advance_to(111.1)
    assert world.inverter.connected


def test_an_unmonitored_phase_does_not_trip() -> None:
    world = running_world(
        with_changes(InverterParameters(), {"sensing.monitored_phases": (True, False, True)})
    )
    step_voltage(world, (230.0, 300.0, 230.0), STARTED_S)
    world.advance_to(STARTED_S + 20.0)
    assert world.inverter.state == "running"


def eventful_course(stops_s: list[float]) -> list[float]:
    """Return means along a course with a curtailment, a trip and a reconnection, stopped at some times."""
    world = running_world()
    for at_s, level_v in ((520.0, 256.0), (540.0, 230.0), (560.0, 150.0), (575.0, 230.0)):
        step_voltage(world, (level_v,) * 3, at_s)
    for stop_s in sorted(stops_s):
        world.advance_to(stop_s)
    world.advance_to(900.0)
    windows = [(521.0, 522.0), (560.0, 573.0), (635.0, 640.0), (899.0, 900.0)]
    return [world.averages(*window).active_powers_w[0] for window in windows]


UNDIVIDED = eventful_course([])


@settings(max_examples=25, deadline=None)
@given(stops_s=st.lists(st.floats(STARTED_S, 899.0), max_size=40))
def test_the_world_goes_the_same_way_however_its_time_is_divided(stops_s: list[float]) -> None:
    assert eventful_course(stops_s) == pytest.approx(UNDIVIDED, rel=1e-6)


def test_the_same_calls_give_the_same_bytes() -> None:
    def samples() -> bytes:
        world = running_world()
        step_voltage(world, (268.0, 230.0, 230.0), STARTED_S + 0.013)
        world.advance_to(STARTED_S + 3.0)
        return world.waveforms(STARTED_S, 20_000, 10_000.0, ["u1", "i1"])["i1"].tobytes()

    assert samples() == samples()


def test_a_window_before_the_log_is_refused() -> None:
    world = running_world()
    world.advance_to(STARTED_S + 5000.0)
    for k in range(200):
        step_voltage(world, (230.0 + k % 2, 230.0, 230.0), STARTED_S + 5000.0 + k)
    world.advance_to(STARTED_S + 8000.0)
    step_voltage(world, NOMINAL, world.now_s)
    world.advance_to(world.now_s + 1)
    with pytest.raises(LookupError, match="log begins"):
        world.averages(10.0, 11.0)


def test_an_unknown_parameter_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Exception, match=r"OV1: no 'delay'.*delay_s"):
        with_changes(InverterParameters(), {"settings.trips.OV1.delay": 1.0})
