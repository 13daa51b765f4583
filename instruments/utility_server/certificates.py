"""Certificates for a test: an authority, the server and a client, elliptic curve P-256 as IEEE 2030.5 asks.

They prove nothing to anybody outside the laboratory. A lab with certificates of its own uses those.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from instruments.errors import ConfigurationError

VALID_FROM, VALID_UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2059, 12, 31, tzinfo=UTC)
SERVER_FILES = ("server.pem", "server.key", "authorities.pem")


@dataclass(frozen=True)
class CertificateFolder:
    """Files of one side.

    Attributes:
        certificate, key: PEM; the certificate with what leads to its authority.
        authorities: PEM; who may have issued the other side's.
    """

    certificate: Path
    key: Path
    authorities: Path

    @classmethod
    def of(cls, folder: Path, side: str) -> CertificateFolder:
        """Return the files of "server" or "client" in a folder.

        Raises:
            ConfigurationError: one of them is missing.
        """
        files = cls(folder / f"{side}.pem", folder / f"{side}.key", folder / "authorities.pem")
        missing = [
            file.name
            for file in (files.certificate, files.key, files.authorities)
            if not file.is_file()
        ]
        if missing:
            raise ConfigurationError(
                f"certificates of the {side}: {folder} lacks {', '.join(missing)}. Make a set with "
                "`bench certificates`, or put your own there (docs/csip.md)"
            )
        return files


def make_certificates(folder: Path, host: str) -> None:
    """Write an authority, a server's and a client's certificate and key into a folder, which must be empty.

    Args:
        host: name or address under which the client reaches the server.

    Raises:
        ConfigurationError: there is something in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigurationError(f"{folder} is not empty; certificates are not written over others")
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _signed(_name("Test authority"), authority_key, None, authority_key, _AUTHORITY)
    (folder / "authorities.pem").write_bytes(_pem(authority))
    for side, usage, names in (
        ("server", ExtendedKeyUsageOID.SERVER_AUTH, [_host(host)]),
        ("client", ExtendedKeyUsageOID.CLIENT_AUTH, []),
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        extensions: list[x509.ExtensionType] = [x509.ExtendedKeyUsage([usage])]
        if names:
            extensions.append(x509.SubjectAlternativeName(names))
        certificate = _signed(_name(f"Test {side}"), key, authority, authority_key, extensions)
        (folder / f"{side}.pem").write_bytes(_pem(certificate))
        _write_key(folder / f"{side}.key", key)


_AUTHORITY: list[x509.ExtensionType] = [x509.BasicConstraints(ca=True, path_length=0)]


def _signed(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    extensions: list[x509.ExtensionType],
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
    )
    for extension in extensions:
        critical = isinstance(extension, x509.BasicConstraints)
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
