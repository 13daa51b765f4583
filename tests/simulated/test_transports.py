"""The same instruments over every transport, with pyvisa-py as the client, as for a user."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from instruments.errors import ConfigurationError
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.serial_line import AVAILABLE
from instruments.simulated.transport.server_loop import take_line
from tests.simulated.visa import opened

SERIAL = pytest.param(
    "serial", marks=pytest.mark.skipif(not AVAILABLE, reason="no pseudo-terminals here")
)
ALL = ["socket", "hislip", "vxi11", SERIAL]
START_SOURCE = ":VOLT:RANG 333;:VOLT 230;:FREQ 50;:OUTP ON;*OPC?"


def laboratory_over(name: str, **options: float) -> Laboratory:
    transports = {"ac_source": name, "power_analyser": name}
    return Laboratory(World(InverterParameters()), seed=1, transports=transports, **options)


@pytest.fixture
def laboratory(transport: str) -> Iterator[Laboratory]:
    with laboratory_over(transport) as running:
        yield running


@pytest.mark.parametrize("transport", ALL)
def test_an_instrument_is_asked_and_set_over_every_transport(laboratory: Laboratory) -> None:
    with opened(laboratory, "ac_source") as source:
        assert source.query("*IDN?").startswith("CALIFORNIA INSTRUMENTS,SQ0045,")
        assert source.query(START_SOURCE) == "1"
        source.write(":VOLT 200;:FREQ 49")

        assert source.query(":VOLT?;:FREQ?;:SYST:ERR?") == '200.0;49.00;0,"No error"'


@pytest.mark.parametrize("transport", ALL)
def test_a_block_with_line_feeds_in_it_arrives_whole(laboratory: Laboratory) -> None:
    setup = "*ZLANG SHORT;FRMT PACKED;TRCTRAC 0,'U1';TRCSR 20000;TRRECLEN 1.5;TRANSIENTRESTART"
    with opened(laboratory, "ac_source") as source, opened(laboratory, "power_analyser") as meter:
        source.query(START_SOURCE)
        meter.query(f"{setup};*OPC?")
        meter.query("TRANSIENTNOW;*OPC?")
        laboratory.clock.sleep(2.0)

        block = meter.query_binary_values("TRPVAL? 0,(0:29999)", container=np.array)

        assert block[:2] == pytest.approx([0, 29_999])
        assert len(block) == 30_002
        assert meter.query("SYST:ERR:ALL?") == '0,"No error"'


@pytest.mark.parametrize("transport", ALL)
def test_an_exchange_takes_the_same_simulated_time_over_every_transport(transport: str) -> None:
    moments_s = []
    for name in ("socket", transport):
        with laboratory_over(name) as running, opened(running, "ac_source") as source:
            for _ in range(20):
                source.query(":VOLT?")
            moments_s.append(running.clock.now_s())

    assert moments_s[0] == moments_s[1] > 0


@pytest.mark.parametrize("transport", ["socket", "hislip", "vxi11"])
def test_an_unacknowledged_command_is_executed_before_time_moves(laboratory: Laboratory) -> None:
    with opened(laboratory, "ac_source") as source:
        source.query(START_SOURCE)
        for level in range(200, 230):
            source.write(f":VOLT {level}")
            laboratory.clock.sleep(0.01)

            assert source.query(":VOLT?") == f"{level}.0"


@pytest.mark.parametrize("transport", ["hislip", "vxi11"])
def test_a_message_longer_than_one_piece_arrives_as_one(laboratory: Laboratory) -> None:
    with opened(laboratory, "ac_source") as source:
        padding = " " * 2_500_000
        assert source.query(f"*IDN?;{padding};:VOLT?").endswith(";0.0")


@pytest.mark.parametrize("transport", ["hislip", "vxi11"])
def test_a_new_message_drops_the_unread_answer_and_says_so(laboratory: Laboratory) -> None:
    with opened(laboratory, "ac_source") as source:
        source.write("*IDN?")
        source.write(":VOLT?")

        assert source.read() == "0.0"
        assert source.query("*ESR?;:SYST:ERR?").startswith(f"{128 + 4};-410,")


@pytest.mark.parametrize("transport", ["hislip", "vxi11"])
def test_reading_in_time_is_no_interruption(laboratory: Laboratory) -> None:
    with opened(laboratory, "ac_source") as source:
        for _ in range(50):
            source.query("*IDN?")
            source.write(":VOLT 10")

        assert source.query(":SYST:ERR?").startswith("0,")


@pytest.mark.parametrize("transport", ["hislip", "vxi11"])
def test_an_answer_can_be_read_in_parts(laboratory: Laboratory) -> None:
    with opened(laboratory, "ac_source") as source:
        source.write("*IDN?")

        assert source.read_bytes(10) == b"CALIFORNIA"
        assert source.read_bytes(12) == b" INSTRUMENTS"
        assert source.read().startswith(",SQ0045,")
        assert source.query(":SYST:ERR?").startswith("0,")


@pytest.mark.parametrize("transport", ["hislip", "vxi11"])
def test_the_status_byte_can_be_polled(laboratory: Laboratory) -> None:
    with opened(laboratory, "ac_source") as source:
        source.query("*CLS;*ESE 32;*SRE 32;*OPC?")
        assert source.read_stb() == 0
        source.write("NONSENSE")

        assert source.read_stb() == 4 + 32 + 64
        assert source.read_stb() == 4 + 32
        source.write("*IDN?")
        assert source.read_stb() & 16
        source.read()
        assert not source.read_stb() & 16


@pytest.mark.parametrize("transport", ["hislip", "vxi11"])
def test_a_device_clear_ends_lists_and_leaves_no_error(laboratory: Laboratory) -> None:
    with opened(laboratory, "ac_source") as source:
        source.query(":VOLT:MODE LIST;*OPC?")

        source.clear()

        assert source.query(":VOLT:MODE?;:SYST:ERR?") == 'FIX;0,"No error"'


def test_a_device_clear_drops_the_unread_answer_on_vxi11() -> None:
    with laboratory_over("vxi11") as running, opened(running, "ac_source") as source:
        source.write("*IDN?")

        source.clear()

        assert source.query(":VOLT?;:SYST:ERR?") == '0.0;0,"No error"'


def test_reading_without_asking_times_out_in_simulated_time_on_vxi11() -> None:
    with laboratory_over("vxi11") as running, opened(running, "ac_source") as source:
        before_s = running.clock.now_s()
        with pytest.raises(Exception, match="VI_ERROR_TMO"):
            source.read()

        assert running.clock.now_s() - before_s == pytest.approx(10.0)
        assert source.query(":SYST:ERR?").startswith("-420,")


@pytest.mark.parametrize("transport", ["hislip", "vxi11"])
def test_a_message_that_fits_nowhere_is_a_deadlock(laboratory: Laboratory) -> None:
    with opened(laboratory, "ac_source") as source:
        source.write(";".join(["*IDN?"] * 3000))

        assert source.query(":SYST:ERR?").startswith("-430,")


def test_a_trigger_starts_what_trg_would_on_vxi11() -> None:
    with laboratory_over("vxi11") as running, opened(running, "ac_source") as source:
        source.assert_trigger()

        assert source.query(":SYST:ERR?").startswith("-211,")


def test_two_clients_of_hislip_get_their_own_answers() -> None:
    with (
        laboratory_over("hislip") as running,
        opened(running, "ac_source") as one,
        opened(running, "ac_source") as other,
    ):
        one.write("*IDN?")
        assert other.query(":FREQ?") == "50.00"
        assert one.read().startswith("CALIFORNIA")


def test_a_lock_keeps_other_clients_out_on_vxi11() -> None:
    with (
        laboratory_over("vxi11") as running,
        opened(running, "ac_source") as one,
        opened(running, "ac_source") as other,
    ):
        one.lock_excl()
        with pytest.raises(Exception, match="VI_ERROR"):
            other.query("*IDN?")
        one.unlock()

        assert other.query("*IDN?").startswith("CALIFORNIA")


def test_resources_are_what_pyvisa_py_opens() -> None:
    for name, form in (
        ("hislip", "TCPIP::127.0.0.1::hislip0,{}::INSTR"),
        ("vxi11", "TCPIP::127.0.0.1,{}::inst0::INSTR"),
    ):
        with laboratory_over(name) as running:
            expected = form.format(running.ports["ac_source"])
            assert running.resources["ac_source"] == expected


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"ac_source": "usb"}, "socket, hislip, vxi11, serial"),
        ({"nobody": "socket"}, "ac_source, power_analyser"),
        ({"inverter": "hislip"}, "tcp, rtu_tcp, rtu"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_what_can(
    choice: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Laboratory(World(InverterParameters()), seed=1, transports=choice)


class Plain:
    """An instrument without a status system."""

    protocol = "scpi"
    latency_s = 0.0
    split = staticmethod(take_line)

    def answer(self, message: bytes) -> bytes:
        return message


def test_a_transport_that_needs_a_status_system_refuses_an_instrument_without() -> None:
    with pytest.raises(ConfigurationError, match="status system"):
        Laboratory(
            World(InverterParameters()),
            seed=1,
            services={"plain": Plain()},
            transports={"plain": "vxi11"},
        )
