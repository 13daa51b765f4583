"""`bench simulate` as an outside client meets it: another process, real sockets, real time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import pyvisa
from pymodbus.client import ModbusTcpClient

from bench.paths import ROOT
from tests.end_to_end.command import bench

MOST_POLLS = 20_000


@contextmanager
def simulated(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Start the command and yield its process and the resources it printed."""
    command = [sys.executable, "-m", "bench", "simulate", "--json", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["resources"]
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def modbus(resource: str) -> ModbusTcpClient:
    host, port = resource.removeprefix("tcp://").split(" ")[0].split(":")
    client = ModbusTcpClient(host, port=int(port), timeout=5)
    assert client.connect()
    return client


def test_an_outside_client_brings_the_inverter_to_the_grid() -> None:
    with simulated("--speed", "1000") as (process, resources):
        manager = pyvisa.ResourceManager("@py")
        source = manager.open_resource(
            resources["ac_source"], read_termination="\n", write_termination="\n", timeout=5000
        )
        assert "CALIFORNIA" in source.query("*IDN?")
        source.query(":VOLT:RANG 300;:VOLT 230;:FREQ 50;:OUTP ON;*OPC?")
        contactor = modbus(resources["contactor"])
        assert not contactor.write_registers(0, [1], device_id=1).isError()
        inverter = modbus(resources["inverter"])
        state_address = 40_000 + 2 + 68 + 5
        polls = 0
        while inverter.read_holding_registers(state_address, count=1, device_id=1).registers != [1]:
            polls += 1
            assert polls < MOST_POLLS, "the inverter never connected"
        for client in (source, contactor, inverter):
            client.close()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "stopped after" in errors


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_sigterm_ends_it_cleanly_too() -> None:
    with simulated() as (process, _):
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors


def test_transports_ports_and_troubles_are_chosen_on_the_command_line() -> None:
    with simulated(
        "--transport", "ac_source=hislip", "--trouble", "garbage@power_analyser,count=1"
    ) as (_, resources):
        assert "hislip" in resources["ac_source"]
        manager = pyvisa.ResourceManager("@py")
        analyser = manager.open_resource(
            resources["power_analyser"], read_termination="\n", write_termination="\n", timeout=5000
        )
        source = manager.open_resource(resources["ac_source"], timeout=5000)
        assert "CALIFORNIA" in source.query("*IDN?")
        with pytest.raises(UnicodeDecodeError):
            assert "LMG671" not in analyser.query("*IDN?")
            pytest.fail("garbage was decoded")
        analyser.close()
        source.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--speed", "0"], "--speed 0"),
        (["--transport", "ac_source=pigeon"], "pigeon"),
        (["--transport", "ac_source"], "ROLE=VALUE"),
        (["--trouble", "gremlins@ac_source"], "gremlins"),
        (["--trouble", "silence@ac_source,colour=red"], "colour"),
        (["--port", "ac_source=99999"], "65535"),
        (["--fault", "no-such-fault"], "no-such-fault"),
    ],
)
def test_bad_input_is_refused_before_anything_is_served(arguments: list[str], words: str) -> None:
    outcome = bench("simulate", *arguments)
    assert outcome.code == 2
    assert words in outcome.err
    assert outcome.out == ""
