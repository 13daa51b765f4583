"""What a client sees on the wire when links and instruments go wrong."""

from __future__ import annotations

import socket

import pytest

from instruments.errors import ConfigurationError
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.link_fault_kinds import KINDS
from instruments.simulated.transport.link_faults import Trouble
from tests.simulated.clients import ScpiClient
from tests.simulated.troubled import (
    IDENTITY,
    at_source,
    everything,
    source_with,
)


def test_a_silent_instrument_executes_and_does_not_answer() -> None:
    with source_with(at_source("silence", where="volt")) as (_, client):
        client.send(":VOLT 100;:VOLT?")
        assert everything(client) == b""

        assert client.ask(":VOLT?") == "100.0"


def test_a_deaf_instrument_does_not_even_execute() -> None:
    with source_with(at_source("deafness")) as (_, client):
        client.send(":VOLT 100;:VOLT?")
        assert everything(client) == b""

        assert client.ask(":VOLT?") == "0.0"


def test_a_delay_passes_in_the_world_before_the_answer() -> None:
    with source_with(at_source("delay", amount=30.0)) as (laboratory, client):
        assert client.ask("*IDN?") == IDENTITY

        assert laboratory.clock.now_s() == pytest.approx(30.0, abs=0.01)


def test_a_late_answer_comes_in_front_of_the_next_one() -> None:
    with source_with(at_source("late_answer")) as (_, client):
        client.send("*IDN?")
        assert everything(client) == b""

        assert client.ask(":VOLT?") == IDENTITY
        assert client.read_line() == "0.0"


def test_a_late_answer_comes_when_time_moves() -> None:
    with source_with(at_source("late_answer")) as (laboratory, client):
        client.send("*IDN?")
        assert everything(client) == b""

        laboratory.clock.sleep(0.1)

        assert client.read_line() == IDENTITY


def test_garbage_is_a_line_that_is_not_ascii() -> None:
    with source_with(at_source("garbage")) as (_, client):
        client.send("*IDN?")
        noise = everything(client)

        assert len(noise) == len(IDENTITY) + 1
        assert noise.endswith(b"\n")
        assert all(byte >= 0x80 for byte in noise[:-1])


def test_garbage_follows_from_the_seed() -> None:
    noises = []
    for _ in range(2):
        with source_with(at_source("garbage")) as (_, client):
            client.send("*IDN?")
            noises.append(everything(client))

    assert noises[0] == noises[1]


