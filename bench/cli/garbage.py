"""How often a process that runs campaigns looks for reference cycles."""

from __future__ import annotations

import gc

import pytest

GARBAGE_THRESHOLD = 50_000


def collect_rarely() -> None:
    """Look for reference cycles less often: a campaign makes hardly any, and looking takes 4 % of its time."""
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)


class FreezeLoaded:
    """A pytest plugin: what is loaded and connected when the first trial begins is never looked at again."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        gc.freeze()
