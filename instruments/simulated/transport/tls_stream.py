"""The server's side of a TLS connection, as the server loop needs it: it never waits."""

from __future__ import annotations

import socket
import ssl


class TlsStream:
    """Reads and writes like a non-blocking socket; the handshake happens on the way."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        self._connection = context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )

    def fileno(self) -> int:
        """Return the descriptor, for a selector."""
        return self._connection.fileno()

    def recv(self, most: int, /) -> bytes:
        """Return what has arrived, nothing at the end.

        Raises:
            BlockingIOError: nothing has.
            ConnectionError: the client is not one the context accepts, or breaks off.
        """
        try:
            return self._connection.recv(most)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            raise BlockingIOError(str(error)) from error
        except ssl.SSLError as error:
            raise ConnectionError(str(error)) from error

    def send(self, data: bytes | bytearray, /) -> int:
        """Send what fits; return how much that was. Raises as `recv` does."""
        try:
            return self._connection.send(data)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            raise BlockingIOError(str(error)) from error
        except ssl.SSLError as error:
            raise ConnectionError(str(error)) from error

    def close(self) -> None:
        """Close the connection. May be called again."""
        self._connection.close()
