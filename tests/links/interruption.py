"""Ctrl-C while a link waits for its answer."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

AFTER_S = 0.2


@contextmanager
def interrupted_by_ctrl_c() -> Iterator[None]:
    """Raise SIGINT in the main thread while it waits; restore Python's own handler afterwards."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(AFTER_S, signal.raise_signal, [signal.SIGINT])
    timer.start()
    try:
        yield
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
