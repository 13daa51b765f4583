"""Everything that must hold before a commit, in one command: format, lint, types, floors, tests.

The same on a laptop and in CI. Arguments are passed on to pytest: `python check.py -k verdict`.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
STEPS: dict[str, list[str]] = {
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "lint": [sys.executable, "-m", "ruff", "check", "."],
    "types": [sys.executable, "-m", "mypy"],
    "floors": [str(SCRIPTS / "lint-imports")],
    "tests": [sys.executable, "-m", "pytest", "-n", "auto", *sys.argv[1:]],
}


def main() -> int:
    """Run every step, the cheap ones first; return 1 when any failed."""
    failed = []
    for name, command in STEPS.items():
        print(f"── {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
