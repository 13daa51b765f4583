"""Commanding an inverter that has only the models of the 100s, and devices with the peculiarities of 123."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from instruments.commands import ControlMode, Provocation, Reversion
from instruments.errors import ConfigurationError, InstrumentError
from instruments.inverters.sunspec import SunSpecInverter
from instruments.inverters.sunspec_fitting import layout_of
from instruments.sunspec.layouts import Value
from tests.simulated.field_bench import FieldBench, in_the_field
from tests.sunspec.register_file import RegisterFile, StepClock, model

FACTOR, REACTIVE = ControlMode.POWER_FACTOR, ControlMode.REACTIVE_POWER
LIMIT, ACTIVE = ControlMode.POWER_LIMIT, ControlMode.ACTIVE_POWER
FIRST = 40_002
COMMANDS = [
    (FACTOR, -0.85, "power_factor"),
    (FACTOR, 0.9, "power_factor"),
    (REACTIVE, -0.6, "reactive_power_pu"),
    (REACTIVE, 0.44, "reactive_power_pu"),
    (LIMIT, 0.25, "power_limit_pu"),
]


@pytest.fixture
def bench() -> Iterator[FieldBench]:
    with in_the_field(communication__generations=["1xx"]) as field:
        yield field


def inverter_of(bench: FieldBench, **options: Any) -> SunSpecInverter:
    return SunSpecInverter(bench.bare, bench.laboratory.clock, **options)


@pytest.mark.parametrize(("mode", "value", "setting"), COMMANDS)
def test_a_command_is_in_force_and_restoring_leaves_no_trace(
    bench: FieldBench, mode: ControlMode, value: float, setting: str
) -> None:
    inverter = inverter_of(bench)
    before = bench.world.inverter.settings, inverter.device.require(123).registers
    inverter.controls.command(mode, value)
    assert getattr(bench.world.inverter.settings, setting) == pytest.approx(value, abs=1e-3)
    inverter.controls.restore()
    assert (bench.world.inverter.settings, inverter.device.require(123).registers) == before


@pytest.mark.parametrize(
    ("latch", "enable"),
    [("at once", "last"), ("on enable", "toggled"), ("while enabled", "first")],
)
def test_each_of_several_limits_is_taken_in_the_order_the_inverter_needs(
    latch: str, enable: str
) -> None:
    changes = {"communication__generations": ["1xx"], "communication__access__latch": latch}
    with in_the_field(**changes) as bench:
        controls = inverter_of(bench, enable=enable).controls
        for share in (0.5, 0.2, 0.35):
            controls.command(LIMIT, share)
            assert bench.world.inverter.settings.power_limit_pu == pytest.approx(share)
        controls.restore()
        assert bench.world.inverter.settings.power_limit_pu == 1.0


def test_the_newer_model_is_commanded_where_both_are_there() -> None:
    with in_the_field(communication__generations=["1xx", "7xx"]) as bench:
        inverter = inverter_of(bench)
        inverter.controls.command(LIMIT, 0.5)
        [newer], [older] = inverter.device.find(704), inverter.device.find(123)
        addresses = [address for address, _ in bench.written]
        assert all(newer.address < address < newer.address + newer.length for address in addresses)
        assert not any(older.address < one < older.address + older.length for one in addresses)


def test_a_limit_reverts_by_being_lifted_and_to_nothing_else(bench: FieldBench) -> None:
    controls = inverter_of(bench).controls
    assert controls.offers_reversion()
    assert not controls.offers_reversion(0.1)
    written = controls.command_for(0.3, Reversion(60.0))
    bench.wait(written.acknowledged_s + 59.0 - bench.laboratory.clock.now_s())
    assert bench.world.inverter.settings.power_limit_pu == pytest.approx(0.3)
    bench.wait(2.0)
    assert bench.world.inverter.settings.power_limit_pu == 1.0
    with pytest.raises(InstrumentError, match="only lifts a limit that reverts"):
        controls.command_for(0.3, Reversion(60.0, 0.1))


def test_a_limit_commanded_for_good_does_not_revert_after_one_that_would(bench: FieldBench) -> None:
    controls = inverter_of(bench).controls
    controls.command_for(0.3, Reversion(60.0))
    controls.command(LIMIT, 0.2)
    bench.wait(100.0)
    assert bench.world.inverter.settings.power_limit_pu == pytest.approx(0.2)


@pytest.mark.parametrize(
    "provocation",
    [Provocation.ABOVE_FULL, Provocation.FAR_ABOVE_FULL, Provocation.NOT_IMPLEMENTED],
)
def test_a_provocation_is_refused_and_changes_nothing(
    bench: FieldBench, provocation: Provocation
) -> None:
    controls = inverter_of(bench).controls
    controls.command(LIMIT, 0.4)
    before = bench.world.inverter.settings
    assert controls.provoke(provocation) == "refused with exception 3"
    assert bench.world.inverter.settings == before


def test_a_timer_of_one_register_has_no_half(bench: FieldBench) -> None:
    assert inverter_of(bench).controls.provoke(Provocation.HALF_A_TIMER) is not None
    assert bench.written == []


def test_a_power_set_point_has_no_place_in_the_older_model(bench: FieldBench) -> None:
    assert not inverter_of(bench).controls.offers(ACTIVE)


SCALES = {"WMaxLimPct_SF": 0, "OutPFSet_SF": -2, "VArPct_SF": 0}
HELD: dict[str, Value] = {
    "WMaxLimPct": 100,
    "WMaxLimPct_WinTms": 10,
    "WMaxLimPct_RvrtTms": 120,
    "WMaxLimPct_RmpTms": 30,
    "WMaxLim_Ena": 0,
    "OutPFSet": 1,
    "OutPFSet_Ena": 0,
    "VArPct_Mod": 2,
    "VArPct_Ena": 0,
}
RATINGS = {"WMax": 8000.0, "VAMax": 10_000.0, "VArMaxQ1": 5000.0, "VArMaxQ4": -4000.0}
RATING_SCALES = {"WMax_SF": 0, "VAMax_SF": 0, "VArMax_SF": 0}


def device(ratings: dict[str, Value] | None = None, **held: Value) -> RegisterFile:
    """Return an inverter with models 123 and 121."""
    stated = {**RATING_SCALES, **(RATINGS if ratings is None else ratings)}
    return RegisterFile(model(123, {**HELD, **SCALES, **held}), model(121, stated))


def driver(registers: RegisterFile, **options: Any) -> SunSpecInverter:
    return SunSpecInverter(registers, StepClock(), **options)


def written(registers: RegisterFile) -> list[str]:
    """Return the first point of each write."""
    at = layout_of(123).at
    return [at[address - FIRST].path for address, _ in registers.written]


def held(registers: RegisterFile, path: str) -> Value:
    return driver(registers).device.require(123).value(path)


def test_the_switch_is_written_last_and_times_of_another_master_are_cleared() -> None:
    registers = device()
    driver(registers).controls.command(LIMIT, 0.37)
    assert written(registers) == ["WMaxLimPct", "WMaxLim_Ena"]
    assert [held(registers, path) for path in HELD][:5] == [37, 0, 0, 0, 1]


def test_times_of_another_master_are_put_back() -> None:
    registers = device()
    before = dict(registers.words)
    controls = driver(registers).controls
    controls.command(LIMIT, 0.37)
    controls.restore()
    assert registers.words == before
    assert written(registers)[-2:] == ["WMaxLim_Ena", "WMaxLimPct"]


def test_a_mode_that_was_on_is_on_again_with_its_own_value() -> None:
    registers = device(WMaxLimPct=60, WMaxLim_Ena=1)
    before = dict(registers.words)
    controls = driver(registers).controls
    controls.command(LIMIT, 0.1)
    controls.release(LIMIT)
    controls.restore()
    assert registers.words == before


def test_times_that_are_not_there_are_left_alone() -> None:
    times = dict.fromkeys((f"WMaxLimPct_{name}" for name in ("WinTms", "RvrtTms", "RmpTms")), None)
    registers = device(**times)
    driver(registers).controls.command(LIMIT, 0.37)
    assert [len(words) for _, words in registers.written] == [1, 1]
    assert not driver(registers).controls.offers_reversion()


@pytest.mark.parametrize(
    ("offered", "value", "path", "expected", "selected"),
    [
        ("VArWMaxPct", 0.4, "VArWMaxPct", 50, 1),
        ("VArWMaxPct", -0.4, "VArWMaxPct", -50, 1),
        ("VArMaxPct", 0.4, "VArMaxPct", 80, 2),
        ("VArMaxPct", -0.4, "VArMaxPct", -100, 2),
    ],
)
def test_reactive_power_counts_from_the_rating_the_inverter_offers(
    offered: str, value: float, path: str, expected: float, selected: int
) -> None:
    registers = device(**{offered: 0})
    driver(registers).controls.command(REACTIVE, value)
    assert (held(registers, path), held(registers, "VArPct_Mod")) == (expected, selected)


def test_without_ratings_a_share_of_them_is_not_offered() -> None:
    assert driver(device(VArWMaxPct=0)).controls.offers(REACTIVE)
    assert not driver(device({}, VArWMaxPct=0)).controls.offers(REACTIVE)


@pytest.mark.parametrize(("sign", "expected"), [(-1, -0.9), (1, 0.9)])
def test_the_sign_of_a_supplying_power_factor_is_the_makers(sign: int, expected: float) -> None:
    registers = device()
    driver(registers, over_excited_sign=sign).controls.command(FACTOR, 0.9)
    assert held(registers, "OutPFSet") == pytest.approx(expected)


@pytest.mark.parametrize("options", [{"enable": "never"}, {"over_excited_sign": 0}])
def test_an_option_with_another_value_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"modbus\.options"):
        driver(device(), **options)


def test_a_set_point_without_its_scale_factor_is_not_offered() -> None:
    registers = device()
    registers.words[FIRST + layout_of(123).by_path["WMaxLimPct_SF"].offset] = 0x8000
    controls = driver(registers).controls
    assert controls.offers(FACTOR)
    assert not controls.offers(LIMIT)
    with pytest.raises(InstrumentError, match="model 123 offers no limit of active power"):
        controls.command(LIMIT, 0.5)


def test_a_model_that_is_not_to_be_believed_is_not_commanded() -> None:
    assert not driver(device(), without=["123"]).controls.offers(LIMIT)
