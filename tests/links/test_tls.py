"""Registers over TLS: the device has to prove who it is, and the bench proves itself when asked."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from instruments.clock import WallClock
from instruments.errors import ConfigurationError, LinkClosed, LinkRefused
from instruments.links.register import ModbusRegisterLink
from instruments.links.tls import TlsFiles, secured
from instruments.links.transcript import Transcript
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.transports import modbus_tls
from tests.links.certificates import Certificate, authority, signed

MARKER = [0x5375, 0x6E53]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def maker(folder: Path) -> Certificate:
    return authority(folder)


@pytest.fixture(scope="module")
def device(folder: Path, maker: Certificate) -> Certificate:
    return signed(folder, "device", maker)


@contextmanager
def inverter(context: ssl.SSLContext) -> Iterator[int]:
    transports = {"inverter": modbus_tls(context)}
    world = World(InverterParameters())
    with Laboratory(world, seed=1, transports=transports) as laboratory:
        yield laboratory.ports["inverter"]


@contextmanager
def opened(port: int, files: TlsFiles, host: str = "127.0.0.1") -> Iterator[ModbusRegisterLink]:
    clock = WallClock()
    link = ModbusRegisterLink.open_tcp(
        host,
        port,
        unit=1,
        name="inverter",
        clock=clock,
        transcript=Transcript(None, clock),
        timeout_s=5.0,
        context=files.context(),
    )
    try:
        yield link
    finally:
        link.close()


def test_registers_are_read_and_written_on_one_secured_connection(
    maker: Certificate, device: Certificate
) -> None:
    with (
        inverter(device.server_context()) as port,
        opened(port, TlsFiles(ca_file=maker.file)) as link,
    ):
        first = link._line._client.socket
        assert link.read(40_000, 2) == MARKER
        assert len(link.read(40_070, 125)) == 125
        link.write(45_000, [0, 1])
        assert link._line._client.socket is first
        assert first.version() in ("TLSv1.2", "TLSv1.3")


def test_a_device_of_another_maker_is_refused_before_anything_is_sent(
    folder: Path, device: Certificate
) -> None:
    other = authority(folder, "another")
    with (
        inverter(device.server_context()) as port,
        pytest.raises(LinkRefused, match=r"did not prove who it is: .*Nothing was sent"),
        opened(port, TlsFiles(ca_file=other.file)),
    ):
        pass


def test_a_certificate_for_another_address_is_refused_unless_the_station_says_otherwise(
    folder: Path, maker: Certificate
) -> None:
    elsewhere = signed(folder, "elsewhere", maker, "192.0.2.30")
    with inverter(elsewhere.server_context()) as port:
        with (
            pytest.raises(LinkRefused, match=r"check_host_name = false"),
            opened(port, TlsFiles(ca_file=maker.file)),
        ):
            pass
        with opened(port, TlsFiles(ca_file=maker.file, check_host_name=False)) as link:
            assert link.read(40_000, 2) == MARKER


def test_a_device_that_asks_gets_the_certificate_of_the_bench(
    folder: Path, maker: Certificate, device: Certificate
) -> None:
    bench = signed(folder, "bench", maker)
    files = TlsFiles(maker.file, bench.file, bench.key)
    with inverter(device.server_context(maker.file)) as port, opened(port, files) as link:
        assert link.read(40_000, 2) == MARKER


def test_a_device_that_asks_gets_nothing_from_a_bench_without_certificate(
    maker: Certificate, device: Certificate
) -> None:
    with (
        inverter(device.server_context(maker.file)) as port,
        pytest.raises((LinkRefused, LinkClosed)),
        opened(port, TlsFiles(ca_file=maker.file)) as link,
    ):
        link.read(40_000, 2)


def test_a_device_without_tls_is_refused_with_a_hint(maker: Certificate) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        plain.settimeout(5.0)
        port = plain.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = plain.accept()
        accepted.sendall(b"no TLS here, sorry\n")
        with pytest.raises(LinkRefused, match="speak TLS on this port"):
            secured(client, TlsFiles(ca_file=maker.file).context(), "127.0.0.1")
        accepted.close()


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    file.write_text("not a certificate", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"authority\.pem"):
        TlsFiles(ca_file=file).context()
