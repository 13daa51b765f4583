"""A line on which nothing can be written, whatever a driver asks of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from instruments.clock import Clock
from instruments.errors import LinkClosed, LinkGarbled, LinkTimeout, RegisterBusy, WriteForbidden

READING_FUNCTIONS = (1, 2, 3, 4)
"""Read coils, discrete inputs, holding and input registers (MODBUS Application Protocol V1.1b3, section 6)."""
PASSING = (LinkTimeout, LinkClosed, LinkGarbled, RegisterBusy)
"""Trouble that may be gone when the question is asked again."""


class Line(Protocol):
    """What carries requests to the units on it."""

    clock: Clock

    def exchange(
        self,
        name: str,
        request: str,
        send: Callable[[Any], Any],
        expected: Mapping[str, int],
    ) -> list[int]:
        """Send one request and return the registers of its answer."""
        ...

    def close(self) -> None: ...


class ReadOnlyLine:
    """Lets only reading functions through. As these change nothing, they may be asked again.

    Args:
        line: what carries the requests.
        attempts: how often a request is sent at most.
        pause_s: time left to the device before it is asked again.
    """

    def __init__(self, line: Line, attempts: int, pause_s: float) -> None:
        self.clock = line.clock
        self._line = line
        self._attempts = attempts
        self._pause_s = pause_s

    def exchange(
        self,
        name: str,
        request: str,
        send: Callable[[Any], Any],
        expected: Mapping[str, int],
    ) -> list[int]:
        """Send a reading request and return the registers of its answer.

        Raises:
            WriteForbidden: it is not a reading request; nothing was sent.
            RegisterError, LinkError: of the last attempt.
        """
        if expected["function_code"] not in READING_FUNCTIONS:
            raise WriteForbidden(
                f"{name}: {request.split(' ', 1)[0]} (function {expected['function_code']}) was asked of a "
                "link opened for reading alone; nothing was sent"
            )
        for _ in range(self._attempts - 1):
            try:
                return self._line.exchange(name, request, send, expected)
            except PASSING:
                self.clock.sleep(self._pause_s)
        return self._line.exchange(name, request, send, expected)

    def close(self) -> None:
        """Close the line. May be called again."""
        self._line.close()
