"""The simulated laboratory as its users see it: ports, clock, ordinary clients, same bytes again."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import pytest
import pyvisa
from pymodbus.client import ModbusTcpClient
from pyvisa.resources import MessageBasedResource

from instruments.clock import Clock, Deadline, wait_until
from instruments.links.message import VisaMessageLink
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.server_loop import take_line
from tests.simulated.clients import ModbusClient, ScpiClient

QUICK = with_changes(
    InverterParameters(), {"settings.observation_s": 5.0, "settings.ramp_pu_per_s": 0.2}
)
START_SOURCE = ":VOLT:RANG 333;:VOLT 230;:FREQ 50;:OUTP ON;*OPC?"
LIST = ":VOLT:MODE LIST;:LIST:VOLT 280,230;:LIST:DWEL 0.25,0.5;:TRIG:SOUR BUS;:INIT;*TRG;:SYST:ERR?"
START_ANALYSER = "*ZLANG SHORT;CYCL 0.1;FRMT PACKED;TRCTRAC 0,'U1';TRCTRAC 1,'I1';*OPC?"
READ = "INIM;TSNORM?;UTRMS1?;ITRMS1?;P1?;FCYC1?"
CLOSE = bytes([6, 0, 0, 0, 1])


@pytest.fixture
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(World(QUICK), seed=11) as running:
        yield running


@contextmanager
def visa(laboratory: Laboratory, role: str) -> Iterator[MessageBasedResource]:
    manager = pyvisa.ResourceManager("@py")
    resource = manager.open_resource(
        str(laboratory.resources[role]), read_termination="\n", write_termination="\n"
    )
    assert isinstance(resource, MessageBasedResource)
    resource.timeout = 10_000
    try:
        yield resource
    finally:
        resource.close()
        manager.close()


def transcript(seed: int, world: World | None = None) -> list[str | bytes | list[int]]:
    """Run an inverter up, dip the voltage and record it; return every answer."""
    with Laboratory(world or World(QUICK), seed=seed) as laboratory:
        ports, clock = laboratory.ports, laboratory.clock
        with (
            ScpiClient(ports["ac_source"]) as source,
            ScpiClient(ports["power_analyser"]) as analyser,
            ModbusClient(ports["contactor"]) as contactor,
            ModbusClient(ports["inverter"]) as inverter,
        ):
            answers: list[str | bytes | list[int]] = [
                source.ask(START_SOURCE),
                contactor.ask(CLOSE),
                analyser.ask(START_ANALYSER),
            ]
            for _ in range(20):
                clock.sleep(1.0)
                answers += [analyser.ask(READ), inverter.read(40_070, 60)]
            analyser.ask("TRCSR 20000;TRRECLEN 1;TRCPTRT 0.1;TRANSIENTRESTART;*OPC?")
            clock.sleep(0.2)
            analyser.ask("TRANSIENTNOW;*OPC?")
            answers.append(source.ask(LIST))
            clock.sleep(2.0)
            answers.append(analyser.ask("TSTR?;FRMT ASCII;TRPVAL? 0,(0:19999);TRPVAL? 1,(0:19999)"))
            answers.append(f"{clock.now_s()!r} {laboratory.exchanges} {laboratory.late_bytes}")
    return answers


def digest(answers: list[str | bytes | list[int]]) -> str:
    return hashlib.sha256(repr(answers).encode()).hexdigest()


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert digest(transcript(3)) == digest(transcript(3))


def test_another_seed_gives_other_bytes() -> None:
    assert digest(transcript(3)) != digest(transcript(4))


def test_a_busy_machine_changes_nothing() -> None:
    calm = digest(transcript(3))
    stop = threading.Event()

    def keep_busy() -> None:
        while not stop.is_set():
            sum(range(1000))

    thread = threading.Thread(target=keep_busy)
    thread.start()
    try:
        assert digest(transcript(3)) == calm
    finally:
        stop.set()
        thread.join()


def test_a_run_of_acknowledged_exchanges_leaves_nothing_late() -> None:
    assert str(transcript(3)[-1]).split()[1:] == ["47", "0"]


def test_resources_name_every_role(laboratory: Laboratory) -> None:
    ports = laboratory.ports

    assert laboratory.resources == {
        "ac_source": f"TCPIP::127.0.0.1::{ports['ac_source']}::SOCKET",
        "power_analyser": f"TCPIP::127.0.0.1::{ports['power_analyser']}::SOCKET",
        "contactor": ("127.0.0.1", ports["contactor"]),
        "site_meter": ("127.0.0.1", ports["site_meter"]),
        "check_meter": ("127.0.0.1", ports["check_meter"]),
        "meter_line": ("127.0.0.1", ports["meter_line"]),
        "islanding_load": f"TCPIP::127.0.0.1::{ports['islanding_load']}::SOCKET",
        "pv_source": f"TCPIP::127.0.0.1::{ports['pv_source']}::SOCKET",
        "demand_response": ("127.0.0.1", ports["demand_response"]),
        "inverter": ("127.0.0.1", ports["inverter"]),
    }


def test_an_ordinary_visa_client_drives_source_and_analyser(laboratory: Laboratory) -> None:
    with visa(laboratory, "ac_source") as source, visa(laboratory, "power_analyser") as analyser:
        assert source.query("*IDN?").startswith("CALIFORNIA INSTRUMENTS,SQ0045,")
        assert source.query(START_SOURCE) == "1"
        assert analyser.query("*IDN?").startswith("ZES ZIMMER Electronic Systems GmbH,LMG671,")
        assert analyser.query(START_ANALYSER) == "1"
        laboratory.clock.sleep(1.0)
        assert len(analyser.query(READ).split(";")) == 5
        analyser.query("TRCSR 20000;TRRECLEN 2;TRANSIENTRESTART;*OPC?")
        analyser.query("TRANSIENTNOW;*OPC?")
        laboratory.clock.sleep(3.0)

        block = analyser.query_binary_values("TRPVAL? 0,(0:29999)", container=np.array)

        assert len(block) == 30_002
    assert laboratory.late_bytes == 0


def test_an_ordinary_modbus_client_closes_the_contactor_and_finds_the_inverter(
    laboratory: Laboratory,
) -> None:
    contactor = ModbusTcpClient("127.0.0.1", port=laboratory.ports["contactor"], retries=0)
    inverter = ModbusTcpClient("127.0.0.1", port=laboratory.ports["inverter"], retries=0)
    assert contactor.connect()
    assert inverter.connect()
    try:
        contactor.write_registers(0, [1])
        laboratory.clock.sleep(0.1)
        assert contactor.read_holding_registers(0, count=2).registers == [1, 1]
        assert inverter.read_holding_registers(40_000, count=2).registers == [0x5375, 0x6E53]
        assert inverter.read_holding_registers(0, count=2).exception_code == 2
    finally:
        contactor.close()
        inverter.close()


def test_the_clock_moves_only_when_slept_or_asked(laboratory: Laboratory) -> None:
    clock: Clock = laboratory.clock
    assert (clock.name, clock.now_s()) == ("virtual", 0.0)

    clock.sleep(3600.0)
    clock.sleep(0.0)
    clock.sleep(-1.0)

    assert clock.now_s() == 3600.0


def test_an_exchange_takes_the_latency_of_its_instrument(laboratory: Laboratory) -> None:
    clock = laboratory.clock
    with (
        ScpiClient(laboratory.ports["ac_source"]) as source,
        ScpiClient(laboratory.ports["power_analyser"]) as analyser,
        ModbusClient(laboratory.ports["contactor"]) as contactor,
    ):
        moments_s = [clock.now_s()]
        for ask in (
            lambda: source.ask("*IDN?"),
            lambda: analyser.ask("*IDN?"),
            lambda: contactor.read(0, 1),
        ):
            ask()
            moments_s.append(clock.now_s())

    assert np.diff(moments_s) == pytest.approx([0.004, 0.006, 0.020], rel=0.2 + 1e-9)


def test_latencies_can_be_scaled_away() -> None:
    with Laboratory(World(QUICK), seed=1, latency_scale=0.0) as laboratory:
        with ScpiClient(laboratory.ports["ac_source"]) as source:
            source.ask("*IDN?")

        assert laboratory.clock.now_s() == 0.0


def test_deadlines_work_on_the_virtual_clock(laboratory: Laboratory) -> None:
    clock = laboratory.clock

    assert wait_until(lambda: None, Deadline.after(clock, 10.0), poll_s=3.0) is None
    assert clock.now_s() == pytest.approx(10.0)


def test_a_command_nobody_waited_for_is_executed_before_time_moves(laboratory: Laboratory) -> None:
    with ScpiClient(laboratory.ports["ac_source"]) as source:
        source.ask(START_SOURCE)
        sent = 0
        for number in range(300):
            source.send(f":VOLT {200 + number % 50}")
            sent += len(f":VOLT {200 + number % 50}\n")
            laboratory.clock.sleep(0.01)
            source_v = source.ask(":VOLT?")

            assert source_v == f"{200 + number % 50}.0"
    assert 0 <= laboratory.late_bytes <= sent


def test_opc_query_during_a_list_moves_the_clock_to_its_end(laboratory: Laboratory) -> None:
    with ScpiClient(laboratory.ports["ac_source"]) as source:
        source.ask(START_SOURCE)
        assert source.ask(LIST) == '0,"No error"'
        started_s = laboratory.clock.now_s()

        assert source.ask("*OPC?") == "1"

        assert laboratory.clock.now_s() == pytest.approx(started_s + 0.75)


class Broken:
    """An instrument whose simulation has a mistake in it."""

    protocol = "scpi"
    latency_s = 0.0
    split = staticmethod(take_line)

    def answer(self, message: bytes) -> bytes:
        raise LookupError(f"nothing known about {message!r}")


def test_a_failing_instrument_surfaces_from_sleep_and_again_from_close() -> None:
    laboratory = Laboratory(World(QUICK), seed=1, services={"broken": Broken()})
    laboratory.start()
    with ScpiClient(laboratory.ports["broken"]) as client, pytest.raises(ConnectionError):
        client.ask("anything?")

    with pytest.raises(LookupError, match="anything"):
        for _ in range(1000):
            laboratory.clock.sleep(0.001)
    with pytest.raises(LookupError, match="anything"):
        laboratory.close()


def test_a_failing_instrument_surfaces_at_the_end_of_the_context() -> None:
    with (
        pytest.raises(LookupError, match="anything"),
        Laboratory(World(QUICK), seed=1, services={"broken": Broken()}) as laboratory,
        ScpiClient(laboratory.ports["broken"]) as client,
        pytest.raises(ConnectionError),
    ):
        client.ask("anything?")


def test_a_failure_while_draining_surfaces_from_sleep() -> None:
    laboratory = Laboratory(World(QUICK), seed=1, services={"broken": Broken()})
    laboratory.start()
    with ScpiClient(laboratory.ports["broken"]) as client:
        client.send("anything")
        with pytest.raises(LookupError, match="anything"):
            for _ in range(1000):
                laboratory.clock.sleep(0.001)
        with pytest.raises(ConnectionError):
            client.read_line()
    with pytest.raises(LookupError, match="anything"):
        laboratory.close()


def test_a_world_that_gets_stuck_surfaces_from_sleep() -> None:
    def fail() -> None:
        raise RuntimeError("stuck")

    world = World(QUICK)
    world.schedule(1.0, fail)

    with Laboratory(world, seed=1) as running, pytest.raises(RuntimeError, match="stuck"):
        running.clock.sleep(2.0)


def test_closing_frees_ports_and_thread() -> None:
    threads = threading.active_count()
    laboratory = Laboratory(World(QUICK), seed=1)
    laboratory.start()
    ports = dict(laboratory.ports)
    laboratory.close()
    laboratory.close()

    assert threading.active_count() == threads
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)
    with Laboratory(World(QUICK), seed=1, ports=ports) as again:
        assert again.ports == ports


def linked(laboratory: Laboratory) -> list[object]:
    """Talk through the bench's own links, which prompt; return every answer and when it came."""
    clock, resources, ports = laboratory.clock, laboratory.resources, laboratory.ports
    transcript = Transcript(None, clock)
    said: list[object] = []
    with ExitStack() as stack:
        source, analyser = (
            VisaMessageLink.open(
                str(resources[role]), name=role, clock=clock, transcript=transcript
            )
            for role in ("ac_source", "power_analyser")
        )
        inverter = ModbusRegisterLink.open_tcp(
            "127.0.0.1",
            ports["inverter"],
            unit=1,
            name="inverter",
            clock=clock,
            transcript=transcript,
        )
        for link in (source, analyser, inverter):
            stack.callback(link.close)
        said += [source.query(START_SOURCE), analyser.query(START_ANALYSER)]
        for _ in range(5):
            clock.sleep(1.0)
            said += [analyser.query(READ), inverter.read(40_070, 60), clock.now_s()]
        analyser.query("TRCSR 100000;TRRECLEN 1;TRCPTRT 0.1;TRANSIENTRESTART;*OPC?")
        clock.sleep(0.2)
        analyser.query("TRANSIENTNOW;*OPC?")
        clock.sleep(2.0)
        said.append(analyser.query_block("TRPVAL? 0,(0:29999)"))
        return said


