"""The simulated LMG671: readings that do not depend on who asks when, and records true to time."""

from __future__ import annotations

from math import ceil, floor, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from instruments.simulated.analyser_noise import AnalyserClock, time_stamp
from instruments.simulated.lmg_analyser import LmgAnalyser
from instruments.simulated.parameters import InverterParameters
from instruments.simulated.world import World

READ = "INIM;TSNORM?;" + ";".join(f"{q}{n}?" for q in ("UTRMS", "ITRMS", "P", "Q") for n in (1, 2, 3))
RANGES = ";".join(f"UAUTO{n} 0;URNG{n} 400;IAUTO{n} 0;IRNG{n} 30" for n in range(1, 7))
TRACKS = ";".join(f"TRCTRAC {k},'{s}'" for k, s in enumerate(("U1", "U2", "U3", "I1", "I4")))
FULL_SCALE = 1.1 * sqrt(2)
SEED = 4


class Bench:
    """A fed world with its inverter at full power, and an analyser, spoken to directly."""

    def __init__(self, world: World | None = None, seed: int = SEED) -> None:
        self.world = running_world() if world is None else world
        self.device = LmgAnalyser(self.world, seed=seed)
        self.clock = AnalyserClock.drawn(seed)
        self.tell("*ZLANG SHORT;*CLS")
        self.tell(f"CYCL 0.1;{RANGES};FRMT PACKED")

    def ask(self, message: str) -> bytes:
        return self.device.answer(message.encode("ascii"))

    def tell(self, message: str) -> str:
        return self.ask(message).decode("ascii").strip()

    def error(self) -> str:
        return self.tell("SYST:ERR:ALL?")

    def later(self, duration_s: float) -> None:
        self.world.advance_to(self.world.now_s + duration_s)

    def arm(self, rate_hz: int = 20_000, length_s: float = 0.5, pre_s: float = 0.1) -> None:
        self.tell(f"TRCSR {rate_hz};TRRECLEN {length_s};TRCPTRT {pre_s};{TRACKS}")
        self.tell("TRANSIENTRESTART")
        assert self.error() == '0,"No error"'

    def record(self, length_s: float = 0.5) -> dict[int, NDArray[np.float32]]:
        self.arm(length_s=length_s)
        self.later(0.5)
        self.tell("TRANSIENTNOW")
        self.later(length_s)
        return {track: self.points(track) for track in range(5)}

    def points(self, track: int) -> NDArray[np.float32]:
        count = int(self.tell("TRPTLEN?"))
        pieces = [
            self.block(f"TRPVAL? {track},({first}:{min(first + 30_000, count) - 1})")[2:]
            for first in range(0, count, 30_000)
        ]
        return np.concatenate(pieces)

    def block(self, question: str) -> NDArray[np.float32]:
        answer = self.ask(question)
        digits = int(answer[1:2])
        length = int(answer[2 : 2 + digits])
        assert answer[:1] == b"#"
        assert len(answer) == 2 + digits + length + 1
        return np.frombuffer(answer[2 + digits : -1], dtype="<f4")

    def stamp_s(self, question: str) -> float:
        return seconds(self.tell(question))


def seconds(stamp: str) -> float:
    date, _, time = stamp.partition("D")
    year, month, day = (int(field) for field in date.split(":"))
    hours, minutes, rest = time.split(":")
    assert (year, month) == (2026, 1)
    return (day - 1) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + float(rest)


def running_world() -> World:
    world = World(InverterParameters(observation_s=1.0, ramp_pu_per_s=1.0))
    world.source.ramp_to((230.0, 231.0, 229.0), 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.advance_to(20.0)
    return world


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_short_language_has_to_be_chosen() -> None:
    device = LmgAnalyser(World(InverterParameters()), seed=1)

    assert device.answer(b"*IDN?").startswith(b"ZES ZIMMER Electronic Systems GmbH,LMG671,")
    assert device.answer(b"CYCL?;*IDN?") == b""
    assert device.answer(b"SYST:ERR:ALL?").startswith(b"-113,")
    assert device.answer(b"*ZLANG SHORT;CYCL?") == b"0.500000\n"


def test_what_can_be_set_reads_back(bench: Bench) -> None:
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
        ("INIM;P4?", -241),
        ("TRANSIENTNOW", -211),
        ("TRPTLEN?", -230),
        ("TRCPTRT 1;TRRECLEN 0.5;TRANSIENTRESTART", -221),
    ],
)
def test_what_cannot_be_is_refused_with_its_number(bench: Bench, message: str, code: int) -> None:
    bench.tell(message)

    assert bench.error().startswith(f"{code},")


