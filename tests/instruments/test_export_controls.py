"""Limits of export, hard limits, reversion and provocations of a SunSpec inverter, over real sockets."""

from __future__ import annotations

import pytest

from instruments.commands import ControlMode, Provocation, Reversion
from instruments.inverters.sunspec import SunSpecInverter
from instruments.inverters.sunspec_controls import SunSpecControls
from instruments.simulated.inverter.settings import PowerLimit
from tests.instruments.conftest import Bench

LIMITS = {"export": 45019, "generation": 45015}


@pytest.fixture
def controls(bench: Bench) -> SunSpecControls:
    link = bench.registers("inverter")
    inverter = SunSpecInverter(link, bench.laboratory.clock, limits=LIMITS)
    bench.laboratory.clock.sleep(1.0)
    return inverter.controls


@pytest.mark.parametrize(
    ("mode", "field", "hard"),
    [
        (ControlMode.EXPORT_LIMIT, "export_limit", False),
        (ControlMode.HARD_EXPORT_LIMIT, "export_limit", True),
        (ControlMode.HARD_GENERATION_LIMIT, "generation_limit", True),
    ],
)
@pytest.mark.parametrize("watts", [0.0, 1500.0, 40_001.0])
def test_a_limit_arrives_in_watts(
    bench: Bench,
    controls: SunSpecControls,
    mode: ControlMode,
    field: str,
    hard: bool,
    watts: float,
) -> None:
    controls.command(mode, watts)
    assert getattr(bench.world.inverter.settings, field) == PowerLimit(watts, hard=hard)


def test_a_limit_that_is_released_is_none(bench: Bench, controls: SunSpecControls) -> None:
    controls.command(ControlMode.EXPORT_LIMIT, 1500.0)
    controls.release(ControlMode.EXPORT_LIMIT)
    assert bench.world.inverter.settings.export_limit.limit_w is None


def test_restoring_puts_all_limits_back(bench: Bench, controls: SunSpecControls) -> None:
    before = bench.world.inverter.settings
    controls.command(ControlMode.EXPORT_LIMIT, 1500.0)
    controls.command(ControlMode.HARD_GENERATION_LIMIT, 2500.0)
    controls.command_for(0.3, Reversion(60.0, 0.1))
    controls.restore()
    bench.laboratory.clock.sleep(100.0)
    assert bench.world.inverter.settings == before


def test_without_registers_there_is_no_export_limit(bench: Bench) -> None:
    inverter = SunSpecInverter(bench.registers("inverter"), bench.laboratory.clock)
    assert not inverter.controls.offers(ControlMode.EXPORT_LIMIT)


def test_the_write_is_acknowledged_between_its_two_times(
    bench: Bench, controls: SunSpecControls
) -> None:
    written = controls.command(ControlMode.EXPORT_LIMIT, 1500.0)
    assert written.sent_s < written.acknowledged_s < bench.laboratory.clock.now_s()
    assert written.acknowledged_s - written.sent_s < 0.1


@pytest.mark.parametrize(("share", "left"), [(0.1, 0.1), (None, 1.0)])
def test_a_limit_reverts_to_what_was_asked_for(
    bench: Bench, controls: SunSpecControls, share: float | None, left: float
) -> None:
    written = controls.command_for(0.3, Reversion(60.0, share))
    clock = bench.laboratory.clock
    clock.sleep(written.acknowledged_s + 59.0 - clock.now_s())
    assert bench.world.inverter.settings.power_limit_pu == pytest.approx(0.3)
    clock.sleep(2.0)
    assert bench.world.inverter.settings.power_limit_pu == pytest.approx(left)


@pytest.mark.parametrize(
    "provocation",
    [
        Provocation.ABOVE_FULL,
        Provocation.FAR_ABOVE_FULL,
        Provocation.NOT_IMPLEMENTED,
        Provocation.UNKNOWN_REGISTER,
        Provocation.HALF_A_TIMER,
    ],
)
def test_a_provocation_is_refused_and_changes_nothing(
    bench: Bench, controls: SunSpecControls, provocation: Provocation
) -> None:
    controls.command(ControlMode.POWER_LIMIT, 0.4)
    before = bench.world.inverter.settings
    assert controls.provoke(provocation) is not None
    bench.laboratory.clock.sleep(5.0)
    assert bench.world.inverter.settings == before
