"""Each simulated dialect knows the headers of its manual, all spellings of them and no others.

The tables are data typed from the manuals; everything goes over a real socket.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from tests.simulated.clients import ScpiClient
from tests.simulated.header_tables import (
    Row,
    Table,
    misspellings,
    mixed_case,
    read_table,
    spellings,
)

ROLES = {
    "ametek_ci": "ac_source",
    "zes_lmg600": "power_analyser",
    "chroma_a800067": "islanding_load",
    "keysight_sas": "pv_source",
}
TABLES = {name: read_table(name) for name in ROLES}
CASES = [
    pytest.param(TABLES[name], ROLES[name], row, id=f"{name} {row.header}")
    for name in ROLES
    for row in TABLES[name].rows
]


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(World(InverterParameters()), seed=1, latency_scale=0.0) as running:
        yield running


@pytest.fixture
def client(laboratory: Laboratory, table: Table, role: str) -> Iterator[ScpiClient]:
    with ScpiClient(laboratory.ports[role]) as connected:
        connected.ask(f"{table.first};*OPC?")
        yield connected


def error_after(client: ScpiClient, message: str) -> int:
    """Send a message; return the number of the error it leaves."""
    client.send(f"{message}\n:SYST:ERR:ALL?")
    line = client.read_line()
    if not line.endswith('"'):
        line = client.read_line()
    return int(line.split(",")[0])


@pytest.mark.parametrize(("table", "role", "row"), CASES)
def test_every_spelling_of_a_header_in_the_manual_is_known(client: ScpiClient, row: Row) -> None:
    unknown = [
        message
        for spelling in spellings(row.header)
        for written in (spelling, spelling.lower(), mixed_case(spelling))
        for message in row.messages(written)
        if error_after(client, message) == -113
    ]

    assert not unknown


@pytest.mark.parametrize(("table", "role", "row"), CASES)
def test_a_header_with_a_typing_mistake_is_undefined(
    client: ScpiClient, table: Table, row: Row
) -> None:
    candidates = list(misspellings(row.header, table))
    taken = [
        message
        for candidate in candidates
        for message in row.messages(candidate)
        if error_after(client, message) != -113
    ]

    assert len(candidates) >= 3
    assert not taken