def test_readings_follow_each_other_without_gap_or_overlap(bench: Bench) -> None:
    ends_s = []
    for _ in range(200):
        bench.later(0.007)
        ends_s.append(bench.stamp_s("INIM;TSNORM?"))

    new = sorted(set(ends_s))
    assert ends_s == sorted(ends_s)
    assert np.diff(new) == pytest.approx(np.full(len(new) - 1, 0.1))
    assert all(end_s * 10 == pytest.approx(round(end_s * 10)) for end_s in new)


def test_a_reading_can_be_read_twenty_milliseconds_after_its_end(bench: Bench) -> None:
    ages_s = []
    for _ in range(500):
        bench.later(0.00173)
        ages_s.append(bench.clock.own_s(bench.world.now_s) - bench.stamp_s("INIM;TSNORM?"))

    assert 0.02 - 1e-6 <= min(ages_s) < 0.022
    assert 0.117 < max(ages_s) < 0.12 + 1e-6


def test_a_reading_is_the_same_however_often_one_asks() -> None:
    impatient, patient = Bench(), Bench()

    seen = set()
    for _ in range(300):
        impatient.later(0.01)
        seen.add(impatient.tell(READ))
    for _ in range(6):
        patient.later(0.5)
        assert patient.tell(READ) in seen


def test_latched_values_stay_until_the_next_latch(bench: Bench) -> None:
    before = bench.tell(READ)
    bench.later(5.0)

    assert bench.tell(READ.removeprefix("INIM;")) == before
    assert bench.tell(READ) != before


def test_nothing_can_be_read_before_the_first_complete_cycle() -> None:
    bench = Bench(World(InverterParameters()))
    bench.later(0.05)

    assert bench.tell("INIM;UTRMS1?") == ""
    assert bench.error().startswith("-230,")
    assert bench.tell("UTRMS1?") == ""
    assert bench.error().startswith("-230,")


@pytest.mark.parametrize("seed", range(8))
def test_values_are_within_the_published_accuracy_and_not_exact(seed: int) -> None:
    bench = Bench(seed=seed)
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


def test_the_grid_side_measures_the_current_through_the_contactor(bench: Bench) -> None:
    truth = bench.world.averages(bench.world.now_s - 0.2, bench.world.now_s)

    voltage, current, apparent = (
        float(text) for text in bench.tell("INIM;UTRMS5?;ITRMS5?;S5?").split(";")
    )

    assert voltage == pytest.approx(231.0, abs=0.1)
    assert current == pytest.approx(truth.grid_currents_a[1], abs=0.01)
    assert apparent == pytest.approx(voltage * current, rel=1e-5)


def test_the_analyser_counts_cycles_by_its_own_clock(bench: Bench) -> None:
    found = []
    for _ in range(400):
        bench.later(0.1)
        found.append(float(bench.tell("INIM;FCYC1?")))

    assert np.mean(found) == pytest.approx(50.0 / bench.clock.rate, abs=5e-5)
    assert 1e-4 < np.std(found) < 3e-4


def test_a_dead_bus_has_no_frequency(bench: Bench) -> None:
    bench.world.contactor.command(False)
    bench.later(5.0)

    frequency, voltage = bench.tell("INIM;FCYC1?;UTRMS1?").split(";")

    assert frequency == "NAN"
    assert float(voltage) < 0.1


def test_a_channel_beyond_its_range_answers_no_number(bench: Bench) -> None:
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


def test_a_record_begins_the_pre_trigger_time_before_its_trigger(bench: Bench) -> None:
    bench.arm(rate_hz=20_000, length_s=0.5, pre_s=0.1)
    bench.later(0.5)
    bench.tell("TRANSIENTNOW")
    step_at_s = bench.world.now_s + 0.2003
    bench.world.schedule(
        step_at_s, lambda: bench.world.source.ramp_to((150.0, 150.0, 150.0), 50.0, 0.0)
    )
    bench.later(1.0)

    start_s = bench.stamp_s("TSTR?") - 0.1
    expected = (bench.clock.own_s(step_at_s) - start_s) * 20_000
    samples = bench.points(0)
    clean = bench.world.waveforms(
        bench.clock.world_s(start_s), len(samples), 20_000 * bench.clock.rate, ["u1"]
    )["u1"]

    assert np.abs(samples - clean).max() < 0.5
    amplitude = np.abs(samples[ceil(expected) : ceil(expected) + 400]).max()
    assert amplitude == pytest.approx(150 * sqrt(2), rel=0.01)
    amplitude_before = np.abs(samples[floor(expected) - 400 : floor(expected)]).max()
    assert amplitude_before == pytest.approx(230 * sqrt(2), rel=0.01)


