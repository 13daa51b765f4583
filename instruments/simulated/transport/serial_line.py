"""A serial line as a pseudo-terminal, on systems that have them (Linux, macOS).

The far end is held open, so that the line stays up while clients come and go.
"""

from __future__ import annotations

import os

from instruments.errors import ConfigurationError

try:
    import pty
    import tty
except ImportError:
    AVAILABLE = False
else:
    AVAILABLE = True


class SerialLine:
    """The instrument's end of a line; reads and writes like a non-blocking socket.

    Attributes:
        device: path of the client's end.

    Raises:
        ConfigurationError: this system has no pseudo-terminals.
    """

    def __init__(self) -> None:
        if not AVAILABLE:
            raise ConfigurationError(
                "a simulated serial line needs pseudo-terminals, which this system does not have; "
                "choose the transport socket, hislip or vxi11"
            )
        self._own, self._far = pty.openpty()
        tty.setraw(self._far)
        os.set_blocking(self._own, False)
        self.device = os.ttyname(self._far)

    def fileno(self) -> int:
        """Return the descriptor, for a selector."""
        return self._own

    def recv(self, most: int, /) -> bytes:
        """Return what has arrived. Raises BlockingIOError when nothing has."""
        return os.read(self._own, most)

    def send(self, data: bytes | bytearray, /) -> int:
        """Send what fits; return how much that was."""
        return os.write(self._own, data)

    def close(self) -> None:
        """Take the line down. May be called again."""
        for descriptor in (self._own, self._far):
            if descriptor >= 0:
                os.close(descriptor)
        self._own = self._far = -1
