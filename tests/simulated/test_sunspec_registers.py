"""The SunSpec image, read back by an independent implementation and compared with the world."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.simulated.inverter.parameters import with_changes
from instruments.simulated.inverter.settings import Trip
from instruments.simulated.transport.modbus_server import RefusedRegister
from tests.simulated.register_bench import QUICK, Bench

MODELS = [1, 701, 702, 703, 704, 705, 706, 707, 708, 709, 710, 711, 712, 714]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_models_are_found_in_order_up_to_the_end_marker(bench: Bench) -> None:
    assert bench.image.read(40_000, 2) == [0x5375, 0x6E53]
    assert list(bench.models()) == MODELS


def test_the_inverter_says_who_it_is(bench: Bench) -> None:
    assert bench.value(1, "Mn") == "Inverter Compliance Bench"
    assert bench.value(1, "SN") == "SIM0001"
    assert bench.value(702, "WMaxRtg") == 10_000
    assert bench.value(702, "VNomRtg") == pytest.approx(230 * sqrt(3), abs=0.05)


def test_measurements_are_those_of_the_world(bench: Bench) -> None:
    bench.run()
    truth = bench.world.averages(59.0, 60.0)
    measured = bench.models()[701].points

    assert measured["W"].cvalue == pytest.approx(sum(truth.active_powers_w), abs=0.5)
    assert measured["Var"].cvalue == pytest.approx(sum(truth.reactive_powers_var), abs=0.5)
    assert measured["Hz"].cvalue == pytest.approx(50.0, abs=5e-4)
    for k, phase in enumerate(("L1", "L2", "L3")):
        assert measured[f"V{phase}"].cvalue == pytest.approx(truth.voltages_v[k], abs=0.05)
        assert measured[f"A{phase}"].cvalue == pytest.approx(truth.currents_a[k], abs=0.005)
        assert measured[f"W{phase}"].cvalue == pytest.approx(truth.active_powers_w[k], abs=0.5)
        apparent_va = truth.voltages_v[k] * truth.currents_a[k]
        assert measured[f"VA{phase}"].cvalue == pytest.approx(apparent_va, abs=0.5)
        factor = truth.active_powers_w[k] / apparent_va
        assert measured[f"PF{phase}"].cvalue == pytest.approx(factor, abs=5e-4)
    assert measured["VL1L2"].cvalue == pytest.approx(sqrt(230**2 + 235**2 + 230 * 235), abs=0.05)


def test_state_and_connection_follow_the_inverter(bench: Bench) -> None:
    bench.feed()
    bench.passage.advance_to(10.0)
    assert (bench.value(701, "InvSt"), bench.value(701, "ConnSt")) == (7, 0)

    bench.passage.advance_to(60.0)

    assert (bench.value(701, "InvSt"), bench.value(701, "ConnSt")) == (3, 1)


def test_the_reconnection_timer_counts_down(bench: Bench) -> None:
    bench.feed()
    remaining_s = []
    for second in range(5, 15):
        bench.passage.advance_to(second)
        remaining_s.append(bench.value(703, "ESDlyRemTms"))

    assert remaining_s == list(range(remaining_s[0], remaining_s[0] - 10, -1))
    assert bench.value(703, "ESDlyTms") == 20


def test_a_trip_shows_its_alarm(bench: Bench) -> None:
    bench.run()
    bench.world.source.ramp_to((300.0, 300.0, 300.0), 50.0, 0.0)
    bench.passage.advance_to(63.0)

    assert bench.value(701, "Alrm") == 1 << 10


def test_a_dead_bus_has_no_frequency_and_no_power_factor(bench: Bench) -> None:
    bench.passage.advance_to(5.0)
    measured = bench.models()[701].points

    assert measured["Hz"].value is None
    assert measured["PF"].value is None
    assert measured["LNV"].cvalue == 0


def test_measurements_do_not_exist_before_the_first_snapshot(bench: Bench) -> None:
    measured = bench.models()[701].points

    assert measured["W"].value is None
    assert measured["InvSt"].value == 7


def test_measurements_are_renewed_once_a_second_together(bench: Bench) -> None:
    bench.run()
    bench.world.source.ramp_to((230.0, 230.0, 230.0), 50.0, 0.0)
    bench.world.source.ramp_to((250.0, 250.0, 250.0), 51.0, 20.0)
    seen = []
    for step in range(100):
        bench.passage.advance_to(61.0 + 0.1 * step)
        measured = bench.models()[701].points
        seen.append((measured["LNV"].value, measured["Hz"].value))

    changes = [k for k in range(1, 100) if seen[k] != seen[k - 1]]
    assert len(changes) == 10
    assert {b - a for a, b in pairwise(changes)} == {10}
    assert len({voltage for voltage, _ in seen}) == len({frequency for _, frequency in seen})


def test_a_snapshot_is_that_of_its_second_however_far_time_jumped() -> None:
    slow, fast = Bench(), Bench()
    for bench in (slow, fast):
        bench.feed()
    for step in range(1, 301):
        slow.passage.advance_to(0.1 * step)
        slow.image.read(40_070, 40)
    fast.passage.advance_to(30.0)

    assert slow.image.read(40_000, 500) == fast.image.read(40_000, 500)


def test_time_that_passed_unannounced_is_an_error(bench: Bench) -> None:
    bench.world.advance_to(10.0)

    with pytest.raises(RuntimeError, match="Passage"):
        bench.image.read(40_000, 2)


def test_withdrawn_permission_acts_and_reads_back_after_its_delay(bench: Bench) -> None:
    bench.run()

    bench.write(703, 2, 0)
    assert bench.value(703, "ES") == 1
    bench.passage.advance_to(60.19)
    assert bench.value(703, "ES") == 1
    bench.passage.advance_to(60.21)

    assert bench.value(703, "ES") == 0
    assert bench.world.inverter.state == "stopped"
    bench.passage.advance_to(62.0)
    assert bench.value(701, "InvSt") == 0


def test_the_power_limit_needs_its_enable(bench: Bench) -> None:
    bench.run()

    bench.write(704, 15, 505)
    bench.passage.advance_to(61.0)
    assert bench.world.inverter.settings.power_limit_pu == 1.0
    bench.write(704, 14, 1)
    bench.passage.advance_to(62.0)

    assert bench.value(704, "WMaxLimPct") == 50.5
    assert bench.world.inverter.settings.power_limit_pu == 0.505


def test_limit_and_enable_can_be_written_together(bench: Bench) -> None:
    bench.write(704, 14, 1, 300)
    bench.passage.advance_to(1.0)

    assert bench.world.inverter.settings.power_limit_pu == 0.3


@pytest.mark.parametrize(
    ("model", "offset", "values", "code"),
    [
        (703, 2, [2], 3),
        (703, 3, [20_000], 3),
        (703, 2, [1, 1], 3),
        (704, 15, [1001], 3),
        (704, 14, [1, 1001], 3),
        (703, 15, [0, 0], 2),
        (708, 11, [12_000], 2),
        (701, 10, [0], 2),
        (1, 66, [2], 2),
    ],
)
def test_other_writes_are_refused_whole(
    bench: Bench, model: int, offset: int, values: list[int], code: int
) -> None:
    before = bench.image.read(40_000, 800)

    with pytest.raises(RefusedRegister) as refusal:
        bench.write(model, offset, *values)

    assert refusal.value.code == code
    bench.passage.advance_to(0.36)
    assert bench.image.read(40_000, 800) == before


@pytest.mark.parametrize(("address", "count"), [(39_999, 2), (0, 1), (42_000, 100)])
def test_registers_outside_the_image_do_not_exist(bench: Bench, address: int, count: int) -> None:
    with pytest.raises(RefusedRegister) as refusal:
        bench.image.read(address, count)

    assert refusal.value.code == 2


def must_trip(bench: Bench, model: int) -> list[tuple[float, float]]:
    curve = bench.models()[model].groups["Crv"][0].groups["MustTrip"]
    value = "V" if model in (707, 708) else "Hz"
    return [
        (point.points[value].cvalue, point.points["Tms"].cvalue)
        for point in curve.groups["Pt"][: curve.points["ActPt"].value]
    ]


def test_the_reference_inverter_shows_its_trips(bench: Bench) -> None:
    trips = QUICK.settings.trips

    assert must_trip(bench, 707) == [
        (pytest.approx(100 * trips["UV1"].threshold / 230, abs=0.005), trips["UV1"].delay_s),
        (pytest.approx(100 * trips["UV2"].threshold / 230, abs=0.005), trips["UV2"].delay_s),
    ]
    assert must_trip(bench, 708)[0][0] == pytest.approx(100 * 265 / 230, abs=0.005)
    assert must_trip(bench, 709) == [(47.0, trips["UF1"].delay_s)]
    assert must_trip(bench, 710) == [(52.0, trips["OF1"].delay_s)]


@settings(max_examples=30, deadline=None)
@given(threshold=st.floats(240, 299), delay_s=st.floats(0.02, 20))
def test_any_trip_is_shown_to_the_resolution_of_its_point(threshold: float, delay_s: float) -> None:
    trips = {**QUICK.settings.trips, "OV2": Trip(300.0, 0.1), "OV1": Trip(threshold, delay_s)}

    [(percent, time_s), _] = must_trip(Bench(with_changes(QUICK, {"settings.trips": trips})), 708)

    assert percent * 2.3 == pytest.approx(threshold, abs=0.005 * 2.3 + 1e-6)
    assert time_s == pytest.approx(delay_s, abs=0.005 + 1e-9)


def test_a_missing_function_shows_no_point() -> None:
    trips = {**QUICK.settings.trips, "OV1": replace(QUICK.settings.trips["OV1"], enabled=False)}
    bench = Bench(with_changes(QUICK, {"settings.trips": trips}))

    assert [percent for percent, _ in must_trip(bench, 708)] == [pytest.approx(119.57, abs=0.01)]
    assert bench.models()[708].groups["Crv"][0].groups["MayTrip"].points["ActPt"].value == 0


def test_a_large_inverter_fits_its_registers() -> None:
    bench = Bench(replace(QUICK, rated_apparent_power_va=250_000.0, pv_power_w=250_000.0))
    bench.run()

    assert bench.value(702, "WMaxRtg") == 250_000
    assert bench.value(701, "W") == pytest.approx(250_000, abs=10)
