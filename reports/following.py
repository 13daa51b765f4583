"""The run's side of `reports.follow`, which draws while the run goes on."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from bench.paths import ROOT


class Follower:
    """The run's side: starts the process, says when there is something new, waits for the views."""

    def __init__(self, run_directory: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reports.follow", str(run_directory.resolve())],
            stdin=subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,
        )

    def trial_ended(self) -> None:
        """Say that another trial can be drawn."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()
        except OSError:
            # It has failed, and has said why on the standard error; `bench report` writes the views.
            return

    def run_ended(self) -> None:
        """Say that the journal is complete, so that the views can be written."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def wait(self) -> None:
        """Wait for the views of a run that has ended."""
        self._process.wait()
