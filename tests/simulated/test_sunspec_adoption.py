"""Sets of points that wait to be adopted, and older curves that become active by their number."""

from __future__ import annotations

import pytest

from instruments.simulated.inverter.parameters import with_changes
from tests.simulated.register_bench import BOTH, QUICK, Bench, write

IN_PROGRESS, COMPLETED, FAILED = 0, 1, 2


@pytest.fixture
def bench() -> Bench:
    return Bench(QUICK, BOTH)


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
