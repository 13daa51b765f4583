"""The AMETEK driver against a simulated source on a real socket."""

from __future__ import annotations

from dataclasses import replace
from math import degrees

import pytest

from instruments.ac_sources.ametek_ci import AmetekCi
from instruments.clock import Deadline
from instruments.errors import (
    CommandRejected,
    ConfigurationError,
    InstrumentError,
    LinkTimeout,
    ReadBackMismatch,
)
from instruments.interfaces import Envelope, GridStep, Stimulus
from tests.instruments.conftest import Bench

ENVELOPE = Envelope(0.0, 300.0, 45.0, 55.0, 25.0)
NOMINAL = GridStep((230.0, 230.0, 230.0), 50.0, 0.1)


@pytest.fixture
def source(bench: Bench) -> AmetekCi:
    driver = AmetekCi(bench.message("ac_source"), bench.laboratory.clock)
    driver.protect(ENVELOPE)
    return driver


def test_levels_reach_the_world_per_phase(bench: Bench, source: AmetekCi) -> None:
    source.set_levels(GridStep((231.0, 228.5, 230.2), 50.1, 0.0))
    assert bench.world.source.voltages_v == pytest.approx((231.0, 228.5, 230.2))
    assert bench.world.source.frequency_hz == pytest.approx(50.1)


@pytest.mark.parametrize("angles_deg", [(60.0, 240.0, 120.0), (-20.0, 220.0, 100.0)])
def test_angles_reach_the_world_the_shorter_way_round(
    bench: Bench, source: AmetekCi, angles_deg: tuple[float, float, float]
) -> None:
    source.set_levels(NOMINAL)
    before_rad = bench.world.source.angles_rad
    source.set_levels(replace(NOMINAL, angles_deg=angles_deg))
    turned_deg = [
        degrees(b - a) for a, b in zip(before_rad, bench.world.source.angles_rad, strict=True)
    ]
    expected = [b - a for a, b in zip(NOMINAL.angles_deg, angles_deg, strict=True)]
    assert turned_deg == pytest.approx(expected)


def test_phases_that_turn_together_turn_at_one_instant(bench: Bench, source: AmetekCi) -> None:
    source.set_levels(NOMINAL)
    source.switch_output(True)
    bench.world.contactor.command(True)
    bench.laboratory.clock.sleep(1.0)
    source.set_levels(replace(NOMINAL, angles_deg=(20.0, 260.0, 140.0)))
    last = max(s.start_s for s in bench.world.log._segments)
    turned = [s for s in bench.world.log._segments if degrees(s.angle_rad[0]) > 19]
    assert {s.start_s for s in turned} == {last}
    assert [degrees(a) for a in turned[-1].angle_rad] == pytest.approx([20.0, -100.0, 140.0])


def test_angles_are_set_again_after_levels_that_were_refused(
    bench: Bench, source: AmetekCi
) -> None:
    source.set_levels(NOMINAL)
    turned = replace(NOMINAL, angles_deg=(60.0, 240.0, 120.0))
    source.set_levels(turned)
    with pytest.raises((CommandRejected, ReadBackMismatch)):
        source.set_levels(replace(turned, voltages_v=(230.0, 500.0, 230.0)))
    bench.message("ac_source").query(":INST:NSEL 1;:PHAS 30;:PHAS?")
    source.set_levels(turned)
    assert degrees(bench.world.source.angles_rad[0]) == pytest.approx(60.0)


def test_a_program_that_changes_angles_is_refused(source: AmetekCi) -> None:
    source.set_levels(NOMINAL)
    jump = replace(NOMINAL, angles_deg=(60.0, 240.0, 120.0))
    with pytest.raises(InstrumentError, match="no angles"):
        source.load_program(Stimulus("jump", (NOMINAL, jump)))


def test_the_output_is_confirmed(bench: Bench, source: AmetekCi) -> None:
    source.switch_output(True)
    assert bench.world.source.output_on
    assert source.output_is_on()
    source.switch_output(False)
    assert not source.output_is_on()


def test_the_measured_voltages_are_those_of_each_phase(bench: Bench, source: AmetekCi) -> None:
    source.set_levels(GridStep((231.0, 228.0, 225.0), 50.0, 0.0))
    source.switch_output(True)
    bench.laboratory.clock.sleep(1.0)
    assert source.measured_voltages_v() == pytest.approx((231.0, 228.0, 225.0), abs=0.5)


