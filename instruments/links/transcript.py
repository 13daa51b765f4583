"""Every exchange with every instrument, in order, as JSON lines."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TextIO

from instruments.clock import Clock
from instruments.errors import EvidenceError

KEPT_IN_MEMORY = 1000
MASK = "***"
_encode = json.JSONEncoder(default=vars).encode


@dataclass(frozen=True)
class Block:
    """What is written of a binary block: never its data."""

    block_bytes: int
    sha256: str

    @classmethod
    def of(cls, data: bytes) -> Block:
        """Return the description of `data`."""
        return cls(len(data), hashlib.sha256(data).hexdigest())


@dataclass(frozen=True)
class Exchange:
    """One question and what came of it.

    Attributes:
        reply: None when none came; registers appear as hexadecimal words.
        requested_s, answered_s: the bench's clock around the exchange.
        error: what went wrong, empty when nothing did.
    """

    link: str
    request: str
    reply: str | Block | None
    requested_s: float
    answered_s: float
    error: str = ""


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

    Raises:
        EvidenceError: the file cannot be opened.
    """

    def __init__(self, path: Path | None, clock: Clock, secrets: Iterable[str] = ()) -> None:
        self.clock = clock
        self.count = 0
        self.recent: deque[Exchange] = deque(maxlen=KEPT_IN_MEMORY)
        self._secrets: list[str] = []
        self._lock = Lock()
        self._path = path
        self._file = _opened(path) if path else None
        for secret in secrets:
            self.mask(secret)

    def mask(self, secret: str) -> None:
        """Replace `secret` in everything recorded from here on.

        A code that is written to registers appears as words: mask its `words_text`.
        """
        if secret:
            # Longest first: a secret that begins like a longer one would leave the rest of that one.
            self._secrets = sorted({*self._secrets, secret}, key=len, reverse=True)

    def masked(self, text: str) -> str:
        """Return `text` without the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def record(self, exchange: Exchange) -> None:
        """Add one exchange.

        Raises:
            EvidenceError: the file cannot be written. Raised once: from then on exchanges are kept in memory
                only, so that a full disk does not stand in the way of the safe state.
        """
        with self._lock:
            self.count += 1
            exchange = self._without_secrets(exchange)
            self.recent.append(exchange)
            if self._file:
                self._write(_encode(vars(exchange)) + "\n", self._file)

    def flush(self) -> None:
        """Hand what is buffered to the operating system.

        Raises:
            EvidenceError: the file cannot be written.
        """
        with self._lock:
            if self._file:
                self._write("", self._file, flush=True)

    def close(self) -> None:
        """Write what is buffered and close the file. May be called again.

        Raises:
            EvidenceError: the file cannot be written.
        """
        with self._lock:
            file, self._file = self._file, None
            if file:
                try:
                    file.close()
                except OSError as error:
                    raise self._lost(error) from error

    def _write(self, line: str, file: TextIO, flush: bool = False) -> None:
        try:
            file.write(line)
            if flush:
                file.flush()
        except OSError as error:
            self._abandon(file)
            raise self._lost(error) from error

    def _abandon(self, file: TextIO) -> None:
        self._file = None
        try:
            file.close()
        except OSError:
            # Closing writes the rest once more; that it fails again is told by the error already on its way.
            return

    def _lost(self, error: OSError) -> EvidenceError:
        return EvidenceError(
            f"transcript {self._path}: cannot be written after {self.count} exchanges: {error}. "
            "Is the disk full? Lines may be missing at its end."
        )

    def _without_secrets(self, exchange: Exchange) -> Exchange:
        if not self._secrets:
            return exchange
        reply = exchange.reply
        return replace(
            exchange,
            request=self.masked(exchange.request),
            reply=self.masked(reply) if isinstance(reply, str) else reply,
            error=self.masked(exchange.error),
        )


def _opened(path: Path) -> TextIO:
    try:
        return path.open("a", encoding="utf-8", newline="\n")
    except OSError as error:
        raise EvidenceError(f"transcript {path}: cannot be opened: {error}") from error
