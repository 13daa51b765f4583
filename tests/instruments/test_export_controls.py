"""Limits of export, hard limits, reversion and provocations of a SunSpec inverter, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from instruments.commands import ControlMode, Provocation, Reversion
from instruments.errors import InstrumentError
from instruments.interfaces import InverterControls
from instruments.inverters.sunspec import SunSpecInverter
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.inverter.settings import PowerLimit
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from tests.instruments.conftest import Bench

LIMITS = {"export": 45019, "generation": 45015}
OLDER = with_changes(InverterParameters(), {"communication.generations": ["1xx"]})


@pytest.fixture
def controls(bench: Bench) -> InverterControls:
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
    controls: InverterControls,
    mode: ControlMode,
    field: str,
    hard: bool,
    watts: float,
) -> None:
    controls.command(mode, watts)
    assert getattr(bench.world.inverter.settings, field) == PowerLimit(watts, hard=hard)


def test_a_limit_that_is_released_is_none(bench: Bench, controls: InverterControls) -> None:
    controls.command(ControlMode.EXPORT_LIMIT, 1500.0)
    controls.release(ControlMode.EXPORT_LIMIT)
    assert bench.world.inverter.settings.export_limit.limit_w is None


def test_restoring_puts_all_limits_back(bench: Bench, controls: InverterControls) -> None:
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
    bench: Bench, controls: InverterControls
) -> None:
    written = controls.command(ControlMode.EXPORT_LIMIT, 1500.0)
    assert written.sent_s < written.acknowledged_s < bench.laboratory.clock.now_s()
    assert written.acknowledged_s - written.sent_s < 0.1


@pytest.mark.parametrize(("share", "left"), [(0.1, 0.1), (None, 1.0)])
def test_a_limit_reverts_to_what_was_asked_for(
    bench: Bench, controls: InverterControls, share: float | None, left: float
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
    bench: Bench, controls: InverterControls, provocation: Provocation
) -> None:
    controls.command(ControlMode.POWER_LIMIT, 0.4)
    before = bench.world.inverter.settings
    assert controls.provoke(provocation) is not None
    bench.laboratory.clock.sleep(5.0)
    assert bench.world.inverter.settings == before


@pytest.fixture
def older() -> Iterator[tuple[World, Laboratory, InverterControls]]:
    """An inverter with the models of the 100s alone."""
    world = World(OLDER)
    with Laboratory(world, seed=1) as laboratory:
        link = ModbusRegisterLink.open_tcp(
            "127.0.0.1",
            laboratory.ports["inverter"],
            unit=1,
            name="inverter",
            clock=laboratory.clock,
            transcript=Transcript(None, laboratory.clock),
        )
        laboratory.clock.sleep(1.0)
        inverter = SunSpecInverter(link, laboratory.clock, limits=LIMITS)
        yield world, laboratory, inverter.controls
        link.close()


def test_an_older_inverter_is_limited_by_model_123(
    older: tuple[World, Laboratory, InverterControls],
) -> None:
    world, _, controls = older
    assert controls.offers(ControlMode.POWER_LIMIT)
    controls.command(ControlMode.POWER_LIMIT, 0.35)
    assert world.inverter.settings.power_limit_pu == pytest.approx(0.35)
    controls.release(ControlMode.POWER_LIMIT)
    assert world.inverter.settings.power_limit_pu == 1.0


def test_an_older_inverter_lifts_a_limit_after_its_time(
    older: tuple[World, Laboratory, InverterControls],
) -> None:
    world, laboratory, controls = older
    controls.command_for(0.3, Reversion(60.0))
    laboratory.clock.sleep(58.0)
    assert world.inverter.settings.power_limit_pu == pytest.approx(0.3)
    laboratory.clock.sleep(4.0)
    assert world.inverter.settings.power_limit_pu == 1.0
    assert not controls.offers_reversion(0.1)
    with pytest.raises(InstrumentError, match="revert"):
        controls.command_for(0.3, Reversion(60.0, 0.1))


def test_an_older_inverter_is_put_back(older: tuple[World, Laboratory, InverterControls]) -> None:
    world, laboratory, controls = older
    before = world.inverter.settings
    controls.command_for(0.3, Reversion(60.0))
    controls.command(ControlMode.EXPORT_LIMIT, 1000.0)
    controls.restore()
    laboratory.clock.sleep(100.0)
    assert world.inverter.settings == before


def test_an_older_inverter_refuses_what_is_out_of_range(
    older: tuple[World, Laboratory, InverterControls],
) -> None:
    controls = older[2]
    assert "exception 3" in str(controls.provoke(Provocation.ABOVE_FULL))
    assert "no register" in str(controls.provoke(Provocation.HALF_A_TIMER))
