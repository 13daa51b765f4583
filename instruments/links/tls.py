"""Modbus/TCP Security: TLS around the connection, the device's certificate checked, the bench's own shown.

Source: MODBUS/TCP Security Protocol Specification (MB-TCP-Security), port 802, TLS 1.2 or later, both sides
    with a
certificate. The frames inside are those of Modbus TCP.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from instruments.errors import ConfigurationError, LinkRefused

PORT = 802


@dataclass(frozen=True)
class TlsFiles:
    """What the two sides prove themselves with.

    Attributes:
        ca_file: certificates the device's own must lead to; None for those the system trusts.
        certificate_file, key_file: of the bench; None when the device does not ask for them.
        check_host_name: whether the device's certificate must carry the address; off for devices whose
            certificates carry a serial number. That it leads to `ca_file` is checked always.
    """

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    check_host_name: bool = True

    def context(self) -> ssl.SSLContext:
        """Return what a connection is secured with.

        Raises:
            ConfigurationError: a file is not there or is no certificate or key.
        """
        if self.key_file and not self.certificate_file:
            raise ConfigurationError(
                f"TLS: key_file {self.key_file} belongs to a certificate; expected certificate_file with it"
            )
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.check_hostname = self.check_host_name
            if self.certificate_file:
                context.load_cert_chain(self.certificate_file, self.key_file)
        except OSError as error:
            files = ", ".join(
                str(file)
                for file in (self.ca_file, self.certificate_file, self.key_file)
                if file is not None
            )
            raise ConfigurationError(
                f"TLS: one of {files} cannot be used: {error}. Expected PEM files that belong together"
            ) from error
        return context


def secured(stream: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
    """Return a connection on which the device has proved who it is.

    Raises:
        LinkRefused: it did not, or speaks no TLS; the connection is closed.
    """
    try:
        return context.wrap_socket(stream, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        stream.close()
        raise LinkRefused(
            f"{host} did not prove who it is: {error.verify_message}. Nothing was sent. Expected a "
            "certificate for "
            f"{host} that leads to ca_file (check_host_name = false accepts another name)"
        ) from error
    except OSError as error:
        stream.close()
        raise LinkRefused(
            f"{host}: no TLS connection: {error}. Does the device speak TLS on this port, and does it take the "
            "bench's certificate?"
        ) from error


def holds_data(stream: ssl.SSLSocket) -> bool:
    """Tell whether a connection holds bytes of the device, or has ended; what is read is lost.

    Bytes of TLS itself, such as session tickets, are none of the device's.
    """
    before = stream.gettimeout()
    stream.setblocking(False)
    try:
        stream.recv(1)
    except ssl.SSLWantReadError:
        return False
    except OSError:
        return True
    finally:
        stream.settimeout(before)
    return True
