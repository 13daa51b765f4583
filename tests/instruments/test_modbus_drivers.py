"""Contactor and SunSpec drivers against simulated devices on real sockets."""

from __future__ import annotations

import pytest

from instruments.contactors.modbus_contactor import ModbusContactor
from instruments.errors import InstrumentError
from instruments.inverters.sunspec import SunSpecInverter
from tests.instruments.conftest import Bench


def test_the_contactor_follows_and_is_confirmed(bench: Bench) -> None:
    contactor = ModbusContactor(bench.registers("contactor"), bench.laboratory.clock)
    contactor.switch(True)
    assert contactor.is_closed()
    bench.laboratory.clock.sleep(0.1)
    assert bench.world.contactor.main_closed
    contactor.switch(False)
    assert not contactor.is_closed()


def test_a_contactor_that_does_not_follow_raises(bench: Bench) -> None:
    bench.world.contactor._auxiliary_delay_s = 10.0
    contactor = ModbusContactor(bench.registers("contactor"), bench.laboratory.clock)
    with pytest.raises(InstrumentError, match="commanded closed"):
        contactor.switch(True)


def test_an_auxiliary_contact_that_is_neither_open_nor_closed_raises(bench: Bench) -> None:
    inverter_registers = bench.registers("inverter")
    contactor = ModbusContactor(
        inverter_registers, bench.laboratory.clock, auxiliary_register=40_000
    )
    with pytest.raises(InstrumentError, match="expected 0 to 1"):
        contactor.is_closed()


@pytest.fixture
def inverter(bench: Bench) -> SunSpecInverter:
    bench.world.source.ramp_to((230.0,) * 3, 50.0, 0.0)
    bench.world.source.switch_output(True)
    bench.world.contactor.command(True)
    return SunSpecInverter(bench.registers("inverter"), bench.laboratory.clock)


def test_the_inverter_says_who_it_is(inverter: SunSpecInverter) -> None:
    identity = inverter.identify()
    assert identity.maker
    assert identity.serial


def test_the_reconnect_timer_counts_down(bench: Bench, inverter: SunSpecInverter) -> None:
    bench.laboratory.clock.sleep(21.0)
    status = inverter.status()
    assert status.connected is False
    assert status.reconnect_delay_remaining_s == pytest.approx(40.0, abs=2.0)
    bench.laboratory.clock.sleep(480.0)
    status = inverter.status()
    assert status.connected is True
    assert status.active_power_w == pytest.approx(10_000, abs=20)


def test_the_settings_are_those_of_the_inverter(bench: Bench, inverter: SunSpecInverter) -> None:
    settings, percent = inverter.settings(), {"% of nominal voltage": 2.3, "Hz": 1.0}
    found = {
        (item.name, round(item.threshold * percent[item.threshold_unit]), item.clearing_time_s)
        for item in settings.protections
    }
    assert found == {
        ("undervoltage", 70, 1.5),
        ("undervoltage", 180, 10.5),
        ("overvoltage", 265, 1.5),
        ("overvoltage", 275, 0.08),
        ("underfrequency", 47, 1.5),
        ("overfrequency", 52, 0.1),
    }
    assert settings.rated_power_w == 10_000
    assert settings.reconnect_delay_s == 61.0


def test_service_is_forbidden_and_permitted(bench: Bench, inverter: SunSpecInverter) -> None:
    bench.laboratory.clock.sleep(100.0)
    assert bench.world.inverter.connected
    inverter.permit_service(False)
    bench.laboratory.clock.sleep(1.0)
    assert not bench.world.inverter.connected
    inverter.permit_service(True)
    bench.laboratory.clock.sleep(70.0)
    assert bench.world.inverter.connected


def test_a_device_without_sunspec_is_named(bench: Bench) -> None:
    inverter = SunSpecInverter(bench.registers("contactor"), bench.laboratory.clock)
    with pytest.raises(InstrumentError, match="no SunSpec marker"):
        inverter.identify()