def test_the_trigger_lies_on_the_sample_grid_at_the_command(bench: Bench) -> None:
    bench.arm(rate_hz=20_000)
    bench.later(0.5)
    asked_s = bench.clock.own_s(bench.world.now_s)

    bench.tell("TRANSIENTNOW")

    trigger_s = bench.stamp_s("TSTR?")
    assert 0 <= trigger_s - asked_s + 1e-9 <= 1 / 20_000 + 1e-9
    assert trigger_s * 20_000 == pytest.approx(round(trigger_s * 20_000), abs=1e-4)


def test_the_recorder_is_searching_until_the_record_is_full(bench: Bench) -> None:
    assert bench.tell("TRPSTAT?") == "0"
    bench.arm(length_s=0.5, pre_s=0.1)
    bench.later(10.0)
    assert bench.tell("TRPSTAT?") == "2"
    bench.tell("TRANSIENTNOW")
    bench.later(0.399)
    assert bench.tell("TRPSTAT?") == "2"
    assert bench.tell("TRPVAL? 0,(0:9)") == ""
    assert bench.error().startswith("-230,")

    bench.later(0.002)

    assert bench.tell("TRPSTAT?;TRPTLEN?") == "5;10000"


def test_a_trigger_waits_until_the_pre_trigger_memory_is_full(bench: Bench) -> None:
    bench.arm(pre_s=0.3)
    armed_s = bench.clock.own_s(bench.world.now_s)

    bench.tell("TRANSIENTNOW")

    assert bench.stamp_s("TSTR?") == pytest.approx(armed_s + 0.3, abs=1e-4)


def test_records_of_two_moments_agree_where_they_overlap() -> None:
    world = running_world()
    early, late = Bench(world), Bench(world)
    for bench in (early, late):
        bench.arm(length_s=2.0, pre_s=0.1)
    early.later(0.5)
    early.tell("TRANSIENTNOW")
    early.later(0.31)
    late.tell("TRANSIENTNOW")
    early.later(3.0)

    shift = round((late.stamp_s("TSTR?") - early.stamp_s("TSTR?")) * 20_000)

    assert shift > 6000
    for track in range(5):
        np.testing.assert_array_equal(early.points(track)[shift:], late.points(track)[:-shift])


def test_samples_are_steps_of_a_sixteen_bit_converter(bench: Bench) -> None:
    samples = bench.record()[0].astype(float)
    steps = samples / (400 * FULL_SCALE / 32_767)

    assert np.abs(steps - np.rint(steps)).max() < 2e-3
    assert len(np.unique(np.rint(steps))) > 1000


def test_noise_and_offset_of_a_record_are_small_and_there(bench: Bench) -> None:
    bench.world.contactor.command(False)
    bench.later(2.0)

    quiet = bench.record()[0]

    assert 0.02 < quiet.std() < 0.06
    assert 0 < abs(quiet.mean()) < 1e-4 * 400


def test_a_signal_beyond_the_range_is_clipped(bench: Bench) -> None:
    bench.tell("URNG1 100")

    clipped = bench.record()[0]

    assert clipped.max() == pytest.approx(100 * FULL_SCALE, rel=1e-4)
    assert np.mean(clipped == clipped.max()) > 0.2


def test_the_range_of_a_record_is_the_one_it_was_armed_with(bench: Bench) -> None:
    bench.arm()
    bench.tell("URNG1 100")
    bench.later(0.5)
    bench.tell("TRANSIENTNOW")
    bench.later(1.0)

    assert bench.points(0).max() > 300


def test_at_most_thirty_thousand_points_come_in_one_piece(bench: Bench) -> None:
    bench.record(length_s=2.0)

    assert len(bench.block("TRPVAL? 0,(0:29999)")) == 30_002
    assert bench.ask("TRPVAL? 0,(0:30000)") == b""
    assert bench.error().startswith("-223,")
    assert bench.ask("TRPVAL? 0,(39999:40000)") == b""
    assert bench.error().startswith("-222,")


def test_text_and_packed_points_agree(bench: Bench) -> None:
    bench.record()
    packed = bench.block("TRPVAL? 3,(100:199)")[2:]

    text = bench.tell("FRMT ASCII;TRPVAL? 3,(100:199)")

    np.testing.assert_allclose([float(item) for item in text.split(",")], packed, rtol=1e-6)


def test_reset_forgets_settings_record_and_reading(bench: Bench) -> None:
    bench.record()
    bench.tell(READ)

    bench.tell("*RST")

    assert bench.tell("CYCL?;UAUTO1?;URNG1?;TRCTRAC? 0;TRPSTAT?;FRMT?") == (
        "0.500000;1;1000.0000;'';0;ASC"
    )
    assert bench.tell("TSNORM?") == ""
