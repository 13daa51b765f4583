"""The simulated LMG671: readings that do not depend on who asks when, and records true to time."""

from __future__ import annotations

import numpy as np
import pytest

from instruments.simulated.devices.analyser_noise import AnalyserClock, time_stamp
from instruments.simulated.devices.lmg_analyser import LmgAnalyser
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.world import World
from tests.simulated.analyser_bench import READ, AnalyserBench


@pytest.fixture
def bench() -> AnalyserBench:
    return AnalyserBench()


def test_the_short_language_has_to_be_chosen() -> None:
    device = LmgAnalyser(World(InverterParameters()), seed=1)

    assert device.answer(b"*IDN?").startswith(b"ZES ZIMMER Electronic Systems GmbH,LMG671,")
    assert device.answer(b"CYCL?;*IDN?") == b""
    assert device.answer(b"SYST:ERR:ALL?").startswith(b"-113,")
    assert device.answer(b"*ZLANG SHORT;CYCL?") == b"0.500000\n"


def test_what_can_be_set_reads_back(bench: AnalyserBench) -> None:
    bench.tell("CYCL 0.05;URNG2 250;IRNG6 12.5;UAUTO3 1;FRMT ASCII;CONT OFF;CYCLMOD CYCL")
    bench.tell("TRCSR 50000;TRRECLEN 2.5;TRCPTRT 0.25;SAMPLESTORAGEMODE 1;TRCTRAC 15,'I4'")

    assert bench.error() == '0,"No error"'
    assert bench.tell("CYCL?;URNG2?;IRNG6?;UAUTO3?;FRMT?;CONT?;CYCLMOD?") == (
        "0.050000;250.0000;12.5000;1;ASC;0;CYCL"
    )
    assert bench.tell("TRCSR?;TRRECLEN?;TRCPTRT?;SAMPLESTORAGEMODE?;TRCTRAC? 15;TRCTRAC? 0") == (
        "50000;2.500000;0.250000;1;'I4';''"
    )


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("CYCL 0.009", -222),
        ("URNG1 1001", -222),
        ("URNG7 400", -113),
        ("TRCSR 9999", -222),
        ("TRCSR 1000001", -222),
        ("TRCTRAC 16,'U1'", -222),
        ("TRCTRAC 0,'U7'", -224),
        ("UTRMS7?", -114),
        ("TRANSIENTNOW", -211),
        ("TRPTLEN?", -230),
        ("TRCPTRT 1;TRRECLEN 0.5;TRANSIENTRESTART", -221),
    ],
)
def test_what_cannot_be_is_refused_with_its_number(
    bench: AnalyserBench, message: str, code: int
) -> None:
    bench.tell(message)

    assert bench.error().startswith(f"{code},")


def test_readings_follow_each_other_without_gap_or_overlap(bench: AnalyserBench) -> None:
    ends_s = []
    for _ in range(200):
        bench.later(0.007)
        ends_s.append(bench.stamp_s("INIM;TSNORM?"))

    new = sorted(set(ends_s))
    assert ends_s == sorted(ends_s)
    assert np.diff(new) == pytest.approx(np.full(len(new) - 1, 0.1))
    assert all(end_s * 10 == pytest.approx(round(end_s * 10)) for end_s in new)


def test_a_reading_can_be_read_twenty_milliseconds_after_its_end(bench: AnalyserBench) -> None:
    ages_s = []
    for _ in range(500):
        bench.later(0.00173)
        ages_s.append(bench.clock.own_s(bench.world.now_s) - bench.stamp_s("INIM;TSNORM?"))

    assert 0.02 - 1e-6 <= min(ages_s) < 0.022
    assert 0.117 < max(ages_s) < 0.12 + 1e-6


def test_a_reading_is_the_same_however_often_one_asks() -> None:
    impatient, patient = AnalyserBench(), AnalyserBench()

    seen = set()
    for _ in range(300):
        impatient.later(0.01)
        seen.add(impatient.tell(READ))
    for _ in range(6):
        patient.later(0.5)
        assert patient.tell(READ) in seen


def test_latched_values_stay_until_the_next_latch(bench: AnalyserBench) -> None:
    before = bench.tell(READ)
    bench.later(5.0)

    assert bench.tell(READ.removeprefix("INIM;")) == before
    assert bench.tell(READ) != before


def test_nothing_can_be_read_before_the_first_complete_cycle() -> None:
    bench = AnalyserBench(World(InverterParameters()))
    bench.later(0.05)

    assert bench.tell("INIM;UTRMS1?") == ""
    assert bench.error().startswith("-230,")
    assert bench.tell("UTRMS1?") == ""
    assert bench.error().startswith("-230,")


