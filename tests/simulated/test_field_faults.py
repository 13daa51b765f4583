"""Faults that inverters, gateways and clouds have shown in the field, and what the bench makes of each.

The numbers are those of the table in docs/field_faults.md.
"""

from __future__ import annotations

import os
import sys

import pytest

from instruments.clock import WallClock
from instruments.errors import (
    BenchError,
    LinkClosed,
    LinkError,
    LinkRefused,
    LinkTimeout,
    ReadBackMismatch,
    RegisterError,
)
from instruments.interfaces import ControlMode
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from instruments.simulated.transport.link_faults import Trouble
from tests.simulated.field_bench import MARKER, VENDOR, FieldBench, in_the_field, trouble

SUSTAINED = VENDOR + 6
"""Limit of the ten-minute mean, 0.1 V."""
VOLTAGE = 40_070 + 16
"""701.LNV."""
LEAST_TOGETHER = 120
"""Registers of 701 up to its scale factors."""
POWER = ControlMode.POWER_LIMIT
EXPECTED = [0x5375, 0x6E53, 1, 66]
READ = {"where": "read"}

ASKED_AGAIN: dict[str, Trouble] = {
    "3 slow to answer": trouble("late_answer", count=3, **READ),
    "3 slow to execute": trouble("delay", count=3, amount=10.0, **READ),
    "4 gateway tick": trouble("gateway_tick", count=None, **READ),
    "5 gateway replays an older frame": trouble("older_answer", count=3, **READ),
    "6 frames corrupted by another client": trouble("garbage", count=3, **READ),
    "6 frames cut by another client": trouble("truncated_answer", count=3, **READ),
    "8 connection closed while idle": trouble("idle_close", **READ),
    "9 busy": trouble("modbus_exception_6", count=3, **READ),
    "9 still working": trouble("modbus_exception_5", count=3, **READ),
    "10 starting or updating": trouble("modbus_exception_4", count=3, **READ),
    "11 gateway path unavailable": trouble("modbus_exception_10", count=3, **READ),
    "11 gateway target silent": trouble("modbus_exception_11", count=3, **READ),
    "22 another transaction": trouble("wrong_transaction", count=3, **READ),
    "22 an old transaction": trouble("replayed_frame", count=3, **READ),
    "23 silent": trouble("silence", count=3, **READ),
}


@pytest.mark.parametrize("fault", ASKED_AGAIN)
def test_a_passing_fault_costs_time_and_no_value(fault: str) -> None:
    with in_the_field(ASKED_AGAIN[fault]) as bench:
        assert bench.link.read(MARKER, 2) == EXPECTED[:2]
        bench.wait(100.0)
        assert bench.link.read(MARKER + 2, 3) == [1, 66, bench.registers.read(MARKER + 4, 1)[0]]
        assert bench.link.read(MARKER, 4) == EXPECTED


@pytest.mark.parametrize("fault", ASKED_AGAIN)
def test_a_fault_that_stays_is_trouble_of_the_link_and_no_value(fault: str) -> None:
    one = ASKED_AGAIN[fault]
    stays = Trouble(one.name, one.role, where=one.where, count=None, amount=one.amount)
    with in_the_field(stays, attempts=2) as bench:
        for address, count in ((MARKER, 2), (MARKER + 2, 2), (MARKER + 1, 3)):
            try:
                assert bench.link.read(address, count) == EXPECTED[address - MARKER :][:count]
            except BenchError as error:
                assert isinstance(error, LinkError | RegisterError)


LOST_ANSWERS = ("silence", "dropped_connection", "garbage", "truncated_answer", "wrong_transaction")
NEVER_DONE = ("deafness", "idle_close")


@pytest.mark.parametrize("name", LOST_ANSWERS)
def test_a_write_whose_answer_is_lost_is_sent_once_and_decided_by_reading_back(name: str) -> None:
    with in_the_field(trouble(name, where="write")) as bench:
        bench.link.write(SUSTAINED, [2550])
        assert bench.written == [(SUSTAINED, [2550])]
        assert len(bench.writes_sent) == 1


