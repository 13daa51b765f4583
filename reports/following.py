"""The run's side of `reports.follow`, which draws while the run goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.paths import ROOT


class Follower:
    """The run's side: starts the process, says when there is something new, waits for the reports."""

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
            # It has failed; `finish` says so, and the reports are written afterwards.
            return

    def finish(self) -> bool:
        """Wait for the reports of a run that has ended; return whether they were written."""
        self._process.communicate()
        return self._process.returncode == 0