@pytest.mark.parametrize("seed", range(8))
def test_values_are_within_the_published_accuracy_and_not_exact(seed: int) -> None:
    bench = AnalyserBench(seed=seed)
    bench.later(1.0)
    truth = bench.world.averages(bench.world.now_s - 0.2, bench.world.now_s)

    fields = [float(field) for field in bench.tell(READ).split(";")[1:]]

    for k in range(3):
        u, i, p, q = fields[k::3]
        assert u == pytest.approx(truth.voltages_v[k], abs=1.5e-4 * 230 + 1e-4 * 400)
        assert i == pytest.approx(truth.currents_a[k], abs=1.5e-4 * 15 + 1e-4 * 30)
        bound_va = 3e-4 * 3400 + 1e-4 * 400 * 30
        assert p == pytest.approx(truth.active_powers_w[k], abs=bound_va)
        assert q == pytest.approx(truth.reactive_powers_var[k], abs=bound_va)
    assert fields[0] != pytest.approx(truth.voltages_v[0], rel=1e-9)


def test_the_grid_side_measures_the_current_through_the_contactor(bench: AnalyserBench) -> None:
    truth = bench.world.averages(bench.world.now_s - 0.2, bench.world.now_s)

    voltage, current, apparent = (
        float(text) for text in bench.tell("INIM;UTRMS5?;ITRMS5?;S5?").split(";")
    )

    assert voltage == pytest.approx(231.0, abs=0.1)
    assert current == pytest.approx(truth.grid_currents_a[1], abs=0.01)
    assert apparent == pytest.approx(voltage * current, rel=1e-5)


def test_the_analyser_counts_cycles_by_its_own_clock(bench: AnalyserBench) -> None:
    found = []
    for _ in range(400):
        bench.later(0.1)
        found.append(float(bench.tell("INIM;FCYC1?")))

    assert np.mean(found) == pytest.approx(50.0 / bench.clock.rate, abs=5e-5)
    assert 1e-4 < np.std(found) < 3e-4


def test_a_dead_bus_has_no_frequency(bench: AnalyserBench) -> None:
    bench.world.contactor.command(False)
    bench.later(5.0)

    frequency, voltage = bench.tell("INIM;FCYC1?;UTRMS1?").split(";")

    assert frequency == "NAN"
    assert float(voltage) < 0.1


def test_a_channel_beyond_its_range_answers_no_number(bench: AnalyserBench) -> None:
    bench.tell("URNG1 200")
    bench.later(0.5)

    assert bench.tell("INIM;UTRMS1?;P1?;ITRMS1?;UTRMS2?").split(";")[:2] == ["9.9E+37"] * 2
    assert float(bench.tell("UTRMS2?")) == pytest.approx(231.0, abs=0.1)


def test_the_clock_drifts_against_the_world_and_both_are_seeded() -> None:
    clocks = [AnalyserClock.drawn(seed) for seed in range(50)]

    assert clocks == [AnalyserClock.drawn(seed) for seed in range(50)]
    assert all(abs(clock.rate - 1) <= 2e-5 for clock in clocks)
    assert len({clock.start_s for clock in clocks}) == 50
    assert clocks[3].world_s(clocks[3].own_s(1234.5)) == pytest.approx(1234.5, abs=1e-9)


@pytest.mark.parametrize(
    ("own_ns", "text"),
    [
        (0, "2026:01:01D00:00:00.000000000"),
        (86_399_999_999_999, "2026:01:01D23:59:59.999999999"),
        (31 * 86_400_000_000_000 + 1, "2026:02:01D00:00:00.000000001"),
    ],
)
def test_time_stamps_carry_nanoseconds(own_ns: int, text: str) -> None:
    assert time_stamp(own_ns) == text


def test_reset_forgets_settings_record_and_reading(bench: AnalyserBench) -> None:
    bench.record()
    bench.tell(READ)

    bench.tell("*RST")

    assert bench.tell("CYCL?;UAUTO1?;URNG1?;TRCTRAC? 0;TRPSTAT?;FRMT?") == (
        "0.500000;1;1000.0000;'';0;ASC"
    )
    assert bench.tell("TSNORM?") == ""


def test_settings_without_effect_are_stored_and_reset(bench: AnalyserBench) -> None:
    bench.tell("LPFILT1 2;LPFILT6 3;FAUTO2 1;IJACK3 2;TRCOND 'U1'")

    assert bench.tell("LPFILT?;LPFILT6?;FAUTO2?;IJACK3?;TRCOND?") == "2;3;1;2;'U1'"
    assert bench.tell("*RST;LPFILT?;FAUTO2?;TRCOND?") == "0;0;''"


@pytest.mark.parametrize("message", ["UDC1?", "HIHD4?"])
def test_quantities_that_are_not_simulated_are_missing_hardware(
    bench: AnalyserBench, message: str
) -> None:
    assert bench.tell(message) == ""
    assert bench.error().startswith("-241,")


def test_the_power_factor_is_active_over_apparent_power(bench: AnalyserBench) -> None:
    factor, active_w, apparent_va = map(float, bench.tell("INIM;PF1?;P1?;S1?").split(";"))

    assert factor == pytest.approx(active_w / apparent_va, rel=1e-5)
