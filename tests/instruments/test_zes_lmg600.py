"""The LMG600 driver against a simulated analyser on a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from instruments.analysers.zes_lmg600 import Lmg600, _time_stamp_s
from instruments.clock import Clock, Deadline
from instruments.errors import InstrumentError, LinkGarbled, LinkTimeout, StaleReading
from instruments.links.message import VisaMessageLink
from instruments.links.transcript import Transcript
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.link_faults import Trouble
from tests.instruments.conftest import Bench


@pytest.fixture
def analyser(bench: Bench) -> Lmg600:
    driver = Lmg600(bench.message("power_analyser"), bench.laboratory.clock)
    driver.configure()
    bench.world.source.ramp_to((230.0, 229.0, 231.0), 50.0, 0.0)
    bench.world.source.switch_output(True)
    bench.world.contactor.command(True)
    bench.laboratory.clock.sleep(500.0)
    return driver


def test_a_reading_shows_the_terminals(analyser: Lmg600) -> None:
    reading = analyser.read()
    assert reading.voltages_v == pytest.approx((230.0, 229.0, 231.0), rel=5e-4)
    assert reading.active_power_w == pytest.approx(10_000, rel=1e-3)
    assert reading.frequency_hz == pytest.approx(50.0, abs=0.005)
    assert reading.requested_s < reading.answered_s


def test_readings_are_never_the_same_twice(analyser: Lmg600) -> None:
    ends_s = [analyser.read().end_s for _ in range(20)]
    assert np.all(np.diff(ends_s) > 0.05)


def test_a_dead_bus_has_no_frequency(bench: Bench, analyser: Lmg600) -> None:
    bench.world.source.switch_output(False)
    bench.laboratory.clock.sleep(5.0)
    reading = analyser.read()
    assert np.isnan(reading.frequency_hz)
    assert max(reading.voltages_v) < 1.0


def test_a_record_holds_the_event_in_the_recorders_time_base(
    bench: Bench, analyser: Lmg600
) -> None:
    before_s = analyser.read().end_s
    analyser.arm_recording(20_000.0, 0.2, 1.0)
    analyser.trigger_recording()
    bench.laboratory.clock.sleep(0.3)
    bench.world.contactor.command(False)
    recording = analyser.fetch_recording(Deadline.after(bench.laboratory.clock, 5.0))
    assert recording.sample_count == 20_000
    assert recording.sample_rate_hz == 20_000.0
    assert 0.0 < recording.start_s - before_s < 1.0
    current = np.abs(recording.channels["ig1"])
    stopped_s = float(np.flatnonzero(current > 0.5)[-1]) / 20_000.0
    assert stopped_s == pytest.approx(0.2 + 0.3 + 0.025, abs=0.05)
    assert float(current[-2000:].max()) < 0.1


def test_the_record_and_the_reading_agree(bench: Bench, analyser: Lmg600) -> None:
    analyser.arm_recording(10_000.0, 0.1, 0.6)
    analyser.trigger_recording()
    recording = analyser.fetch_recording(Deadline.after(bench.laboratory.clock, 5.0))
    reading = analyser.read()
    rms = float(np.sqrt(np.mean(recording.channels["i2"][:5000] ** 2)))
    assert rms == pytest.approx(reading.currents_a[1], rel=2e-3)
    power_w = np.mean(recording.channels["u1"][:5000] * recording.channels["i1"][:5000])
    assert float(power_w) == pytest.approx(reading.active_powers_w[0], rel=2e-3)


def test_an_unfinished_record_is_a_time_out(bench: Bench, analyser: Lmg600) -> None:
    analyser.arm_recording(10_000.0, 0.1, 60.0)
    analyser.trigger_recording()
    with pytest.raises(LinkTimeout, match="not complete"):
        analyser.fetch_recording(Deadline.after(bench.laboratory.clock, 1.0))


def test_a_record_that_was_not_armed_is_refused(bench: Bench, analyser: Lmg600) -> None:
    with pytest.raises(InstrumentError, match="no record was armed"):
        analyser.fetch_recording(Deadline.after(bench.laboratory.clock, 1.0))


def test_time_stamps_count_seconds_across_midnight() -> None:
    late = _time_stamp_s("2026:11:020D23:59:59.900000000".replace("020D", "20D"))
    early = _time_stamp_s("2026:11:21D00:00:00.100000000")
    assert early - late == pytest.approx(0.2, abs=1e-6)


def test_a_time_stamp_of_another_form_is_refused() -> None:
    with pytest.raises(LinkGarbled, match="YYYY:MM:DDDhh"):
        _time_stamp_s("2026-11-20 10:00:00")


@pytest.fixture
def troubled(request: pytest.FixtureRequest) -> Iterator[tuple[Lmg600, Clock]]:
    """A driver whose analyser has the trouble the test names, from 510 s on."""
    name, where = request.param
    trouble = Trouble(name, "power_analyser", from_s=510.0, count=None, where=where)
    world = World(InverterParameters(), load_power_w=8000.0)
    with Laboratory(world, seed=1, troubles=[trouble]) as laboratory:
        link = VisaMessageLink.open(
            str(laboratory.resources["power_analyser"]),
            name="power_analyser",
            clock=laboratory.clock,
            transcript=Transcript(None, laboratory.clock),
        )
        driver = Lmg600(link, laboratory.clock)
        driver.configure()
        yield driver, laboratory.clock
        link.close()


@pytest.mark.parametrize(
    ("troubled", "words"),
    [
        (("stale_reading", "TSTR"), "it is not new"),
        (("stale_reading", "TRPVAL"), "delivered before"),
    ],
    indirect=["troubled"],
)
def test_a_record_that_was_delivered_before_is_stale(
    troubled: tuple[Lmg600, Clock], words: str
) -> None:
    analyser, clock = troubled
    for number in range(2):
        clock.sleep(505.0)
        analyser.arm_recording(10_000.0, 0.1, 0.3)
        analyser.trigger_recording()
        if number == 0:
            analyser.fetch_recording(Deadline.after(clock, 5.0))
    with pytest.raises(StaleReading, match=words):
        analyser.fetch_recording(Deadline.after(clock, 5.0))


@pytest.mark.parametrize("troubled", [("nan_answer", "INIM")], indirect=True)
def test_a_voltage_that_is_not_a_number_is_no_reading(troubled: tuple[Lmg600, Clock]) -> None:
    analyser, clock = troubled
    clock.sleep(520.0)
    with pytest.raises(LinkGarbled, match="UTRMS1"):
        analyser.read()


def test_a_record_holds_the_channels_that_were_asked_for(bench: Bench, analyser: Lmg600) -> None:
    analyser.arm_recording(10_000.0, 0.1, 0.3, ("i2", "ig1"))
    analyser.trigger_recording()
    recording = analyser.fetch_recording(Deadline.after(bench.laboratory.clock, 5.0))
    assert list(recording.channels) == ["i2", "ig1"]
    assert dict(recording.units) == {"i2": "A", "ig1": "A"}
