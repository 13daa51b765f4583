"""Which file stated what: the record of every file a grid code was put together from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.grid_code.quantity import Quantity

GRID_CODE, OVERLAY, DISTRIBUTOR = "grid code", "overlay", "distributor"
EXPORT_LIMITS, EXPORT_CASES = "export limits", "export cases"


@dataclass(frozen=True)
class Change:
    """One quantity that a layer restated."""

    requirement: str
    before: Quantity
    after: Quantity

    def to_json(self) -> dict[str, str]:
        """Return it for results and reports."""
        return {
            "requirement": self.requirement,
            "quantity": self.after.name.replace("_", " "),
            "before": str(self.before),
            "after": str(self.after),
            "source": self.after.source,
            "status": self.after.status,
        }


@dataclass(frozen=True)
class Study:
    """The published network study a distributor's set-points rest on."""

    title: str
    date: str
    publisher: str
    url: str
    methodology: str

    def __str__(self) -> str:
        return f"“{self.title}”, {self.publisher}, {self.date}"


@dataclass(frozen=True)
class Layer:
    """One file of a grid code.

    Attributes:
        kind: GRID_CODE, OVERLAY, DISTRIBUTOR, EXPORT_LIMITS or EXPORT_CASES.
        changes: what it restated of the layers below; a grid code that extends none has no changes.
        study: of a distributor's profile.
    """

    kind: str
    title: str
    file: Path
    sha256: str
    changes: tuple[Change, ...] = ()
    study: Study | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it for results and reports."""
        return {
            "kind": self.kind,
            "title": self.title,
            "file": self.file.name,
            "sha256": self.sha256,
            "study": vars(self.study) if self.study else None,
            "changes": [change.to_json() for change in self.changes],
        }


def file_sha256(file: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
