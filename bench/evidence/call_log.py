"""The calls of a running trial, until they are put into the evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.evidence.calls import NOW, Call, StoredFile
from instruments.clock import Clock
from instruments.interfaces import Recording


class CallLog:
    """The calls of one trial that are not in the evidence yet."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._inside = False

    def take(self) -> list[Call]:
        """Return all calls and forget them."""
        calls, self._calls = self._calls, []
        return calls

    def kept(self, recording: Recording, path: str) -> None:
        """Let the file of a record stand for it, so that nobody holds its samples."""
        for call in reversed(self._calls):
            if call.result is recording:
                call.result = StoredFile(path)

    def looked(self, time_s: float) -> None:
        """Note a look at the clock, unless an instrument took it."""
        if not self._inside:
            self._calls.append(Call(NOW, (), time_s, time_s, time_s))

    def made(self, name: str, clock: Clock, method: Callable[..., Any], *arguments: Any) -> Any:
        """Make a call and note it; what it calls in turn is part of it."""
        if self._inside:
            return method(*arguments)
        call = Call(name, arguments, clock.now_s(), 0.0)
        self._calls.append(call)
        self._inside = True
        try:
            call.result = method(*arguments)
        except BaseException as error:
            call.error = error
            raise
        finally:
            self._inside = False
            call.ended_s = clock.now_s()
        return call.result
