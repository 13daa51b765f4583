"""Every way a station file can name a register link reaches the same inverter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bench.paths import DEFAULT_INVERTER, DEFAULT_STATION
from bench.stations.inverter_state import InverterState
from bench.stations.register_links import open_inverter_link, open_register_link
from bench.stations.station_file import InstrumentEntry, load_inverter, load_station
from instruments.clock import WallClock
from instruments.errors import ConfigurationError, LinkRefused
from instruments.links.tls import TlsFiles
from instruments.links.transcript import Transcript
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport import serial_line
from instruments.simulated.transport.services import Transport
from instruments.simulated.transport.transports import modbus_tls
from tests.links.certificates import authority, signed

ENTRY = load_station(DEFAULT_STATION).entries["inverter"]
MARKER = [0x5375, 0x6E53]
CLOCK = WallClock()


@contextmanager
def inverter(transport: str | Transport) -> Iterator[str]:
    """Serve an inverter and yield its port or device."""
    world = World(InverterParameters())
    with Laboratory(world, seed=1, transports={"inverter": transport}) as laboratory:
        resource = laboratory.resources["inverter"]
        yield resource if isinstance(resource, str) else str(resource[1])


def marker(entry: InstrumentEntry) -> list[int]:
    """Open an entry and read the registers every SunSpec inverter has."""
    link = open_register_link(entry, CLOCK, Transcript(None, CLOCK), timeout_s=5.0)
    try:
        return link.read(40_000, 2)
    finally:
        link.close()


@pytest.mark.parametrize(("scheme", "transport"), [("tcp", "tcp"), ("rtu+tcp", "rtu_tcp")])
def test_a_network_address_is_reached(scheme: str, transport: str) -> None:
    with inverter(transport) as port:
        assert marker(replace(ENTRY, resource=f"{scheme}://127.0.0.1:{port}")) == MARKER


@pytest.mark.skipif(not serial_line.AVAILABLE, reason="the system has no pseudo-terminals")
def test_a_serial_port_is_reached() -> None:
    with inverter("rtu") as device:
        assert marker(replace(ENTRY, resource=f"serial://{device}")) == MARKER


def test_a_secured_address_is_reached_by_who_can_check_it(tmp_path: Path) -> None:
    maker = authority(tmp_path)
    device = signed(tmp_path, "device", maker)
    with inverter(modbus_tls(device.server_context())) as port:
        entry = replace(ENTRY, resource=f"tls://127.0.0.1:{port}")
        assert marker(replace(entry, tls=TlsFiles(ca_file=maker.file))) == MARKER
        with pytest.raises(LinkRefused, match="did not prove who it is"):
            marker(entry)


def test_another_address_is_refused_with_the_forms_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"\[inverter\].*udp://.*tls://…"):
        marker(replace(ENTRY, resource="udp://127.0.0.1:502"))


def test_the_inverter_s_link_remembers_what_a_driver_changes_that_keeps_no_account() -> None:
    state = InverterState(None)
    with inverter("tcp") as port:
        entry = replace(ENTRY, resource=f"tcp://127.0.0.1:{port}")
        link, put_back = open_inverter_link(
            entry,
            replace(load_inverter(DEFAULT_INVERTER), driver="laboratory.inverters:Own"),
            CLOCK,
            Transcript(None, CLOCK),
            state,
            timeout_s=5.0,
        )
        before = link.read(45_006, 1)
        link.write(45_006, [2550])
        assert dict(state.before) == {"45006+1": before}
        put_back()
        assert not state.before
        link.close()
