"""Lock, commit, region and the settings that only the vendor's registers have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from instruments.errors import ConfigurationError
from instruments.simulated.inverter.settings import REGIONS, PowerLimit
from instruments.simulated.registers.communication_board import Access, CommunicationBoard
from instruments.simulated.transport.modbus_server import RefusedRegister
from tests.simulated.register_bench import QUICK, Bench

CODE = 2014
UNLOCKED, LOCKED = 0, 1
NOTHING_WAITS, WAITS, BEING_COMMITTED = 0, 1, 2


def a_bench(**access: Any) -> Bench:
    return Bench(QUICK, CommunicationBoard(access=Access(**access)))


def delay_s(bench: Bench) -> float:
    return float(bench.settings.observation_s)


def write_delay(bench: Bench, seconds: int) -> None:
    bench.write(703, 9, 0, seconds)
    bench.wait(1.0)


@pytest.mark.parametrize(("answer", "code"), [("denied", 0x80), ("illegal value", 3)])
def test_locked_settings_are_refused_with_the_codes_of_their_kind(answer: str, code: int) -> None:
    bench = a_bench(unlock_code=CODE, locked_answer=answer)

    with pytest.raises(RefusedRegister) as refusal:
        write_delay(bench, 99)

    assert refusal.value.code == code
    assert bench.vendor("LockState") == LOCKED


def test_a_locked_inverter_may_acknowledge_and_ignore() -> None:
    bench = a_bench(unlock_code=CODE, locked_answer="ignored")

    write_delay(bench, 99)

    assert delay_s(bench) == 20.0


def test_limits_and_permission_can_be_written_while_settings_are_locked() -> None:
    bench = a_bench(unlock_code=CODE)
    bench.write(704, 14, 1, 300)
    bench.write(703, 2, 0)
    bench.wait(1.0)

    assert bench.settings.power_limit_pu == pytest.approx(0.3)
    assert not bench.inverter.permitted


def test_the_code_opens_the_settings_for_a_time() -> None:
    bench = a_bench(unlock_code=CODE, unlocked_s=60.0)
    bench.write_vendor("UnlockCode", CODE)
    bench.wait(1.0)
    assert bench.vendor("LockState") == UNLOCKED
    write_delay(bench, 99)
    assert delay_s(bench) == 99
    bench.wait(60.0)

    with pytest.raises(RefusedRegister):
        write_delay(bench, 98)
    assert bench.vendor("LockState") == LOCKED


def test_another_code_opens_nothing_and_closes_what_is_open() -> None:
    bench = a_bench(unlock_code=CODE)
    bench.write_vendor("UnlockCode", CODE)
    bench.wait(1.0)
    bench.write_vendor("UnlockCode", CODE + 1)
    bench.wait(1.0)

    with pytest.raises(RefusedRegister):
        write_delay(bench, 99)


def test_the_code_cannot_be_read_back() -> None:
    bench = a_bench(unlock_code=CODE)
    bench.write_vendor("UnlockCode", CODE)
    bench.wait(1.0)

    assert bench.vendor("UnlockCode") == 0xFFFF_FFFF


def test_settings_wait_for_the_commit_and_then_for_its_time() -> None:
    bench = a_bench(needs_commit=True, commit_s=5.0)
    write_delay(bench, 99)
    bench.write(703, 3, 10_800)
    bench.wait(1.0)
    assert delay_s(bench) == 20.0
    assert bench.value(703, "ESDlyTms") == 20
    assert bench.vendor("CommitState") == WAITS
    bench.write_vendor("Commit", 1)
    bench.wait(1.0)
    assert bench.vendor("CommitState") == BEING_COMMITTED
    assert delay_s(bench) == 20.0

    bench.wait(5.0)

    assert delay_s(bench) == 99
    assert bench.settings.connect_voltage_v[1] == pytest.approx(248.4)
    assert bench.vendor("CommitState") == NOTHING_WAITS


def test_a_commit_of_nothing_does_nothing() -> None:
    bench = a_bench(needs_commit=True)
    bench.write_vendor("Commit", 1)
    bench.wait(10.0)

    assert bench.vendor("CommitState") == NOTHING_WAITS


def test_what_is_written_during_a_commit_goes_with_it() -> None:
    bench = a_bench(needs_commit=True, commit_s=5.0)
    write_delay(bench, 99)
    bench.write_vendor("Commit", 1)
    bench.wait(1.0)
    bench.write(703, 3, 10_800)
    bench.wait(1.0)
    assert bench.vendor("CommitState") == BEING_COMMITTED
    bench.wait(4.0)

    assert delay_s(bench) == 99
    assert bench.settings.connect_voltage_v[1] == pytest.approx(248.4)
    assert bench.vendor("CommitState") == NOTHING_WAITS


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_replaces_every_setting(region: str) -> None:
    bench = a_bench(region_codes={"A": 74, "B": 75, "C": 76, "NZ": 77})
    bench.write(704, 14, 1, 300)
    bench.wait(1.0)
    bench.write_vendor("Region", 74 + list(REGIONS).index(region))
    bench.wait(1.0)

    assert bench.settings == REGIONS[region]
    assert bench.vendor("Region") == 74 + list(REGIONS).index(region)
    assert bench.value(704, "WMaxLimPctEna") == 0
    assert bench.value(705, "Crv2.Pt1.V") == pytest.approx(
        REGIONS[region].volt_var.curve[0][0] / 2.3, abs=0.005
    )


def test_a_region_that_is_not_there_is_refused() -> None:
    bench = a_bench()
    with pytest.raises(RefusedRegister) as refusal:
        bench.write_vendor("Region", 9)

    assert refusal.value.code == 3


def test_a_restart_after_a_change_of_region_answers_nothing_but_exception_4() -> None:
    bench = a_bench(restart_s=30.0)
    bench.write_vendor("Region", 4)
    bench.wait(10.0)
    for ask in (lambda: bench.vendor("Region"), lambda: bench.write_vendor("Region", 1)):
        with pytest.raises(RefusedRegister) as refusal:
            ask()
        assert refusal.value.code == 4
    bench.wait(25.0)

    assert bench.vendor("Region") == 4


VENDOR_SETTINGS = [
    ("SustainedV", 2495, ("sustained_voltage_v",), 249.5),
    ("TransitionHz", 5100, ("frequency", "transition_hz"), 51.0),
    ("StopChargingHz", 4890, ("frequency", "stop_charging_hz"), 48.9),
    ("HysteresisHz", 50, ("frequency", "hysteresis_hz"), 0.05),
    ("DwellTms", 605, ("frequency", "dwell_s"), 60.5),
    ("Gradient", 1667, ("ramp_pu_per_s",), 0.1667 / 60),
    ("ChaEna", 0, ("volt_watt_charging", "enabled"), False),
    ("ChaV2", 2160, ("volt_watt_charging", "curve"), ((207.0, 0.2), (216.0, 1.0))),
    ("ChaW1", 250, ("volt_watt_charging", "curve"), ((207.0, 0.25), (215.0, 1.0))),
]


@pytest.mark.parametrize(("name", "value", "path", "expected"), VENDOR_SETTINGS)
def test_settings_without_a_place_in_sunspec_are_the_vendors(
    name: str, value: int, path: tuple[str, ...], expected: Any
) -> None:
    bench = a_bench()
    bench.write_vendor(name, value)
    bench.wait(1.0)
    found = bench.settings
    for part in path:
        found = getattr(found, part)

    assert found == (expected if isinstance(expected, tuple) else pytest.approx(expected))
    assert bench.vendor(name) == value


@pytest.mark.parametrize(
    ("limit", "field"), [("GenLim", "generation_limit"), ("ExpLim", "export_limit")]
)
def test_ceilings_in_watts_are_the_vendors(limit: str, field: str) -> None:
    bench = a_bench()
    bench.write_vendor(f"{limit}W", 1500)
    bench.wait(1.0)
    assert getattr(bench.settings, field) == PowerLimit()
    bench.write_vendor(f"{limit}Ena", 1)
    bench.write_vendor(f"{limit}Hard", 1)
    bench.wait(1.0)
    assert getattr(bench.settings, field) == PowerLimit(1500.0, hard=True)

    bench.write_vendor(f"{limit}Ena", 0)
    bench.wait(1.0)

    assert getattr(bench.settings, field).limit_w is None
    assert bench.vendor(f"{limit}W") == 1500


@pytest.mark.parametrize(
    ("name", "value"),
    [("TransitionHz", 5300), ("StopChargingHz", 4990), ("ChaV1", 2200), ("SustainedV", 3000)],
)
def test_corners_out_of_order_are_refused(name: str, value: int) -> None:
    bench = a_bench()
    with pytest.raises(RefusedRegister) as refusal:
        bench.write_vendor(name, value)

    assert refusal.value.code == 3


def test_the_vendors_registers_lie_apart_and_end() -> None:
    bench = a_bench()
    for address in (44_999, 45_036):
        with pytest.raises(RefusedRegister) as refusal:
            bench.image.read(address, 1)
        assert refusal.value.code == 2


def set_point_latched(latch: str, *writes: tuple[int, list[int]]) -> float:
    """Write points of model 704 one after the other; return the limit in force."""
    bench = a_bench(latch=latch)
    for offset, values in writes:
        bench.write(704, offset, *values)
        bench.wait(1.0)
    return float(bench.settings.power_limit_pu)


ENABLE, DISABLE = (14, [1]), (14, [0])
THIRTY, FORTY = (15, [300]), (15, [400])


@pytest.mark.parametrize(
    ("latch", "writes", "in_force"),
    [
        ("at once", [THIRTY, ENABLE], 0.3),
        ("at once", [ENABLE, THIRTY, FORTY], 0.4),
        ("on enable", [THIRTY, ENABLE], 0.3),
        ("on enable", [THIRTY, ENABLE, FORTY], 0.3),
        ("on enable", [THIRTY, ENABLE, FORTY, DISABLE, ENABLE], 0.4),
        ("while enabled", [THIRTY, ENABLE], 1.0),
        ("while enabled", [ENABLE, THIRTY], 0.3),
        ("while enabled", [(14, [1, 300])], 0.3),
    ],
)
def test_set_points_take_effect_in_the_order_the_inverter_needs(
    latch: str, writes: list[tuple[int, list[int]]], in_force: float
) -> None:
    assert set_point_latched(latch, *writes) == pytest.approx(in_force)


@pytest.mark.parametrize("name", ["locked_answer", "latch"])
def test_a_behaviour_that_does_not_exist_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} = 'never'; expected one of"):
        replace(Access(), **{name: "never"})
