"""What a client writes: it arrives or it is refused, and it may fall back after its time."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.simulated.transport.modbus_server import RefusedRegister
from tests.simulated.register_bench import (
    BOTH,
    QUICK,
    VENDOR,
    VENDOR_ADDRESS,
    Bench,
    all_points,
    connected,
    write,
)


@pytest.fixture
def bench() -> Bench:
    return Bench(QUICK, BOTH)


def code_of(bench: Bench, model: int, offset: int, *values: int) -> int:
    with pytest.raises(RefusedRegister) as refusal:
        bench.write(model, offset, *values)
    return refusal.value.code


def test_what_pysunspec2_writes_over_tcp_arrives() -> None:
    with connected(QUICK, BOTH) as bench:
        models = bench.models()
        models[703].points["ESVHi"].cvalue = 109.0
        models[703].points["ESDlyTms"].cvalue = 75
        models[703].write()
        models[704].points["WMaxLimPctEna"].cvalue = 1
        models[704].points["WMaxLimPct"].cvalue = 42.5
        models[704].groups["PFWInj"].points["PF"].cvalue = 0.9
        models[704].groups["PFWInj"].points["Ext"].cvalue = 1
        models[704].points["PFWInjEna"].cvalue = 1
        models[704].write()
        models[121].points["WGra"].cvalue = 0.5
        models[121].write()
        bench.wait(1.0)
        in_force = bench.world.inverter.settings

    assert in_force.connect_voltage_v == (205.0, pytest.approx(250.7))
    assert in_force.observation_s == 75
    assert in_force.power_limit_pu == pytest.approx(0.425)
    assert in_force.power_factor == pytest.approx(-0.9)
    assert in_force.ramp_pu_per_s == pytest.approx(0.005)


@settings(max_examples=20, deadline=None)
@given(
    high=st.integers(10_000, 13_000),
    low=st.integers(5000, 9998),
    delay_s=st.integers(0, 3600),
    ramp_s=st.integers(1, 3600),
)
def test_the_connection_window_takes_any_value_it_can_show(
    high: int, low: int, delay_s: int, ramp_s: int
) -> None:
    bench = Bench()
    bench.write(703, 3, high, low, 0, 50_100, 0, 47_600, 0, delay_s)
    bench.write(703, 13, 0, ramp_s)
    bench.wait(1.0)

    assert bench.settings.connect_voltage_v == pytest.approx((low * 0.023, high * 0.023))
    assert bench.settings.connect_frequency_hz == pytest.approx((47.6, 50.1))
    assert bench.settings.observation_s == delay_s
    assert bench.settings.ramp_pu_per_s == pytest.approx(1 / ramp_s)
    assert bench.image.read(bench.address(703) + 3, 12) == [
        *(high, low, 0, 50_100, 0, 47_600, 0, delay_s),
        *(0xFFFF, 0xFFFF, 0, ramp_s),
    ]


def test_a_write_that_changes_nothing_leaves_the_settings_untouched(bench: Bench) -> None:
    before = bench.settings

    bench.write(703, 2, 1)
    bench.write(704, 15, 1000)
    bench.wait(1.0)

    assert bench.settings is before


@pytest.mark.parametrize(
    ("model", "offset", "values", "code"),
    [
        (703, 9, [1], 2),
        (703, 10, [1], 2),
        (703, 8, [0, 0], 2),
        (704, 18, [120], 2),
        (704, 57, [900], 2),
        (704, 58, [1], 2),
        (705, 15, [4], 2),
        (705, 4, [1], 2),
        (705, 41, [0x8000], 3),
        (705, 3, [4], 3),
        (705, 3, [0], 3),
        (702, 26, [9999], 3),
        (704, 15, [0xFFFF], 3),
        (711, 3, [9], 3),
        (123, 10, [500], 3),
    ],
    ids=[
        "half a 32-bit value",
        "the other half",
        "two halves",
        "half a reversion time",
        "half a synchronous group",
        "its other half",
        "a point of the set in force",
        "the result of an adoption",
        "no value for a reference",
        "a set that is not there",
        "no set",
        "a rating that is fixed",
        "no value for a limit",
        "a control that is not there",
        "a power factor between its ranges",
    ],
)
def test_a_write_that_cannot_be_is_refused_with_its_code(
    bench: Bench, model: int, offset: int, values: list[int], code: int
) -> None:
    assert code_of(bench, model, offset, *values) == code


def test_a_fixed_point_takes_the_value_it_has(bench: Bench) -> None:
    bench.write(702, 26, 10_000)
    bench.wait(1.0)

    assert bench.value(702, "WMax") == 10_000


def test_a_write_over_two_models_is_refused_at_the_header_between(bench: Bench) -> None:
    last = bench.address(704) + 64
    with pytest.raises(RefusedRegister) as refusal:
        bench.image.write(last - 1, [1000, 0, 705])

    assert refusal.value.code == 2


@pytest.mark.parametrize(
    ("reference", "values", "share"),
    [
        ("in percent", {"VarSetMod": 3, "VarSetPct": -30.0}, -0.3),
        ("in vars", {"VarSetMod": 4, "VarSet": 2500.0}, 0.25),
    ],
)
def test_fixed_reactive_power_counts_from_the_rating(
    bench: Bench, reference: str, values: dict[str, float], share: float
) -> None:
    write(bench, 704, VarSetEna=1, **values)
    bench.wait(1.0)

    assert bench.settings.reactive_power_pu == pytest.approx(share)


def test_fixed_active_power_is_a_ceiling_and_the_lower_of_two_holds(bench: Bench) -> None:
    write(bench, 704, WSetEna=1, WSetMod=1, WSet=4000.0)
    write(bench, 704, WMaxLimPctEna=1, WMaxLimPct=70.0)
    bench.wait(1.0)
    assert bench.settings.power_limit_pu == pytest.approx(0.4)

    write(bench, 704, WSetEna=0)
    bench.wait(1.0)
    assert bench.settings.power_limit_pu == pytest.approx(0.7)


def test_a_limit_falls_back_when_its_time_has_passed(bench: Bench) -> None:
    write(bench, 704, WMaxLimPctEna=1, WMaxLimPct=20.0, WMaxLimPctRvrt=60.0)
    write(bench, 704, WMaxLimPctEnaRvrt=1)
    write(bench, 704, WMaxLimPctRvrtTms=30)
    bench.wait(20.0)
    assert bench.settings.power_limit_pu == pytest.approx(0.2)
    assert bench.value(704, "WMaxLimPctRvrtRem") in (10, 11)

    bench.wait(11.0)

    assert bench.settings.power_limit_pu == pytest.approx(0.6)
    assert bench.value(704, "WMaxLimPct") == 60.0
    assert bench.value(704, "WMaxLimPctRvrtRem") == 0


def test_writing_a_limit_again_starts_its_time_anew(bench: Bench) -> None:
    write(bench, 704, WMaxLimPctEna=1, WMaxLimPct=20.0, WMaxLimPctRvrtTms=30)
    for _ in range(4):
        bench.wait(20.0)
        bench.write(704, 15, 200)

    assert bench.settings.power_limit_pu == pytest.approx(0.2)
    bench.wait(31.0)
    assert bench.settings.power_limit_pu == 1.0


def test_the_older_model_is_another_view_of_the_same_modes(bench: Bench) -> None:
    bench.write(123, 5, 350, 0, 60, 0, 1)
    bench.wait(1.0)
    assert bench.settings.power_limit_pu == pytest.approx(0.35)
    assert bench.value(704, "WMaxLimPct") == 35.0
    assert bench.value(704, "WMaxLimPctRvrtTms") == 60

    bench.wait(60.0)

    assert bench.value(123, "WMaxLim_Ena") == 0
    assert bench.settings.power_limit_pu == 1.0


def test_an_older_power_factor_has_the_sign_of_the_eei(bench: Bench) -> None:
    write(bench, 123, OutPFSet=0.85, OutPFSet_Ena=1)
    bench.wait(1.0)

    assert bench.settings.power_factor == pytest.approx(-0.85)
    assert bench.value(704, "PFWInj.Ext") == 1


def test_a_disconnection_for_a_time_ends_by_itself(bench: Bench) -> None:
    bench.run()
    write(bench, 123, Conn=0, Conn_RvrtTms=10)
    bench.wait(5.0)
    assert bench.inverter.state == "stopped"

    bench.wait(6.0)

    assert bench.inverter.state == "waiting"
    assert bench.value(703, "ES") == 1


def test_what_changes_at_the_inverter_itself_is_shown(bench: Bench) -> None:
    bench.inverter.change_settings(
        replace(bench.settings, power_limit_pu=0.5, sustained_voltage_v=249.0, observation_s=65.0)
    )
    bench.inverter.permit(False)

    assert bench.value(704, "WMaxLimPctEna") == 1
    assert bench.value(704, "WMaxLimPct") == 50.0
    assert bench.value(703, "ESDlyTms") == 65
    assert bench.value(703, "ES") == 0
    assert bench.vendor("SustainedV") == 2490


def writable_points() -> list[tuple[int, int]]:
    """Address and length of every point that some model lets a client write."""
    models = Bench(QUICK, BOTH).device().model_list
    return [(VENDOR_ADDRESS + p.offset, p.words) for p in VENDOR.values() if p.writable] + [
        (model.model_addr + found.offset, int(found.len))
        for model in models
        for _, found in all_points(model)
        if found.pdef.get("access") == "RW"
    ]


WORDS = st.sampled_from([0, 1, 2, 1000, 10_000, 0x8000, 0xFFFF]) | st.integers(0, 0xFFFF)
WRITES = st.lists(
    st.tuples(st.sampled_from(writable_points()), st.lists(WORDS, min_size=2, max_size=2)),
    min_size=5,
    max_size=30,
)


@settings(max_examples=50, deadline=None)
@given(writes=WRITES)
def test_whatever_is_written_the_inverter_goes_on_and_all_its_registers_can_be_read(
    writes: list[tuple[tuple[int, int], list[int]]],
) -> None:
    bench = Bench(QUICK, BOTH)
    bench.feed()
    bench.wait(30.0)
    models = list(bench.models())
    for (address, length), values in writes:
        with contextlib.suppress(RefusedRegister):
            bench.image.write(address, values[:length])
    bench.wait(60.0)

    assert list(bench.models()) == models
    assert bench.vendor("Region") in (1, 2, 3, 4)
