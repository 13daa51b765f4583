"""Run the `bench` command as a user does, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.paths import ROOT


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


def bench(*arguments: str | Path, cwd: Path = ROOT, timeout_s: float = 300) -> Outcome:
    """Run `bench` with arguments and return its exit code and output."""
    return run("-m", "bench", *arguments, cwd=cwd, timeout_s=timeout_s)


def run(*arguments: str | Path, cwd: Path = ROOT, timeout_s: float = 300) -> Outcome:
    """Run the Python interpreter with arguments."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=timeout_s,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def results(directory: Path) -> dict[str, Any]:
    """Return the results document of a run."""
    document: dict[str, Any] = json.loads((directory / "results.json").read_text(encoding="utf-8"))
    return document


def outcomes(directory: Path) -> dict[str, str]:
    """Return requirement id → outcome."""
    return {row["id"]: row["outcome"] for row in results(directory)["requirements"]}


def transcript(directory: Path) -> str:
    """Return the transcript of a run; empty when no instrument was reached."""
    file = directory / "transcript.jsonl"
    return file.read_text(encoding="utf-8") if file.exists() else ""
