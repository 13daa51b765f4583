"""How a communication board delays, freezes, distorts and hides what the inverter does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from instruments.errors import ConfigurationError
from instruments.simulated.inverter.parameters import with_changes
from instruments.simulated.inverter.settings import REGIONS
from instruments.simulated.registers.communication_board import (
    Access,
    CommunicationBoard,
    Misreport,
)
from tests.simulated.register_bench import QUICK, Bench

TRIPS_LATE = with_changes(QUICK, {"settings.trips.OV1.threshold": 280.0})


def a_bench(**board: Any) -> Bench:
    return Bench(QUICK, CommunicationBoard(**board))


def misreporting(**misreport: Any) -> Bench:
    return a_bench(misreport=Misreport(**misreport))


def trip(bench: Bench) -> None:
    """Let a running inverter trip on over-voltage and the grid come back."""
    bench.world.source.ramp_to((300.0,) * 3, 50.0, 0.0)
    bench.wait(3.0)
    bench.world.source.ramp_to((230.0,) * 3, 50.0, 0.0)
    bench.wait(3.0)
    assert bench.inverter.state == "waiting"


def test_measurements_are_renewed_at_the_boards_own_period_and_phase() -> None:
    bench = a_bench(refresh_s=5.0, refresh_phase_s=2.0)
    bench.run()
    bench.world.source.ramp_to((240.0,) * 3, 50.0, 0.0)
    seen = []
    for _ in range(8):
        bench.wait(1.0)
        seen.append(bench.value(701, "VL1") > 239)

    assert seen == [False, True, True, True, True, True, True, True]


def test_means_are_as_long_as_the_board_makes_them() -> None:
    bench = a_bench(refresh_s=10.0, refresh_phase_s=5.0, averaging_s=10.0)
    bench.run()
    bench.passage.advance_to(70.0)
    bench.world.source.ramp_to((240.0,) * 3, 50.0, 0.0)
    bench.passage.advance_to(76.0)

    assert bench.value(701, "VL1") == pytest.approx(((230**2 + 240**2) / 2) ** 0.5, abs=0.2)


def test_a_write_acts_after_its_delay_and_reads_back_after_another() -> None:
    bench = a_bench(write_delay_s=0.5, read_back_delay_s=2.0)
    bench.write(704, 14, 1, 300)
    bench.wait(0.49)
    assert bench.settings.power_limit_pu == 1.0
    bench.wait(0.02)
    assert bench.settings.power_limit_pu == pytest.approx(0.3)
    assert bench.value(704, "WMaxLimPct") == 100.0
    bench.wait(2.0)

    assert bench.value(704, "WMaxLimPct") == 30.0


def test_an_ignored_point_is_acknowledged_and_keeps_its_value() -> None:
    bench = misreporting(ignored=("704.WMaxLimPct",))
    bench.write(704, 14, 1, 300)
    bench.wait(1.0)

    assert bench.value(704, "WMaxLimPct") == 100.0
    assert bench.value(704, "WMaxLimPctEna") == 1
    assert bench.settings.power_limit_pu == 1.0


def test_a_pretended_setting_reads_back_and_is_not_in_force() -> None:
    bench = misreporting(unapplied=("power_limit_pu",))
    bench.write(704, 14, 1, 300)
    bench.write(703, 9, 0, 99)
    bench.wait(1.0)

    assert bench.value(704, "WMaxLimPct") == 30.0
    assert bench.settings.power_limit_pu == 1.0
    assert bench.settings.observation_s == 99.0


def test_a_board_may_report_disconnected_while_the_inverter_feeds() -> None:
    bench = misreporting(values={"701.ConnSt": 0, "701.InvSt": 7})
    bench.run()

    assert bench.inverter.connected
    assert bench.value(701, "ConnSt") == 0
    assert bench.value(701, "InvSt") == 7
    assert bench.value(701, "W") == pytest.approx(10_000, abs=10)


def test_a_board_may_report_a_trip_the_inverter_does_not_have() -> None:
    board = CommunicationBoard(misreport=Misreport(values={"708.Crv1.MustTrip.Pt1.V": 115.22}))
    bench = Bench(TRIPS_LATE, board)

    assert bench.value(708, "Crv1.MustTrip.Pt1.V") == 115.22
    assert bench.settings.trips["OV1"].threshold == 280.0


def test_a_board_may_report_a_region_the_inverter_is_not_set_to() -> None:
    bench = Bench(TRIPS_LATE, CommunicationBoard(misreport=Misreport(region="NZ")))
    assert bench.vendor("Region") == 4
    assert bench.value(710, "Crv1.MustTrip.Pt1.Hz") == 55.0
    assert bench.settings == TRIPS_LATE.settings

    bench.write(703, 9, 0, 99)
    bench.wait(1.0)

    assert bench.settings == replace(TRIPS_LATE.settings, observation_s=99.0)
    assert bench.value(710, "Crv1.MustTrip.Pt1.Hz") == 55.0


@pytest.mark.parametrize(
    ("path", "exponent", "read"), [("701.W_SF", 1, 100_000), ("701.W_SF", None, 10_000)]
)
def test_a_wrong_scale_factor_changes_what_is_read(
    path: str, exponent: int | None, read: float
) -> None:
    bench = misreporting(scale_factors={path: exponent})
    bench.run()

    assert bench.models()[701].points["W_SF"].value == exponent
    assert bench.value(701, "W") == pytest.approx(read, rel=1e-3)


def test_a_coarse_scale_factor_is_used_for_reading_and_for_writing() -> None:
    bench = a_bench(scale_factors={"703.V_SF": 0})
    assert bench.models()[703].points["ESVHi"].value == 110
    bench.write(703, 3, 108)
    bench.wait(1.0)

    assert bench.settings.connect_voltage_v[1] == pytest.approx(248.4)


def test_the_low_word_may_come_first_in_some_blocks() -> None:
    bench = a_bench(low_word_first=("703", "vendor"))
    address = bench.address(703)
    assert bench.image.read(address + 5, 4) == [50_150, 0, 47_500, 0]
    bench.write(703, 9, 99, 0)
    bench.wait(1.0)

    assert bench.settings.observation_s == 99.0
    assert bench.value(701, "Alrm") == 0
    assert bench.value(1, "SN") == "SIM0001"


@pytest.mark.parametrize(
    ("standstill", "power_w", "voltage_v"),
    [("live", 0.0, 230.0), ("frozen", 10_000.0, 230.0), ("zero", 0.0, 0.0)],
)
def test_measured_values_of_an_inverter_that_stands_still(
    standstill: str, power_w: float, voltage_v: float
) -> None:
    bench = misreporting(at_standstill=standstill)
    bench.run()
    trip(bench)
    measured = bench.models()[701].points

    assert measured["W"].cvalue == pytest.approx(power_w, abs=1)
    assert measured["InvSt"].value == 7
    if standstill != "frozen":
        assert measured["VL1"].cvalue == pytest.approx(voltage_v, abs=0.1)


def test_measured_values_may_not_be_implemented_at_standstill() -> None:
    bench = misreporting(at_standstill="not implemented")
    bench.run()
    trip(bench)

    assert bench.value(701, "W") is None
    assert bench.value(701, "Hz") is None


def test_frozen_values_do_not_depend_on_how_often_somebody_looked() -> None:
    often, once = (misreporting(at_standstill="frozen") for _ in range(2))
    for bench in (often, once):
        bench.run()
        bench.world.source.ramp_to((300.0,) * 3, 50.0, 0.0)
    for _ in range(60):
        often.wait(0.1)
        often.image.read(40_070, 50)
    once.passage.advance_to(often.world.now_s)

    assert once.image.read(40_000, 300) == often.image.read(40_000, 300)


def test_every_few_snapshots_all_measured_values_are_zero_and_states_are_not() -> None:
    bench = misreporting(zero_every=4)
    bench.run()
    seen = []
    for _ in range(8):
        bench.wait(1.0)
        measured = bench.models()[701].points
        assert measured["InvSt"].value == 3
        seen.append((measured["W"].value == 0, measured["Hz"].value == 0))

    assert seen.count((True, True)) == 2
    assert seen.count((False, False)) == 6


def test_the_ten_minute_mean_is_that_of_the_last_ten_minutes() -> None:
    bench = a_bench()
    bench.run()
    bench.passage.advance_to(700.37)
    bench.world.source.ramp_to((255.0,) * 3, 50.0, 0.0)
    bench.passage.advance_to(1000.5)

    mean_v = ((230**2 + 255**2) / 2) ** 0.5
    assert bench.vendor("MeanVL1") == pytest.approx(10 * mean_v, abs=1)


def test_the_reported_mean_may_be_wrong_or_missing() -> None:
    wrong, missing = misreporting(sustained_gain=0.95), a_bench(ten_minute_mean=False)
    for bench in (wrong, missing):
        bench.run()

    assert wrong.vendor("MeanVL2") == pytest.approx(0.95 * 2350, abs=1)
    assert missing.vendor("MeanVL2") == 0xFFFF


def test_a_single_phase_inverter_has_one_mean() -> None:
    bench = Bench(replace(QUICK, phases=1))
    bench.run()

    assert bench.vendor("MeanVL1") != 0xFFFF
    assert bench.vendor("MeanVL2") == bench.vendor("MeanVL3") == 0xFFFF


@pytest.mark.parametrize(
    ("generations", "models"),
    [
        (("7xx",), [1, 701, 702, 703, 704, 705, 706, 707, 708, 709, 710, 711, 712, 714]),
        (("1xx",), [1, 103, 120, 121, 122, 123, 126, 127, 129, 130, 132, 135, 136, 160]),
    ],
)
def test_a_board_publishes_the_generation_it_knows(
    generations: tuple[str, ...], models: list[int]
) -> None:
    assert list(a_bench(generations=generations).models()) == models


def test_an_older_board_limits_power_too() -> None:
    bench = a_bench(generations=("1xx",))
    bench.write(123, 5, 350, 0, 0, 0, 1)
    bench.wait(1.0)

    assert bench.settings.power_limit_pu == pytest.approx(0.35)


@pytest.mark.parametrize("generations", [(), ("9xx",)])
def test_a_board_of_no_known_generation_is_refused(generations: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match="expected some of 1xx, 7xx"):
        CommunicationBoard(generations=generations)


def test_an_unknown_standstill_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="at_standstill = 'asleep'"):
        Misreport(at_standstill="asleep")


def test_the_reference_board_tells_the_truth() -> None:
    assert CommunicationBoard().misreport == Misreport()
    assert Bench().vendor("Region") == 1
    assert Bench().settings == replace(
        REGIONS["A"], observation_s=20.0, ramp_pu_per_s=QUICK.settings.ramp_pu_per_s
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"scale_factors": {"708.W_SF": 0}},
        {"misreport": Misreport(values={"701.Connected": 0})},
        {"misreport": Misreport(ignored=("123.WMaxLimPct",))},
        {"misreport": Misreport(scale_factors={"W_SF": 0})},
        {"low_word_first": ("103",)},
    ],
)
def test_a_point_the_board_does_not_publish_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="publish"):
        a_bench(**wrong)


@pytest.mark.parametrize("wrong", [{"region": "D"}, {"unapplied": ("trip",)}])
def test_a_setting_or_region_that_does_not_exist_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"in {next(iter(wrong))}; expected some of"):
        Misreport(**wrong)


def test_a_board_can_be_changed_by_path_like_the_rest_of_an_inverter() -> None:
    board: Any = with_changes(
        CommunicationBoard(),
        {
            "refresh_s": 2.0,
            "access.unlock_code": 2014,
            "misreport.values": {"701.ConnSt": 0},
            "misreport.unapplied": ["trips"],
        },
    )

    assert board.refresh_s == 2.0
    assert board.access == Access(unlock_code=2014)
    assert board.misreport == Misreport(values={"701.ConnSt": 0}, unapplied=("trips",))