@pytest.mark.parametrize("name", NEVER_DONE)
def test_a_write_that_never_arrived_is_an_error_that_says_so(name: str) -> None:
    with in_the_field(trouble(name, where="write", amount=10.0)) as bench:
        if name == "idle_close":
            bench.link.write(SUSTAINED, [2560])
            bench.wait(60.0)
        with pytest.raises((LinkTimeout, LinkClosed), match=r"carried out is not known.*sent once"):
            bench.link.write(SUSTAINED, [2550])
        assert (SUSTAINED, [2550]) not in bench.written
        assert bench.writes_sent.count(f"write {2550:04X} at {SUSTAINED}, unit 1") == 1


@pytest.mark.parametrize("code", [5, 6, 10, 11])
def test_a_write_that_was_put_off_is_not_sent_again(code: int) -> None:
    with in_the_field(trouble(f"modbus_exception_{code}", where="write")) as bench:
        with pytest.raises(RegisterError) as caught:
            bench.link.write(SUSTAINED, [2550])
        assert caught.value.code == code
        assert bench.written == []
        assert len(bench.writes_sent) == 1


def test_1_a_measurement_is_new_once_a_second() -> None:
    with in_the_field(running=True, communication__refresh_s=1.0) as bench:
        bench.world.source.ramp_to((240.0,) * 3, 50.0, 10.0)
        seen = []
        for _ in range(40):
            seen += bench.link.read(VOLTAGE, 1)
            bench.wait(0.05)
        assert 3 <= len(set(seen)) <= 5


def test_2_value_and_scale_factor_come_in_one_request() -> None:
    with in_the_field(running=True, communication__refresh_s=0.05) as bench:
        driver = bench.driver()
        driver.status()
        before = bench.transcript.count
        driver.status()
        requests = [one.request for one in bench.transcript.recent][before:]
        assert max(int(request.split()[1]) for request in requests) >= LEAST_TOGETHER


def test_7_a_second_client_is_refused_and_the_first_goes_on() -> None:
    with in_the_field(trouble("single_client")) as bench:
        assert bench.link.read(MARKER, 2) == EXPECTED[:2]
        clock = WallClock()
        with pytest.raises((LinkClosed, LinkRefused, LinkTimeout)):
            second = ModbusRegisterLink.open_tcp(
                "127.0.0.1",
                bench.laboratory.ports["inverter"],
                unit=1,
                name="second",
                clock=bench.laboratory.clock,
                transcript=Transcript(None, clock),
                timeout_s=0.3,
            )
            try:
                second.read(MARKER, 2)
            finally:
                second.close()
        assert bench.link.read(MARKER, 4) == EXPECTED


def test_12_a_refusal_for_want_of_permission_is_not_asked_again() -> None:
    with in_the_field(communication__access__unlock_code=4711) as bench:
        with pytest.raises(RegisterError, match="exception 128") as caught:
            bench.link.write(SUSTAINED, [2550])
        assert caught.value.code == 0x80
        bench.link.put_back()
        assert bench.memory == {}
        assert len(bench.writes_sent) == 1


def test_13_a_write_that_is_acknowledged_and_forgotten_is_found_out() -> None:
    with (
        in_the_field(trouble("ignored_write", where="write", count=None)) as bench,
        pytest.raises(ReadBackMismatch, match=r"was set to 35\.0, reads 100"),
    ):
        bench.driver().controls.command(POWER, 0.35)


@pytest.mark.parametrize(("delay_s", "shown_s"), [(1.5, 0.0), (0.2, 1.5)])
def test_14_a_write_that_takes_effect_later_is_waited_for(delay_s: float, shown_s: float) -> None:
    changes = {
        "communication__write_delay_s": delay_s,
        "communication__read_back_delay_s": shown_s,
    }
    with in_the_field(**changes) as bench:
        bench.driver().controls.command(POWER, 0.35)
        assert bench.world.inverter.settings.power_limit_pu == pytest.approx(0.35)


@pytest.mark.parametrize("latch", ["at once", "on enable"])
def test_15_a_set_point_is_written_before_its_mode_is_switched_on(latch: str) -> None:
    with in_the_field(communication__access__latch=latch) as bench:
        bench.driver().controls.command(POWER, 0.35)
        bench.wait(1.0)
        assert bench.world.inverter.settings.power_limit_pu == pytest.approx(0.35)


