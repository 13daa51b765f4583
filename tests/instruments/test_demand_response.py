"""The relay box on the demand response port: driver and simulated device over a real socket."""

from __future__ import annotations

import pytest

from instruments.demand_response.modbus_relay_box import ModbusRelayBox
from instruments.errors import InstrumentError, RegisterError
from instruments.simulated.devices.relay_box import RelayBox
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.world import World
from tests.instruments.conftest import Bench

FULL_W = 10_000.0


@pytest.fixture
def box(bench: Bench) -> ModbusRelayBox:
    world = bench.world
    world.source.ramp_to((230.0,) * 3, 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    bench.laboratory.clock.sleep(500.0)
    return ModbusRelayBox(bench.registers("demand_response"), bench.laboratory.clock)


def power_w(bench: Bench) -> float:
    return bench.world.inverter.powers_at(bench.world.now_s)[0]


def test_the_world_begins_at_full_power(bench: Bench, box: ModbusRelayBox) -> None:
    assert power_w(bench) == pytest.approx(FULL_W, rel=0.01)


@pytest.mark.parametrize(("mode", "share"), [(5, 0.0), (6, 0.5), (7, 0.75), (8, 1.0)])
def test_a_mode_of_generation_limits_a_generating_inverter(
    bench: Bench, box: ModbusRelayBox, mode: int, share: float
) -> None:
    box.assert_mode(mode)
    bench.laboratory.clock.sleep(30.0)
    assert power_w(bench) == pytest.approx(share * FULL_W, abs=0.01 * FULL_W)


def test_drm_0_disconnects_until_it_is_released(bench: Bench, box: ModbusRelayBox) -> None:
    box.assert_mode(0)
    bench.laboratory.clock.sleep(1.0)
    assert not bench.world.inverter.connected
    assert not box.is_released()
    box.assert_mode(None)
    assert box.is_released()
    bench.laboratory.clock.sleep(70.0)
    assert bench.world.inverter.connected


def test_a_new_mode_opens_the_contact_of_the_one_before(bench: Bench, box: ModbusRelayBox) -> None:
    box.assert_mode(5)
    box.assert_mode(7)
    assert bench.registers("demand_response").read(1, 1) == [1 << 3]


def test_contacts_that_do_not_follow_are_an_error(
    bench: Bench, box: ModbusRelayBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("instruments.simulated.devices.relay_box.OPERATE_S", 10.0)
    with pytest.raises(InstrumentError, match="auxiliary contacts"):
        box.assert_mode(6)


def test_a_mode_that_does_not_exist_is_refused(bench: Bench, box: ModbusRelayBox) -> None:
    with pytest.raises(ValueError, match="DRM 9"):
        box.assert_mode(9)


@pytest.mark.parametrize(("address", "values"), [(0, [32]), (1, [1])])
def test_the_box_refuses_what_it_has_not(bench: Bench, address: int, values: list[int]) -> None:
    with pytest.raises(RegisterError):
        bench.registers("demand_response").write(address, values)


def test_contacts_need_a_moment_and_the_inverter_its_delay() -> None:
    world = World(InverterParameters())
    heard: list[int | None] = []
    world.inverter.respond_to_demand = heard.append  # type: ignore[method-assign]
    box = RelayBox(world)
    box.write(0, [1])
    assert (box.read(1, 1), heard) == ([0], [])
    world.advance_to(0.1)
    assert (box.read(1, 1), heard) == ([1], [0])