def test_a_program_runs_with_the_timing_of_the_source(bench: Bench, source: AmetekCi) -> None:
    source.set_levels(NOMINAL)
    source.switch_output(True)
    bench.world.contactor.command(True)
    bench.laboratory.clock.sleep(1.0)
    high = GridStep((268.0, 230.0, 230.0), 50.0, 1.0)
    source.load_program(Stimulus("step", (NOMINAL, high, NOMINAL)))
    source.start_program()
    source.wait_program(Deadline.after(bench.laboratory.clock, 5.0))
    steps = [s for s in bench.world.log._segments if s.voltage_v[0] == 268.0]
    assert steps[-1].end_s - steps[0].start_s == pytest.approx(1.0, abs=1e-6)


def test_a_ramp_takes_its_time_and_ends_on_its_target(bench: Bench, source: AmetekCi) -> None:
    source.set_levels(NOMINAL)
    source.load_program(Stimulus("ramp", (GridStep((250.0, 240.0, 230.0), 50.5, 1.0, ramp_s=2.0),)))
    source.start_program()
    started_s = bench.world.now_s
    bench.laboratory.clock.sleep(1.0)
    assert bench.world.source.voltages_v[0] == pytest.approx(240.0, abs=0.2)
    source.wait_program(Deadline.after(bench.laboratory.clock, 5.0))
    assert bench.world.now_s - started_s >= 3.0
    assert bench.world.source.voltages_v == pytest.approx((250.0, 240.0, 230.0))
    assert bench.world.source.frequency_hz == pytest.approx(50.5)


def test_an_aborted_program_stays_where_it_was(bench: Bench, source: AmetekCi) -> None:
    source.set_levels(NOMINAL)
    source.load_program(Stimulus("long", (GridStep((250.0,) * 3, 50.0, 100.0),)))
    source.start_program()
    bench.laboratory.clock.sleep(1.0)
    source.abort_program()
    assert bench.world.source.voltages_v == pytest.approx((250.0,) * 3)


def test_waiting_for_a_program_has_a_deadline(bench: Bench, source: AmetekCi) -> None:
    source.set_levels(NOMINAL)
    source.load_program(Stimulus("long", (GridStep((250.0,) * 3, 50.0, 100.0),)))
    source.start_program()
    with pytest.raises(LinkTimeout, match="still runs"):
        source.wait_program(Deadline.after(bench.laboratory.clock, 2.0))


def test_a_level_the_source_refuses_raises(source: AmetekCi) -> None:
    with pytest.raises((CommandRejected, ReadBackMismatch), match="source"):
        source.set_levels(GridStep((230.0, 500.0, 230.0), 50.0, 0.0))


def test_an_envelope_beyond_the_source_is_refused(source: AmetekCi) -> None:
    with pytest.raises((ConfigurationError, CommandRejected)):
        source.protect(Envelope(0.0, 900.0, 45.0, 55.0, 25.0))


def test_a_program_needs_steady_levels_to_start_from(source: AmetekCi) -> None:
    with pytest.raises(InstrumentError, match="steady levels"):
        source.load_program(Stimulus("x", (NOMINAL,)))


@pytest.mark.parametrize(
    ("steps", "words"),
    [((NOMINAL,) * 101, "101 list points"), ((GridStep((230.0,) * 3, 50.0, 1e-4),), "dwell")],
)
def test_a_program_the_source_cannot_hold_is_refused(
    source: AmetekCi, steps: tuple[GridStep, ...], words: str
) -> None:
    source.set_levels(NOMINAL)
    with pytest.raises(InstrumentError, match=words):
        source.load_program(Stimulus("x", steps))


def test_every_entry_of_the_error_queue_is_raised_once(bench: Bench) -> None:
    link = bench.message("ac_source")
    source = AmetekCi(link, bench.laboratory.clock)
    assert link.query("*OPC?;:VOLT 5000") == "1"
    assert link.query("*OPC?;:NONSENSE 1") == "1"
    with pytest.raises(CommandRejected, match=r"-222.*-113"):
        source.check_errors()
    source.check_errors()
