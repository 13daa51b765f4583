"""Records of the simulated LMG671: true to time, quantised, clipped, and the same for everybody."""

from __future__ import annotations

from math import ceil, floor, sqrt

import numpy as np
import pytest

from tests.simulated.analyser_bench import FULL_SCALE, AnalyserBench, running_world


@pytest.fixture
def bench() -> AnalyserBench:
    return AnalyserBench()


def test_a_record_begins_the_pre_trigger_time_before_its_trigger(bench: AnalyserBench) -> None:
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


def test_the_trigger_lies_on_the_sample_grid_at_the_command(bench: AnalyserBench) -> None:
    bench.arm(rate_hz=20_000)
    bench.later(0.5)
    asked_s = bench.clock.own_s(bench.world.now_s)

    bench.tell("TRANSIENTNOW")

    trigger_s = bench.stamp_s("TSTR?")
    assert 0 <= trigger_s - asked_s + 1e-9 <= 1 / 20_000 + 1e-9
    assert trigger_s * 20_000 == pytest.approx(round(trigger_s * 20_000), abs=1e-4)


def test_the_recorder_is_searching_until_the_record_is_full(bench: AnalyserBench) -> None:
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


def test_a_trigger_waits_until_the_pre_trigger_memory_is_full(bench: AnalyserBench) -> None:
    bench.arm(pre_s=0.3)
    armed_s = bench.clock.own_s(bench.world.now_s)

    bench.tell("TRANSIENTNOW")

    assert bench.stamp_s("TSTR?") == pytest.approx(armed_s + 0.3, abs=1e-4)


def test_records_of_two_moments_agree_where_they_overlap() -> None:
    world = running_world()
    early, late = AnalyserBench(world), AnalyserBench(world)
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


def test_samples_are_steps_of_a_sixteen_bit_converter(bench: AnalyserBench) -> None:
    samples = bench.record()[0].astype(float)
    steps = samples / (400 * FULL_SCALE / 32_767)

    assert np.abs(steps - np.rint(steps)).max() < 2e-3
    assert len(np.unique(np.rint(steps))) > 1000


def test_noise_and_offset_of_a_record_are_small_and_there(bench: AnalyserBench) -> None:
    bench.world.contactor.command(False)
    bench.later(2.0)

    quiet = bench.record()[0]

    assert 0.02 < quiet.std() < 0.06
    assert 0 < abs(quiet.mean()) < 1e-4 * 400


def test_a_signal_beyond_the_range_is_clipped(bench: AnalyserBench) -> None:
    bench.tell("URNG1 100")

    clipped = bench.record()[0]

    assert clipped.max() == pytest.approx(100 * FULL_SCALE, rel=1e-4)
    assert np.mean(clipped == clipped.max()) > 0.2


def test_the_range_of_a_record_is_the_one_it_was_armed_with(bench: AnalyserBench) -> None:
    bench.arm()
    bench.tell("URNG1 100")
    bench.later(0.5)
    bench.tell("TRANSIENTNOW")
    bench.later(1.0)

    assert bench.points(0).max() > 300


def test_at_most_thirty_thousand_points_come_in_one_piece(bench: AnalyserBench) -> None:
    bench.record(length_s=2.0)

    assert len(bench.block("TRPVAL? 0,(0:29999)")) == 30_002
    assert bench.ask("TRPVAL? 0,(0:30000)") == b""
    assert bench.error().startswith("-223,")
    assert bench.ask("TRPVAL? 0,(39999:40000)") == b""
    assert bench.error().startswith("-222,")


def test_text_and_packed_points_agree(bench: AnalyserBench) -> None:
    bench.record()
    packed = bench.block("TRPVAL? 3,(100:199)")[2:]

    text = bench.tell("FRMT ASCII;TRPVAL? 3,(100:199)")

    np.testing.assert_allclose([float(item) for item in text.split(",")], packed, rtol=1e-6)
