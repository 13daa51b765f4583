"""Certificates for tests, made on the spot."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_FROM, VALID_UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2059, 12, 31, tzinfo=UTC)
PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, signed by an authority or by itself."""

    file: Path
    key: Path

    def server_context(self, clients_of: Path | None = None) -> ssl.SSLContext:
        """Return what a device secures its connections with.

        Args:
            clients_of: the authority its clients must be known to; None lets everybody in.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        if clients_of:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients_of)
        return context


def authority(folder: Path, name: str = "authority") -> Certificate:
    """Make a certificate that signs others."""
    key = ec.generate_private_key(ec.SECP256R1())
    extension = x509.BasicConstraints(ca=True, path_length=None)
    return _made(folder, name, key, _name(name), key, extension)


def signed(folder: Path, name: str, by: Certificate, address: str = "127.0.0.1") -> Certificate:
    """Make a certificate for an address, signed by an authority."""
    issuer = x509.load_pem_x509_certificate(by.file.read_bytes()).subject
    signer = serialization.load_pem_private_key(by.key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    key = ec.generate_private_key(ec.SECP256R1())
    return _made(folder, name, key, issuer, signer, names)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _made(
    folder: Path,
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> Certificate:
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    builder = x509.CertificateBuilder(issuer, _name(name), key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(VALID_FROM).not_valid_after(VALID_UNTIL)
    certificate = builder.add_extension(extension, critical=False).sign(signer, hashes.SHA256())
    made.file.write_bytes(certificate.public_bytes(PEM))
    made.key.write_bytes(
        key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made