def test_17_what_a_cloud_writes_back_is_seen_by_the_next_read() -> None:
    with in_the_field(trouble("overwritten", where="write", amount=5.0)) as bench:
        [before] = bench.link.read(SUSTAINED, 1)
        bench.link.write(SUSTAINED, [2550])
        bench.wait(2.0)
        assert bench.link.read(SUSTAINED, 1) == [2550]
        bench.wait(5.0)
        assert bench.link.read(SUSTAINED, 1) == [before]
        bench.link.put_back()
        assert bench.memory == {}


def test_18_a_restart_after_a_change_of_region_is_waited_out() -> None:
    with in_the_field(communication__access__restart_s=5.0) as bench:
        bench.link.write(VENDOR + 5, [3])
        bench.wait(0.5)
        with pytest.raises(RegisterError, match="exception 4"):
            bench.bare.read(MARKER, 2)
        assert bench.link.read(VENDOR + 5, 1) == [3]
        assert bench.world.inverter.settings.region == "C"


STANDSTILL = {"zero": 0.0, "not implemented": None}


@pytest.mark.parametrize("shown", STANDSTILL)
def test_19_and_25_what_is_missing_is_not_zero(shown: str) -> None:
    with in_the_field(communication__misreport__at_standstill=shown) as bench:
        bench.wait(3.0)
        assert bench.driver().status().active_power_w == STANDSTILL[shown]


def test_20_and_21_what_the_registers_say_of_power_is_a_note_and_no_measurement() -> None:
    """The driver hands on what it is told; nothing judged comes from there."""
    with in_the_field(running=True, communication__misreport__zero_every=1) as bench:
        status = bench.driver().status()
        assert status.connected is True
        assert status.active_power_w == 0.0
        assert bench.world.inverter.settings.power_limit_pu == 1.0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_24_a_serial_port_in_use_is_refused() -> None:
    import pty

    own, far = pty.openpty()
    device, clock = os.ttyname(far), WallClock()

    def opened() -> ModbusRegisterLink:
        return ModbusRegisterLink.open_serial(
            device, unit=1, name="inverter", clock=clock, transcript=Transcript(None, clock)
        )

    first = opened()
    with pytest.raises(LinkRefused, match=device):
        opened()
    first.close()
    for descriptor in (own, far):
        os.close(descriptor)


def test_registers_are_put_back_last_written_first_and_only_where_they_differ() -> None:
    with in_the_field() as bench:
        before = [bench.link.read(SUSTAINED, 1), bench.link.read(VENDOR + 12, 1)]
        bench.link.write(SUSTAINED, [2550])
        bench.link.write(VENDOR + 12, [300])
        bench.link.write(SUSTAINED, [2560])
        bench.link.write(VENDOR + 14, bench.link.read(VENDOR + 14, 1))
        bench.wait(1.0)
        bench.link.put_back()
        assert [bench.link.read(SUSTAINED, 1), bench.link.read(VENDOR + 12, 1)] == before
        assert [address for address, _ in bench.written[4:]] == [VENDOR + 12, SUSTAINED]
        assert bench.memory == {}


def forget(_address: int, _values: list[int]) -> None:
    """Acknowledge a write and do nothing."""


def test_registers_that_cannot_be_put_back_are_named_with_what_they_held() -> None:
    with in_the_field() as bench:
        [before] = bench.link.read(SUSTAINED, 1)
        bench.link.write(SUSTAINED, [2550])
        bench.wait(1.0)
        bench.registers.write = forget
        with pytest.raises(BenchError, match=rf"{SUSTAINED}\+1, which held \[{before}\]"):
            bench.link.put_back()
        assert bench.memory == {f"{SUSTAINED}+1": [before]}


def test_a_fifth_of_exceptions_and_delays_changes_no_value() -> None:
    names = ("modbus_exception_4", "modbus_exception_6", "modbus_exception_11", "delay")
    disturbed = [trouble(name, count=None, share=0.2, amount=0.5, where="read") for name in names]

    def read(bench: FieldBench) -> list[list[int]]:
        return [bench.link.read(MARKER + at, 1 + at % 7) for at in range(60)]

    with in_the_field(*disturbed) as bench, in_the_field() as undisturbed:
        assert read(bench) == read(undisturbed)
