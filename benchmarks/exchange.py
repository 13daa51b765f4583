"""What an exchange with the simulated laboratory costs.

python -m benchmarks.exchange [--exchanges N] [--all-processors]

Both ends run in one process, as in a campaign. Figures are wall time per exchange, one question and its
answer: through the links a campaign uses (pyvisa-py and pymodbus inside, transcript kept, prompted), and for
clients the laboratory does not know, plain and with the same libraries. The last column is simulated time per
exchange. Targets: 0.15 ms median for SCPI on a raw socket, 0.3 ms for Modbus.

It runs on one processor, where the system lets it: a client that does not prompt the laboratory waits for the
laboratory's thread to wake up, which on another processor can take longer than the exchange itself.
"""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

import pyvisa
from pymodbus.client import ModbusTcpClient

from instruments.clock import process_time_s
from instruments.links.message import VisaMessageLink
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World

ROLE = "ac_source"
QUESTION = ":VOLT?"
FRAME = bytes([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2])
TARGETS_MS = {
    "SCPI socket, link": 0.15,
    "SCPI socket, plain": 0.15,
    "Modbus, link": 0.3,
    "Modbus, plain": 0.3,
    "Modbus, pymodbus": 0.3,
}
Ask = Callable[[], object]


@dataclass(frozen=True)
class Cost:
    """Cost of one kind of exchange."""

    name: str
    times_ms: list[float]
    simulated_ms: float

    def line(self) -> str:
        """Return one line of the table."""
        middle = median(self.times_ms)
        target_ms = TARGETS_MS.get(self.name)
        verdict = ""
        if target_ms is not None:
            word = "met" if middle <= target_ms else "MISSED"
            verdict = f"   target {target_ms:g} ms: {word}"
        return (
            f"{self.name:22} median {middle:.3f} ms   99 % {quantiles(self.times_ms, n=100)[98]:.3f} ms"
            f"   simulated {self.simulated_ms:.2f} ms{verdict}"
        )


@contextmanager
def plain_socket(laboratory: Laboratory, role: str, request: bytes) -> Iterator[Ask]:
    """Yield an exchange on a bare socket whose answers arrive in one piece."""
    with socket.create_connection(("127.0.0.1", laboratory.ports[role])) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def ask() -> bytes:
            client.sendall(request)
            return client.recv(65536)

        yield ask


@contextmanager
def message_link(laboratory: Laboratory) -> Iterator[Ask]:
    """Yield an exchange through the link a campaign's source has."""
    link = VisaMessageLink.open(
        str(laboratory.resources[ROLE]),
        name=ROLE,
        clock=laboratory.clock,
        transcript=Transcript(None, laboratory.clock),
    )
    try:
        yield lambda: link.query(QUESTION)
    finally:
        link.close()


@contextmanager
def register_link(laboratory: Laboratory) -> Iterator[Ask]:
    """Yield an exchange through the link a campaign's contactor has."""
    link = ModbusRegisterLink.open_tcp(
        "127.0.0.1",
        laboratory.ports["contactor"],
        unit=1,
        name="contactor",
        clock=laboratory.clock,
        transcript=Transcript(None, laboratory.clock),
    )
    try:
        yield lambda: link.read(0, 2)
    finally:
        link.close()


@contextmanager
def visa(laboratory: Laboratory) -> Iterator[Ask]:
    """Yield an exchange through pyvisa-py."""
    resource: Any = pyvisa.ResourceManager("@py").open_resource(
        str(laboratory.resources[ROLE]), read_termination="\n", write_termination="\n"
    )
    try:
        yield lambda: resource.query(QUESTION)
    finally:
        resource.close()


@contextmanager
def modbus(laboratory: Laboratory) -> Iterator[Ask]:
    """Yield an exchange through pymodbus."""
    client = ModbusTcpClient("127.0.0.1", port=laboratory.ports["contactor"], retries=0)
    client.connect()
    try:
        yield lambda: client.read_holding_registers(0, count=2)
    finally:
        client.close()


def measured(name: str, transport: str, exchanges: int) -> Cost:
    """Measure one kind of exchange in a laboratory of its own."""
    world = World(InverterParameters())
    prompted = name.endswith("link")
    with Laboratory(world, seed=1, transports={ROLE: transport}, prompted=prompted) as laboratory:
        ways = {
            "SCPI socket, link": lambda: message_link(laboratory),
            "Modbus, link": lambda: register_link(laboratory),
            "SCPI socket, plain": lambda: plain_socket(laboratory, ROLE, f"{QUESTION}\n".encode()),
            "Modbus, plain": lambda: plain_socket(laboratory, "contactor", FRAME),
            "Modbus, pymodbus": lambda: modbus(laboratory),
        }
        with ways.get(name, lambda: visa(laboratory))() as ask:
            for _ in range(200):
                ask()
            began_s = laboratory.clock.now_s()
            times_ms = [timed_ms(ask) for _ in range(exchanges)]
            passed_ms = 1e3 * (laboratory.clock.now_s() - began_s)
    return Cost(name, times_ms, passed_ms / exchanges)


def timed_ms(ask: Ask) -> float:
    """Return how long one exchange takes."""
    started_s = process_time_s()
    ask()
    return 1e3 * (process_time_s() - started_s)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=5000)
    parser.add_argument("--all-processors", action="store_true", help="do not keep to one of them")
    arguments = parser.parse_args()
    exchanges = arguments.exchanges
    if hasattr(os, "sched_setaffinity") and not arguments.all_processors:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name, transport in (
        ("SCPI socket, link", "socket"),
        ("SCPI socket, plain", "socket"),
        ("SCPI socket, pyvisa", "socket"),
        ("SCPI HiSLIP, pyvisa", "hislip"),
        ("SCPI VXI-11, pyvisa", "vxi11"),
        ("Modbus, link", "socket"),
        ("Modbus, plain", "socket"),
        ("Modbus, pymodbus", "socket"),
    ):
        print(measured(name, transport, exchanges).line(), flush=True)


if __name__ == "__main__":
    main()
