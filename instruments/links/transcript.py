"""Every exchange with every instrument, in order, as JSON lines."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import TextIO

from instruments.clock import Clock
from instruments.errors import EvidenceError

KEPT_IN_MEMORY = 1000
MASK = "***"


@dataclass(frozen=True)
class Exchange:
    """One question and what came of it.

    Attributes:
        reply: None when none came; blocks appear as their length and hash, registers as hex words.
        error: what went wrong, empty when nothing did.
    """

    link: str
    request: str
    reply: str | None
    requested_s: float
    answered_s: float
    error: str = ""


def block_text(block: bytes) -> str:
    """Return how a block appears in the transcript."""
    return f"block of {len(block)} bytes, sha256 {hashlib.sha256(block).hexdigest()}"


def words_text(registers: Iterable[int]) -> str:
    """Return how registers appear in the transcript."""
    return " ".join(f"{register:04X}" for register in registers)


class Transcript:
    """Collects exchanges; with a path each becomes a line of the file.

    Args:
        path: file to append to, or None to keep the newest exchanges in memory only.
        clock: the bench's clock, whose seconds the lines carry.
        secrets: texts that are replaced before anything is written.

    Attributes:
        count: exchanges so far.
        recent: the newest exchanges.
    """

    def __init__(self, path: Path | None, clock: Clock, secrets: Iterable[str] = ()) -> None:
        self.clock = clock
        self.count = 0
        self.recent: deque[Exchange] = deque(maxlen=KEPT_IN_MEMORY)
        self._secrets = {secret for secret in secrets if secret}
        self._lock = Lock()
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None

    def mask(self, secret: str) -> None:
        """Replace `secret` in everything recorded from here on."""
        self._secrets.add(secret)

    def record(self, exchange: Exchange) -> None:
        """Add one exchange.

        Raises:
            EvidenceError: the file cannot be written.
        """
        with self._lock:
            self.count += 1
            masked = self._masked(exchange)
            self.recent.append(masked)
            if self._file:
                try:
                    self._file.write(json.dumps(asdict(masked)) + "\n")
                except OSError as error:
                    raise EvidenceError(f"transcript {self._file.name}: {error}") from error

    def close(self) -> None:
        """Write what is buffered and close the file. May be called again."""
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None

    def _masked(self, exchange: Exchange) -> Exchange:
        if not self._secrets:
            return exchange
        return Exchange(
            exchange.link,
            self._hide(exchange.request),
            None if exchange.reply is None else self._hide(exchange.reply),
            exchange.requested_s,
            exchange.answered_s,
            self._hide(exchange.error),
        )

    def _hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text
