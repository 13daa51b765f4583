"""What a client writes: it arrives, it is refused, or it waits to be adopted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.simulated.communication_board import CommunicationBoard
from instruments.simulated.modbus_server import RefusedRegister
from instruments.simulated.parameters import with_changes
from tests.simulated.register_bench import QUICK, Bench, connected, point

BOTH = CommunicationBoard(generations=("1xx", "7xx"))
IN_PROGRESS, COMPLETED, FAILED = 0, 1, 2


@pytest.fixture
def bench() -> Bench:
    return Bench(QUICK, BOTH)


def write(bench: Bench, model: int, **values: float) -> None:
    """Write points of one model in one go, named with `__` for the dots of a path."""
    found = bench.models()[model]
    for name, value in values.items():
        point(found, name.replace("__", ".")).cvalue = value
    found.write()


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


def test_a_set_is_adopted_after_a_while_and_then_shown_as_set_one(bench: Bench) -> None:
    points = {"Crv2__Pt1__V": 92.0, "Crv2__Pt1__Var": 40.0, "Crv2__Pt4__Var": -44.0}
    write(bench, 705, **points)
    bench.wait(1.0)
    assert bench.settings.volt_var == QUICK.settings.volt_var
    write(bench, 705, AdptCrvReq=2)
    bench.wait(0.4)
    assert bench.value(705, "AdptCrvRslt") == IN_PROGRESS

    bench.wait(1.0)

    assert bench.value(705, "AdptCrvRslt") == COMPLETED
    [first, *_, last] = bench.settings.volt_var.curve
    assert first == pytest.approx((211.6, 0.4))
    assert last == pytest.approx((258.0, -0.44), abs=0.012)
    assert bench.value(705, "Crv1.Pt1.V") == 92.0
    assert bench.value(705, "Crv1.Pt4.Var") == -44.0
    assert bench.value(705, "Crv3.Pt1.V") == 90.0


@pytest.mark.parametrize(
    ("model", "points"),
    [
        (705, {"Crv2__Pt2__V": 120.0}),
        (705, {"Crv2__ActPt": 1}),
        (705, {"Crv2__ActPt": 5}),
        (705, {"Crv2__DeptRef": 2}),
        (706, {"Crv2__DeptRef": 1}),
        (706, {"Crv2__Pt1__V": 115.0}),
        (707, {"Crv2__MustTrip__Pt1__V": 101.0}),
        (708, {"Crv2__MustTrip__Pt2__V": 99.0}),
        (709, {"Crv2__MustTrip__ActPt": 2}),
        (710, {"Crv2__MustTrip__Pt1__Hz": 49.0}),
        (711, {"Ctl2__KOf": 0.01}),
    ],
)
def test_a_set_that_cannot_be_is_only_refused_when_it_is_adopted(
    bench: Bench, model: int, points: dict[str, float]
) -> None:
    before = bench.settings
    write(bench, model, **points)
    write(bench, model, **{"AdptCtlReq" if model == 711 else "AdptCrvReq": 2})
    bench.wait(1.0)

    assert bench.value(model, "AdptCtlRslt" if model == 711 else "AdptCrvRslt") == FAILED
    assert bench.settings is before


def test_a_curve_makes_room_for_another_when_its_time_has_passed(bench: Bench) -> None:
    write(bench, 706, Crv2__Pt1__V=105.0, Crv3__Pt1__V=107.0, RvrtTms=60, RvrtCrv=3)
    write(bench, 706, AdptCrvReq=2)
    bench.wait(30.0)
    assert bench.settings.volt_watt.curve[0] == pytest.approx((241.5, 1.0))
    assert 29 <= bench.value(706, "RvrtRem") <= 32

    bench.wait(31.0)

    assert bench.settings.volt_watt.curve[0] == pytest.approx((246.1, 1.0))


@pytest.mark.parametrize(("model", "field"), [(705, "volt_var"), (706, "volt_watt")])
def test_a_response_is_switched_off_with_its_curve_kept(
    bench: Bench, model: int, field: str
) -> None:
    write(bench, model, Ena=0)
    bench.wait(1.0)
    response = getattr(bench.settings, field)
    assert not response.enabled
    assert response.curve == getattr(QUICK.settings, field).curve

    write(bench, model, Ena=1)
    bench.wait(1.0)

    assert getattr(bench.settings, field) == getattr(QUICK.settings, field)


def test_adopted_trips_are_put_in_force_from_nominal_outwards(bench: Bench) -> None:
    points = {"Crv2__MustTrip__Pt1__V": 120.0, "Crv2__MustTrip__Pt1__Tms": 0.1}
    points |= {"Crv2__MustTrip__Pt2__V": 112.0, "Crv2__MustTrip__Pt2__Tms": 1.2}
    write(bench, 708, **points)
    write(bench, 708, AdptCrvReq=2)
    bench.wait(1.0)

    trips = bench.settings.trips
    assert (trips["OV1"].threshold, trips["OV1"].delay_s) == pytest.approx((257.6, 1.2))
    assert (trips["OV2"].threshold, trips["OV2"].delay_s) == pytest.approx((276.0, 0.1))
    assert trips["UV1"] == QUICK.settings.trips["UV1"]


def test_a_stage_left_out_is_off(bench: Bench) -> None:
    write(bench, 707, Crv2__MustTrip__ActPt=1)
    write(bench, 707, AdptCrvReq=2)
    bench.wait(1.0)

    assert bench.settings.trips["UV1"].enabled
    assert not bench.settings.trips["UV2"].enabled
    assert bench.value(707, "Crv1.MustTrip.ActPt") == 1


def test_trips_switched_off_together_still_show_and_come_back_alone(bench: Bench) -> None:
    missing = with_changes(QUICK, {"settings.trips.OV2.enabled": False})
    bench = Bench(missing)
    write(bench, 708, Ena=0)
    bench.wait(1.0)
    assert not bench.settings.trips["OV1"].enabled
    assert bench.value(708, "Crv1.MustTrip.ActPt") == 1
    assert bench.value(708, "Ena") == 0

    write(bench, 708, Ena=1)
    bench.wait(1.0)

    assert bench.settings == missing.settings


def test_the_droop_moves_the_corners_it_knows(bench: Bench) -> None:
    write(bench, 711, Ctl2__DbOf=0.3, Ctl2__KOf=0.04, Ctl2__DbUf=0.2, Ctl2__KUf=0.05)
    write(bench, 711, AdptCtlReq=2)
    bench.wait(1.0)

    frequency = bench.settings.frequency
    assert (frequency.upper_hz, frequency.zero_power_hz) == pytest.approx((50.3, 52.3))
    assert (frequency.lower_hz, frequency.full_power_hz) == pytest.approx((49.8, 47.3))
    assert frequency.transition_hz == QUICK.settings.frequency.transition_hz
    assert bench.value(711, "Ctl1.KUf") == pytest.approx(0.05)


def test_an_older_curve_becomes_active_by_its_number(bench: Bench) -> None:
    write(bench, 126, curve2__V1=91.0, curve2__VAr1=30.0)
    bench.wait(1.0)
    assert bench.settings.volt_var == QUICK.settings.volt_var
    write(bench, 126, ActCrv=2)
    bench.wait(1.0)
    assert bench.settings.volt_var.curve[0] == pytest.approx((209.3, 0.3))
    assert bench.value(705, "Crv1.Pt1.Var") == 30.0
    assert bench.value(126, "curve2.ReadOnly") == 1

    write(bench, 126, ActCrv=1)
    bench.wait(1.0)

    assert bench.settings.volt_var.curve == QUICK.settings.volt_var.curve


def test_an_older_curve_that_cannot_be_stays_without_effect(bench: Bench) -> None:
    write(bench, 132, curve2__V2=100.0)
    write(bench, 132, ActCrv=2)
    bench.wait(1.0)

    assert bench.value(132, "ActCrv") == 1
    assert bench.settings.volt_watt == QUICK.settings.volt_watt


def test_an_older_response_is_switched_off(bench: Bench) -> None:
    write(bench, 132, ModEna=0)
    bench.wait(1.0)

    assert not bench.settings.volt_watt.enabled
    assert bench.value(706, "Ena") == 0


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
