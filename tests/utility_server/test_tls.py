"""The connection: who is let in, in what ciphers, and how it is broken on purpose."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from instruments.clock import WallClock
from instruments.errors import ConfigurationError, LinkRefused
from instruments.simulated.csip.wire import Unreachable, Wire
from instruments.utility_server.certificates import make_certificates
from instruments.utility_server.stub import UtilityServerStub

ADDRESS = "https://127.0.0.1:0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificates") / "set"
    make_certificates(made, "127.0.0.1")
    return made


@pytest.fixture
def server(folder: Path) -> Iterator[UtilityServerStub]:
    stub = UtilityServerStub(ADDRESS, WallClock(), certificates=folder)
    stub.open()
    yield stub
    stub.close()


@pytest.fixture
def wire(server: UtilityServerStub, folder: Path) -> Iterator[Wire]:
    client = Wire(server.url, folder)
    yield client
    client.close()


def client_context(folder: Path, *, presents: bool = True) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=folder / "authorities.pem")
    if presents:
        context.load_cert_chain(folder / "client.pem", folder / "client.key")
    return context


def shaken(server: UtilityServerStub, context: ssl.SSLContext) -> str:
    """Shake hands, ask for the first resource and return cipher and status line."""
    port = urlsplit(server.url).port
    with (
        socket.create_connection(("127.0.0.1", port or 0), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        secure.sendall(b"GET /dcap HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        status = secure.recv(4096).split(b"\r\n")[0].decode()
        cipher = secure.cipher()
        return f"{cipher[0] if cipher else ''} {status}"


def test_a_client_with_a_certificate_is_served(wire: Wire) -> None:
    assert b"DeviceCapability" in wire.get("/dcap")


def test_a_client_without_a_certificate_is_refused(server: UtilityServerStub, folder: Path) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shaken(server, client_context(folder, presents=False))


def test_a_certificate_of_another_authority_is_refused(
    server: UtilityServerStub, folder: Path, tmp_path: Path
) -> None:
    make_certificates(tmp_path / "stranger", "127.0.0.1")
    context = client_context(folder, presents=False)
    context.load_cert_chain(
        tmp_path / "stranger" / "client.pem", tmp_path / "stranger" / "client.key"
    )
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shaken(server, context)


def test_a_refused_handshake_is_on_record(
    server: UtilityServerStub, folder: Path, wire: Wire
) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shaken(server, client_context(folder, presents=False))
    wire.get("/dcap")
    assert any("certificate" in text for text in server.complaints())


def test_the_cipher_of_ieee_2030_5_is_spoken(server: UtilityServerStub, folder: Path) -> None:
    context = client_context(folder)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0")
    assert shaken(server, context) == "ECDHE-ECDSA-AES128-CCM8 HTTP/1.1 200 OK"


def test_an_older_tls_is_refused(server: UtilityServerStub, folder: Path) -> None:
    context = client_context(folder)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shaken(server, context)


@pytest.mark.parametrize("manner", ["error", "refused"])
def test_a_cut_server_answers_nobody_until_it_is_restored(
    server: UtilityServerStub, wire: Wire, manner: str
) -> None:
    wire.get("/dcap")
    server.cut(manner)
    with pytest.raises(Unreachable):
        wire.get("/dcap")
    server.restore()
    assert wire.get("/dcap")


def test_an_address_in_use_is_said(server: UtilityServerStub, folder: Path) -> None:
    port = urlsplit(server.url).port
    other = UtilityServerStub(f"https://127.0.0.1:{port}", WallClock(), certificates=folder)
    with pytest.raises(LinkRefused, match="cannot listen"):
        other.open()


@pytest.mark.parametrize("address", ["127.0.0.1:8443", "http://127.0.0.1:1", "https://127.0.0.1/x"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="expected https"):
        UtilityServerStub(address, WallClock())


def test_a_server_without_certificates_and_audience_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no certificates"):
        UtilityServerStub(ADDRESS, WallClock())


def test_certificates_are_not_written_over_others(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="not empty"):
        make_certificates(folder, "127.0.0.1")


def test_missing_certificates_are_named(tmp_path: Path) -> None:
    stub = UtilityServerStub(ADDRESS, WallClock(), certificates=tmp_path)
    with pytest.raises(ConfigurationError, match=r"server\.pem, server\.key, authorities\.pem"):
        stub.open()


def test_a_closed_server_says_so(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="not open"):
        UtilityServerStub(ADDRESS, WallClock(), certificates=folder).responses()
