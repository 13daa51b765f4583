"""Commanding a SunSpec inverter, and leaving it as it was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from instruments.errors import InstrumentError, LinkTimeout, ReadBackMismatch
from instruments.interfaces import ControlMode
from instruments.inverters.sunspec import SunSpecInverter
from tests.instruments.conftest import Bench


@pytest.fixture
def inverter(bench: Bench) -> SunSpecInverter:
    return SunSpecInverter(bench.registers("inverter"), bench.laboratory.clock)


def registers_of(inverter: SunSpecInverter) -> Sequence[int]:
    return inverter.device.require(704).registers


COMMANDS = [
    (ControlMode.POWER_FACTOR, -0.8, "power_factor"),
    (ControlMode.POWER_FACTOR, 0.9, "power_factor"),
    (ControlMode.REACTIVE_POWER, -0.6, "reactive_power_pu"),
    (ControlMode.POWER_LIMIT, 0.25, "power_limit_pu"),
]


@pytest.mark.parametrize(("mode", "value", "setting"), COMMANDS)
def test_a_command_is_in_force_when_it_returns(
    bench: Bench, inverter: SunSpecInverter, mode: ControlMode, value: float, setting: str
) -> None:
    inverter.controls.command(mode, value)
    assert getattr(bench.world.inverter.settings, setting) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(("mode", "value", "setting"), COMMANDS)
def test_restoring_leaves_the_inverter_as_it_was(
    bench: Bench, inverter: SunSpecInverter, mode: ControlMode, value: float, setting: str
) -> None:
    before = bench.world.inverter.settings
    registers = registers_of(inverter)
    inverter.controls.command(mode, value)
    inverter.controls.restore()
    assert bench.world.inverter.settings == before
    assert registers_of(inverter) == registers


def test_a_mode_that_was_on_before_is_on_again_with_its_own_value(
    bench: Bench, inverter: SunSpecInverter
) -> None:
    installed = replace(bench.world.inverter.settings, power_factor=-0.95)
    bench.world.inverter.change_settings(installed)
    inverter.controls.command(ControlMode.POWER_FACTOR, 0.8)
    inverter.controls.command(ControlMode.POWER_FACTOR, 1.0)
    inverter.controls.restore()
    assert bench.world.inverter.settings.power_factor == pytest.approx(-0.95)


def test_a_released_mode_is_off(bench: Bench, inverter: SunSpecInverter) -> None:
    inverter.controls.command(ControlMode.POWER_LIMIT, 0.5)
    inverter.controls.release(ControlMode.POWER_LIMIT)
    assert bench.world.inverter.settings.power_limit_pu == 1.0


def test_without_a_command_nothing_is_restored(bench: Bench, inverter: SunSpecInverter) -> None:
    inverter.controls.restore()
    assert not [one for one in bench.transcript.recent if one.request.startswith("write")]


class Registers:
    """A register file with a model 704, some of whose addresses do not take what is written."""

    name = "inverter"

    def __init__(self, stuck: Sequence[int] = (), rounds: Sequence[int] = ()) -> None:
        self.words = [0x5375, 0x6E53, 704, 65, *[0] * 65, 0xFFFF, 0]
        self._stuck, self._rounds = stuck, rounds
        self.dead = False

    def read(self, address: int, count: int) -> list[int]:
        if self.dead:
            raise LinkTimeout("inverter: no answer")
        return self.words[address - 40_000 :][:count]

    def write(self, address: int, values: Sequence[int]) -> None:
        if self.dead:
            raise LinkTimeout("inverter: no answer")
        for place, value in enumerate(values, address - 40_000):
            if place - 2 not in self._stuck:
                self.words[place] = value - 1 if place - 2 in self._rounds else value

    def close(self) -> None:
        pass


class Clock:
    name = "virtual"

    def __init__(self) -> None:
        self._now_s = 0.0

    def now_s(self) -> float:
        return self._now_s

    def sleep(self, duration_s: float) -> None:
        self._now_s += duration_s


def test_a_value_that_is_not_taken_raises() -> None:
    controls = SunSpecInverter(Registers(stuck=[15]), Clock()).controls
    with pytest.raises(ReadBackMismatch, match=r"model 704: .*WMaxLimPct was set to 50.0, reads 0"):
        controls.command(ControlMode.POWER_LIMIT, 0.5)


def test_a_value_rounded_by_one_count_is_taken() -> None:
    SunSpecInverter(Registers(rounds=[15]), Clock()).controls.command(ControlMode.POWER_LIMIT, 0.5)


def test_an_enable_is_not_rounded() -> None:
    controls = SunSpecInverter(Registers(rounds=[14]), Clock()).controls
    with pytest.raises(ReadBackMismatch):
        controls.command(ControlMode.POWER_LIMIT, 0.5)


def test_what_cannot_be_put_back_is_named_and_tried_again() -> None:
    registers = Registers()
    controls = SunSpecInverter(registers, Clock()).controls
    controls.command(ControlMode.POWER_LIMIT, 0.5)
    controls.command(ControlMode.POWER_FACTOR, -0.8)
    registers.dead = True
    with pytest.raises(InstrumentError, match=r"fixed power factor.*limit of active power"):
        controls.restore()
    registers.dead = False
    controls.restore()
    assert registers.words == Registers().words


def test_a_mode_whose_set_point_is_not_implemented_is_not_offered() -> None:
    registers = Registers()
    registers.words[2 + 24 : 2 + 26] = [0x8000, 0]
    controls = SunSpecInverter(registers, Clock()).controls
    assert not controls.offers(ControlMode.ACTIVE_POWER)
    assert controls.offers(ControlMode.POWER_LIMIT)


def test_an_inverter_without_model_704_offers_nothing() -> None:
    registers = Registers()
    registers.words[2] = 703
    assert not SunSpecInverter(registers, Clock()).controls.offers(ControlMode.POWER_LIMIT)
