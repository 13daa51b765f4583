"""Signals on a bench that may be energised.

SIGTERM becomes an ordinary interrupt, so that the safe state is reached; while the safe state is being
established, interrupts wait until it is.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(f"signal {signal.Signals(number).name}")


@contextmanager
def termination_interrupts() -> Iterator[None]:
    """Let SIGTERM end the run like Ctrl-C. Only the main thread may enter."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def shielded() -> Iterator[list[int]]:
    """Hold interrupts back; yields the list of those that arrived. Only the main thread may enter."""
    arrived: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield arrived
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
