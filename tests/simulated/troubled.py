"""Laboratories with troubles, and clients that see what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.link_faults import Trouble
from tests.simulated.clients import ModbusClient, ScpiClient

IDENTITY = "CALIFORNIA INSTRUMENTS,SQ0045,SIM0001,1.0"
READ_COMMAND = bytes([3, 0, 0, 0, 2])
CLOSE = bytes([16, 0, 0, 0, 1, 2, 0, 1])


@contextmanager
def source_with(*troubles: Trouble) -> Iterator[tuple[Laboratory, ScpiClient]]:
    with (
        Laboratory(World(InverterParameters()), seed=1, troubles=troubles) as laboratory,
        ScpiClient(laboratory.ports["ac_source"]) as client,
    ):
        yield laboratory, client


@contextmanager
def contactor_with(*troubles: Trouble) -> Iterator[tuple[Laboratory, ModbusClient]]:
    with (
        Laboratory(World(InverterParameters()), seed=1, troubles=troubles) as laboratory,
        ModbusClient(laboratory.ports["contactor"]) as client,
    ):
        yield laboratory, client


def at_source(name: str, **options: Any) -> Trouble:
    return Trouble(name, "ac_source", **options)


def at_contactor(name: str, **options: Any) -> Trouble:
    return Trouble(name, "contactor", **options)


def everything(client: ScpiClient | ModbusClient) -> bytes:
    """Return what the client has got by the time the server has nothing more to say."""
    client.socket.settimeout(0.1)
    data = b""
    try:
        while more := client.socket.recv(65536):
            data += more
    except TimeoutError:
        pass
    client.socket.settimeout(10)
    return data
