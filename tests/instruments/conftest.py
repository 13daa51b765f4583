"""A simulated laboratory on loopback sockets, and drivers connected to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from instruments.links.message import VisaMessageLink
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World


@dataclass
class Bench:
    """The laboratory and ways to reach it."""

    world: World
    laboratory: Laboratory
    transcript: Transcript
    message: Callable[[str], VisaMessageLink]
    registers: Callable[[str], ModbusRegisterLink]


@pytest.fixture
def bench() -> Iterator[Bench]:
    world = World(InverterParameters(), load_power_w=8000.0)
    links: list[VisaMessageLink | ModbusRegisterLink] = []
    with Laboratory(world, seed=1) as laboratory:
        transcript = Transcript(None, laboratory.clock)

        def message(role: str) -> VisaMessageLink:
            links.append(
                VisaMessageLink.open(
                    str(laboratory.resources[role]),
                    name=role,
                    clock=laboratory.clock,
                    transcript=transcript,
                )
            )
            return links[-1]

        def registers(role: str) -> ModbusRegisterLink:
            host, port = laboratory.resources[role]
            links.append(
                ModbusRegisterLink.open_tcp(
                    host, port, unit=1, name=role, clock=laboratory.clock, transcript=transcript
                )
            )
            return links[-1]

        yield Bench(world, laboratory, transcript, message, registers)
        for link in links:
            link.close()