def test_a_truncated_answer_has_no_end() -> None:
    with source_with(at_source("truncated_answer")) as (_, client):
        client.send("*IDN?")

        assert everything(client) == IDENTITY.encode("ascii")[: (len(IDENTITY) + 1) // 2]


def test_a_truncated_block_announces_more_than_it_brings() -> None:
    trouble = Trouble("truncated_block", "power_analyser")
    with (
        Laboratory(World(InverterParameters()), seed=1, troubles=[trouble]) as laboratory,
        ScpiClient(laboratory.ports["power_analyser"]) as client,
    ):
        client.ask("*ZLANG SHORT;FRMT PACKED;TRCTRAC 0,'U1';TRANSIENTRESTART;*OPC?")
        client.ask("TRANSIENTNOW;*OPC?")
        laboratory.clock.sleep(1.0)
        client.send("TRPVAL? 0,(0:99)")
        data = everything(client)

        assert data.startswith(b"#3408")
        assert len(data) == (len("#3408") + 408 + 1) // 2
        assert client.ask("*IDN?").startswith("ZES")


def test_a_dropped_connection_ends_in_the_middle_of_an_answer() -> None:
    with source_with(at_source("dropped_connection")) as (laboratory, client):
        client.send("*IDN?")
        with pytest.raises(ConnectionError):
            client.read_line()

        assert 0 < len(client.received) < len(IDENTITY)
        with ScpiClient(laboratory.ports["ac_source"]) as again:
            assert again.ask("*IDN?") == IDENTITY


def test_a_replayed_answer_is_that_to_the_question_before() -> None:
    with source_with(at_source("replayed_answer", where="volt")) as (_, client):
        assert client.ask("*IDN?") == IDENTITY

        assert client.ask(":VOLT?") == IDENTITY
        assert client.ask(":VOLT?") == "0.0"


def test_there_is_nothing_to_replay_before_the_first_answer() -> None:
    with source_with(at_source("replayed_answer")) as (_, client):
        assert client.ask("*IDN?") == IDENTITY
        assert client.ask(":VOLT?") == IDENTITY


def test_a_stale_reading_is_what_was_read_before() -> None:
    with source_with(at_source("stale_reading", from_s=1.0, count=None)) as (laboratory, client):
        assert client.ask(":VOLT?") == "0.0"
        client.ask(":VOLT 100;*OPC?")
        laboratory.clock.sleep(1.0)

        assert [client.ask(":VOLT?") for _ in range(3)] == ["0.0"] * 3
        assert client.ask(":VOLT? MAX") == "166.0"


def test_an_entry_appears_in_the_error_queue() -> None:
    with source_with(at_source("error_entry", amount=-310)) as (_, client):
        assert client.ask(":SYST:ERR?;ERR?") == '-310,"System error;trouble";0,"No error"'

    with source_with(at_source("error_entry", where="idn")) as (_, client):
        client.ask("*CLS;*OPC?")
        client.ask("*IDN?")
        assert client.ask("*ESR?;:SYST:ERR?") == '16;-240,"Hardware error;trouble"'


def test_a_rejected_command_ends_its_message_with_an_error() -> None:
    with source_with(at_source("rejected_command", where=":VOLT 1")) as (_, client):
        client.send(":CURR 5;:VOLT 100;:VOLT?")
        assert everything(client) == b""

        # The first setting is the one refused; the answer behind it is gone with it.
        assert client.ask(":CURR?;:VOLT?") == "90.4;0.0"
        assert client.ask(":SYST:ERR?").startswith('-200,"Execution error;:CURR 5')


def test_an_ignored_write_leaves_everything_as_it_was_and_no_error() -> None:
    with source_with(at_source("ignored_write")) as (_, client):
        assert client.ask(":VOLT 100;:VOLT?;:SYST:ERR?") == '0.0;0,"No error"'
        assert client.ask(":VOLT 100;:VOLT?") == "100.0"


def test_an_answer_of_not_a_number_keeps_its_form() -> None:
    with source_with(at_source("nan_answer", where="volt")) as (_, client):
        assert client.ask(":VOLT?;:FREQ?;:INST:NSEL?;:VOLT:MODE?") == "9.91E+37;9.91E+37;1;FIX"


def test_an_instrument_writes_not_a_number_in_its_own_way() -> None:
    trouble = Trouble("nan_answer", "power_analyser", where="utrms")
    with (
        Laboratory(World(InverterParameters()), seed=1, troubles=[trouble]) as laboratory,
        ScpiClient(laboratory.ports["power_analyser"]) as client,
    ):
        laboratory.clock.sleep(2.0)
        stamp, value = client.ask("*ZLANG SHORT;INIM;TSNORM?;UTRMS1?").split(";")

        assert value == "NAN"
        assert stamp.count(":") == 4


def test_an_over_range_answer_is_a_huge_number() -> None:
    with source_with(at_source("over_range_answer")) as (_, client):
        assert client.ask(":VOLT?") == "9.9E+37"


def test_a_protection_trips_at_its_time_without_being_asked() -> None:
    with source_with(at_source("protection_tripped", from_s=5.0)) as (laboratory, client):
        client.ask(":VOLT 100;:OUTP ON;*OPC?")
        laboratory.clock.sleep(4.9)
        assert client.ask(":OUTP?;:STAT:QUES:INST:ISUM:COND?") == "1;0"

        laboratory.clock.sleep(0.1)

        assert client.ask(":OUTP?;:STAT:QUES:INST:ISUM:COND?") == "0;2"


@pytest.mark.parametrize("command", [":OUTP OFF", ":OUTPut:STATe 0", "*RST", "outp off;*RST"])
def test_an_output_that_stays_on_says_so_when_asked(command: str) -> None:
    world = World(InverterParameters())
    trouble = at_source("output_stays_on", count=None)
    with (
        Laboratory(world, seed=1, troubles=[trouble]) as laboratory,
        ScpiClient(laboratory.ports["ac_source"]) as client,
    ):
        client.ask(":VOLT 100;:OUTP ON;*OPC?")

        client.ask(f"{command};*OPC?")

        assert client.ask(":OUTP?;:SYST:ERR?") == '1;0,"No error"'
        assert world.source.output_on


def test_a_second_client_is_turned_away_until_the_first_has_gone() -> None:
    with source_with(at_source("single_client")) as (laboratory, client):
        assert client.ask("*IDN?") == IDENTITY
        with ScpiClient(laboratory.ports["ac_source"]) as second, pytest.raises(ConnectionError):
            second.ask("*IDN?")
        assert client.ask("*IDN?") == IDENTITY
        client.socket.shutdown(socket.SHUT_RDWR)
        laboratory.clock.sleep(0.1)

        with ScpiClient(laboratory.ports["ac_source"]) as third:
            assert third.ask("*IDN?") == IDENTITY


def test_troubles_wait_for_their_time_and_end_with_it() -> None:
    trouble = at_source("silence", from_s=1.0, until_s=2.0, count=None)
    with source_with(trouble) as (laboratory, client):
        assert client.ask("*IDN?") == IDENTITY
        laboratory.clock.sleep(1.0)
        client.send("*IDN?")
        client.send("*IDN?")
        assert everything(client) == b""
        laboratory.clock.sleep(1.0)
        assert client.ask("*IDN?") == IDENTITY


def test_troubles_act_on_as_many_exchanges_as_counted() -> None:
    with source_with(at_source("over_range_answer", count=3, where="volt")) as (_, client):
        answers = [client.ask(text) for text in ["*IDN?", *[":VOLT?"] * 5]]

    assert answers == [IDENTITY, *["9.9E+37"] * 3, "0.0", "0.0"]


def test_troubles_of_one_instrument_add_up() -> None:
    troubles = [at_source("over_range_answer"), at_source("delay", amount=10.0)]
    with source_with(*troubles) as (laboratory, client):
        assert client.ask(":VOLT?") == "9.9E+37"
        assert laboratory.clock.now_s() > 10


def test_other_instruments_are_not_touched() -> None:
    with source_with(Trouble("deafness", "power_analyser", count=None)) as (_, client):
        assert client.ask("*IDN?") == IDENTITY


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (Trouble("gremlin", "ac_source"), "known: deafness, delay, .*truncated_block"),
        (Trouble("silence", "toaster"), "roles: ac_source, power_analyser"),
        (Trouble("modbus_exception_2", "ac_source"), "protocol modbus"),
        (Trouble("nan_answer", "contactor"), "protocol scpi"),
        (Trouble("protection_tripped", "power_analyser"), "ProtectedService"),
        (Trouble("silence", "ac_source", count=0), "count"),
        (Trouble("silence", "ac_source", from_s=2.0, until_s=1.0), "until_s"),
        (Trouble("silence", "ac_source", where="("), "regular expression"),
        (Trouble("error_entry", "ac_source", amount=-999), "no standard error"),
        (Trouble("delay", "ac_source", amount=-1), "0 s or more"),
    ],
)
def test_a_trouble_that_cannot_be_is_refused_with_what_can(trouble: Trouble, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Laboratory(World(InverterParameters()), seed=1, troubles=[trouble])


@pytest.mark.parametrize("name", sorted(KINDS))
def test_no_trouble_brings_the_laboratory_down(name: str) -> None:
    role = "ac_source" if "scpi" in KINDS[name].protocols else "contactor"
    trouble = Trouble(name, role, count=None)
    messages = [b"*IDN?\n", b":VOLT 'open\n", b"\x00\xff\n", b";;\n", b":OUTP ON;:OUTP OFF\n"]
    frames = [bytes([0, k, 0, 0, 0, 3, 1, 43, 14]) for k in range(3)]
    with (
        Laboratory(World(InverterParameters()), seed=1, troubles=[trouble]) as laboratory,
        socket.create_connection(("127.0.0.1", laboratory.ports[role])) as client,
    ):
        client.sendall(b"".join(messages if role == "ac_source" else frames))
        laboratory.clock.sleep(1.0)

        assert laboratory.clock.now_s() >= 1.0
