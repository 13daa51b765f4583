"""Certificates for tests, made on the spot with the `openssl` command."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

AVAILABLE = shutil.which("openssl") is not None
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


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
    return _made(folder, name, "-x509", "-subj", f"/CN={name}")


def signed(
    folder: Path, name: str, by: Certificate, alternative: str = "IP:127.0.0.1"
) -> Certificate:
    """Make a certificate for an address, signed by an authority."""
    subject = ("-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}")
    return _made(folder, name, "-x509", *subject, "-CA", str(by.file), "-CAkey", str(by.key))


def _made(folder: Path, name: str, *options: str) -> Certificate:
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    command = ["openssl", "req", *CURVE, "-days", "2", *options]
    command += ["-out", str(made.file), "-keyout", str(made.key)]
    subprocess.run(command, check=True, capture_output=True)
    return made