def test_a_prompted_laboratory_says_the_same_as_one_with_a_thread_of_its_own() -> None:
    with Laboratory(World(QUICK), seed=5) as threaded:
        expected = linked(threaded)
    with Laboratory(World(QUICK), seed=5, prompted=True) as prompted:
        assert linked(prompted) == expected
        assert prompted.late_bytes == 0


def test_a_prompted_laboratory_sends_what_its_client_is_slow_to_take() -> None:
    """The answer is larger than what two sockets hold: the loop's thread sends the rest."""
    with (
        Laboratory(World(QUICK), seed=5, prompted=True) as laboratory,
        ScpiClient(laboratory.ports["power_analyser"]) as client,
    ):
        client.send(START_ANALYSER)
        laboratory.clock.prompt()
        client.read_line()
        client.send("FRMT ASCII;TRCSR 1000000;TRRECLEN 1;TRANSIENTRESTART;TRANSIENTNOW;*OPC?")
        laboratory.clock.prompt()
        client.read_line()
        laboratory.clock.sleep(2.0)
        client.send(";".join(["TRPVAL? 0,(0:29999)"] * 30))
        laboratory.clock.prompt()

        assert len(client.read_line()) > 10_000_000


def test_a_failure_of_a_prompted_instrument_reaches_its_client_and_the_clock() -> None:
    laboratory = Laboratory(World(QUICK), seed=1, services={"broken": Broken()}, prompted=True)
    laboratory.start()
    with ScpiClient(laboratory.ports["broken"]) as client:
        client.send("anything")
        laboratory.clock.prompt()
        with pytest.raises(ConnectionError):
            client.read_line()
    with pytest.raises(LookupError, match="anything"):
        laboratory.clock.sleep(0.001)
    with pytest.raises(LookupError, match="anything"):
        laboratory.close()
