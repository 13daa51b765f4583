"""Identifiers of a client, against an independent computation."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from instruments.simulated.csip.wire import Wire
from instruments.utility_server.certificates import make_certificates
from instruments.utility_server.identity import lfdi_of, pin_is_valid, sfdi_of


def test_lfdi_is_the_left_of_the_certificates_fingerprint(tmp_path: Path) -> None:
    make_certificates(tmp_path / "set", "127.0.0.1")
    certificate = x509.load_pem_x509_certificate((tmp_path / "set" / "client.pem").read_bytes())
    expected = certificate.fingerprint(hashes.SHA256()).hex()[:40].upper()
    assert lfdi_of(certificate.public_bytes(Encoding.DER)) == expected


def test_server_and_client_agree_on_both_identifiers(tmp_path: Path) -> None:
    make_certificates(tmp_path / "set", "127.0.0.1")
    wire = Wire("https://127.0.0.1:1/dcap", tmp_path / "set")
    wire.close()
    assert sfdi_of(wire.lfdi) == wire.sfdi


def test_sfdi_is_that_of_the_worked_example_of_the_standard() -> None:
    assert sfdi_of("3E4F45AB31EDFE5B67E343E5E4562E31984E23E5") == 167_261_211_391


@pytest.mark.parametrize(
    ("pin", "valid"), [(111_115, True), (123_455, True), (123_456, False), (-1, False)]
)
def test_a_pin_has_a_check_digit(pin: int, valid: bool) -> None:
    assert pin_is_valid(pin) == valid
