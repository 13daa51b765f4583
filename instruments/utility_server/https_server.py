"""HTTP over TLS with certificates on both sides, one thread a connection, and ways to break it on purpose."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from instruments.errors import ConfigurationError, LinkRefused
from instruments.utility_server.certificates import CertificateFolder
from instruments.utility_server.identity import lfdi_of

MEDIA_TYPE = "application/sep+xml"
CIPHERS = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"
"""What IEEE 2030.5 asks for, and what CSIP-AUS allows beside it; CCM8 needs the lowest level."""

HANDSHAKE_S, IDLE_S = 10.0, 900.0
LONGEST_BODY = 1_000_000
HandleRequest = Callable[[str, str, bytes, str], tuple[HTTPStatus, bytes, str]]
"""Method, path with query, body and LFDI of the client → status, document and location."""
Complain = Callable[[str], None]


def server_context(files: CertificateFolder) -> ssl.SSLContext:
    """Return what a server of these certificates asks of a connection: TLS 1.2 and a client's certificate.

    A certificate under the authorities is enough: the root of a manufacturer's chain need not be known.

    Raises:
        ConfigurationError: a file cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_cert_chain(files.certificate, files.key)
        context.load_verify_locations(files.authorities)
    except (ssl.SSLError, OSError) as error:
        raise ConfigurationError(
            f"certificates of the utility server in {files.certificate.parent} cannot be used: {error}"
        ) from error
    return context


class HttpsServer:
    """Serves requests until it is closed.

    Args:
        handle: what answers a request; called from the connections' threads.
        complain: takes what was wrong with a connection, likewise.

    Raises:
        LinkRefused: the address cannot be bound.

    Attributes:
        port: where it listens.
        failing: while set, every request is answered with HTTP 500.
        closed: whether it has stopped to listen.
        failure: what went wrong in here, which is not the clients' affair.
    """

    def __init__(
        self,
        address: tuple[str, int],
        context: ssl.SSLContext,
        handle: HandleRequest,
        complain: Complain,
    ) -> None:
        self.failing = self.closed = False
        self.failure: Exception | None = None
        self._complain = complain
        self._context = context
        self._handle = handle
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        try:
            self._server = _Server(address, self)
        except OSError as error:
            raise LinkRefused(
                f"the utility server cannot listen at {address[0]}:{address[1]}: {error}"
            ) from error
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="utility server",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """Stop to listen and end every connection."""
        self.closed = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):  # the client may have ended it first
                    connection.shutdown(socket.SHUT_RDWR)

    def secured(self, connection: socket.socket) -> ssl.SSLSocket:
        """Return a connection after its handshake. Raises OSError when the client does not pass it."""
        connection.settimeout(HANDSHAKE_S)
        secure = self._context.wrap_socket(connection, server_side=True)
        secure.settimeout(IDLE_S)
        with self._lock:
            self._connections.add(secure)
        return secure

    def forget(self, connection: socket.socket) -> None:
        """Take notice that a connection has ended."""
        with self._lock:
            self._connections.discard(connection)

    def troubled(self, error: Exception) -> None:
        """Take notice of what ended a connection."""
        if isinstance(error, OSError):
            self._complain(f"a connection ended: {error}")
        else:
            self.failure = self.failure or error

    def answer(
        self, method: str, target: str, body: bytes, lfdi: str
    ) -> tuple[HTTPStatus, bytes, str]:
        """Return what a request is answered with."""
        if self.failing:
            return HTTPStatus.INTERNAL_SERVER_ERROR, b"", ""
        return self._handle(method, target, body, lfdi)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], owner: HttpsServer) -> None:
        self.owner = owner
        super().__init__(address, _Handler)

    def handle_error(self, *_: Any) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, Exception):
            self.owner.troubled(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        self.request = self.server.owner.secured(self.request)
        super().setup()

    def finish(self) -> None:
        self.server.owner.forget(self.request)
        with suppress(OSError):  # what was to be flushed, the client no longer wants
            super().finish()
        self.request.close()

    def log_message(self, *_: object) -> None:
        """The evidence says what was asked; nothing is printed."""

    def _serve(self) -> None:
        stated = self.headers.get("Content-Length") or "0"
        length = int(stated) if stated.isdecimal() else LONGEST_BODY + 1
        if length > LONGEST_BODY:
            self.close_connection = True
            self.server.owner.troubled(OSError(f"a message of {stated:.40} bytes was not read"))
            return
        body = self.rfile.read(length)
        lfdi = lfdi_of(self.request.getpeercert(binary_form=True))
        status, document, location = self.server.owner.answer(self.command, self.path, body, lfdi)
        self.send_response_only(status)
        if location:
            self.send_header("Location", location)
        if document:
            self.send_header("Content-Type", MEDIA_TYPE)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(document)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815
