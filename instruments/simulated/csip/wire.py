"""HTTP over TLS with a client's certificate, on the standard library."""

from __future__ import annotations

import hashlib
import ssl
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

ANSWER_S = 10.0


class Unreachable(Exception):
    """No answer, or one that says that the server is in trouble."""


class Answer(NamedTuple):
    """What came back.

    Attributes:
        location: of what was made.
    """

    status: int
    body: bytes
    location: str


class Wire:
    """One connection that is opened again when it broke.

    Args:
        url: of the server's first resource.
        certificates: folder with `client.pem`, `client.key` and `authorities.pem`.

    Attributes:
        start: path of the first resource.
        lfdi: this client's identifier.
    """

    def __init__(self, url: str, certificates: Path) -> None:
        parts = urlsplit(url)
        self.start = parts.path
        context = ssl.create_default_context(cafile=certificates / "authorities.pem")
        context.load_cert_chain(certificates / "client.pem", certificates / "client.key")
        text = (certificates / "client.pem").read_text(encoding="ascii")
        fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()
        self.lfdi = fingerprint[:40].upper()
        self._connection = HTTPSConnection(
            parts.hostname or "", parts.port, context=context, timeout=ANSWER_S
        )

    @property
    def sfdi(self) -> int:
        """The short identifier: nine hexadecimal digits in decimal, and a check digit."""
        digits = str(int(self.lfdi[:9], 16))
        return int(digits + str((10 - sum(int(digit) for digit in digits) % 10) % 10))

    def get(self, path: str) -> bytes:
        """Return a document.

        Raises:
            Unreachable: no answer, or none of status 200.
        """
        answer = self.ask("GET", path)
        if answer.status != 200:
            raise Unreachable(f"GET {path}: {answer.status}")
        return answer.body

    def ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Return what a request is answered with.

        Raises:
            Unreachable: no answer, or a status from 500.
        """
        kept_open = self._connection.sock is not None
        try:
            answer = self._exchange(method, path, body)
        except (OSError, HTTPException) as error:
            self._connection.close()
            if kept_open:
                # The server may have ended a connection that was idle.
                return self.ask(method, path, body)
            raise Unreachable(f"{method} {path}: {error}") from error
        if answer.status >= 500:
            raise Unreachable(f"{method} {path}: {answer.status}")
        return answer

    def _exchange(self, method: str, path: str, body: bytes | None) -> Answer:
        headers = {"Content-Type": "application/sep+xml"} if body else {}
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        return Answer(response.status, response.read(), response.headers.get("Location", ""))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
