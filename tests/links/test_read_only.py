"""A link opened for reading alone never sends a write, whatever is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from instruments.clock import WallClock
from instruments.errors import RegisterBusy, RegisterError, WriteForbidden
from instruments.interfaces import ControlMode
from instruments.inverters.sunspec import SunSpecInverter
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from tests.audit.fleet_bench import BusyGateway, Gateway, registers, served

OBSERVATION_AT = 45_012


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    return Gateway({1: registers()})


@pytest.fixture
def link(gateway: Gateway) -> Iterator[ModbusRegisterLink]:
    with served(gateway) as [port]:
        link = opened(port)
        yield link.read_only()
        link.close()


def opened(port: int) -> ModbusRegisterLink:
    clock = WallClock()
    return ModbusRegisterLink.open_tcp(
        "127.0.0.1", port, unit=1, name="inverter", clock=clock, transcript=Transcript(None, clock)
    )


def test_a_write_is_refused_and_nothing_is_sent(gateway: Gateway, link: ModbusRegisterLink) -> None:
    asked, words = len(gateway.functions), dict(registers().words)
    with pytest.raises(WriteForbidden, match="nothing was sent"):
        link.write(OBSERVATION_AT, [1])
    assert link.read(OBSERVATION_AT, 1) == [words[OBSERVATION_AT]]
    assert gateway.functions[asked:] == [3]


@pytest.mark.parametrize(
    "act",
    [
        lambda inverter: inverter.try_observation(70.0),
        lambda inverter: inverter.permit_service(False),
        lambda inverter: inverter.controls.command(ControlMode.POWER_LIMIT, 0.5),
    ],
)
def test_no_action_of_a_driver_writes(
    gateway: Gateway, link: ModbusRegisterLink, act: Callable[[SunSpecInverter], object]
) -> None:
    with pytest.raises(WriteForbidden):
        act(SunSpecInverter(link, WallClock()))
    assert set(gateway.functions) == {3}


def test_a_busy_device_is_asked_again() -> None:
    with served(BusyGateway({1: registers()})) as [port]:
        link = opened(port).read_only(attempts=2)
        assert {link.read(OBSERVATION_AT, 1)[0] for _ in range(9)} == {
            registers().words[OBSERVATION_AT]
        }
        link.close()


def test_a_device_that_stays_busy_is_not_asked_for_ever() -> None:
    with served(BusyGateway({1: registers()})) as [port]:
        link = opened(port).read_only()
        link.read(OBSERVATION_AT, 1)
        link.read(OBSERVATION_AT, 1)
        with pytest.raises(RegisterBusy):
            link.read(OBSERVATION_AT, 1)
        link.close()


def test_a_refusal_is_an_answer_and_is_not_asked_again(
    gateway: Gateway, link: ModbusRegisterLink
) -> None:
    asked = len(gateway.functions)
    with pytest.raises(RegisterError):
        link.read_only(attempts=3).read(60_000, 1)
    assert len(gateway.functions) == asked + 1
