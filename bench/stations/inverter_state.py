"""What a station remembers of an inverter between sessions: settings to put back, writes to its flash.

One file for each inverter, a line of JSON for each event, on disk before the bench relies on it. While a
session lasts the file is locked, so that two benches cannot change the same inverter.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from bench.evidence.durable import append_durably, cut_durably, open_to_append, sync_directory
from instruments.clock import utc_now
from instruments.errors import ConfigurationError, EvidenceError
from instruments.interfaces import Identity

FOLDER = "inverter-compliance-bench"
HELD, PUT_BACK, WRITTEN = "held", "put_back", "written"


def user_state_folder() -> Path:
    """Return where this system keeps what a program remembers for its user."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / FOLDER
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support" / FOLDER
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / FOLDER


class InverterState:
    """Implements `InverterMemory` for the inverter that is opened.

    Args:
        folder: where the files lie; None forgets with the process, as a simulated inverter does.

    Attributes:
        changed: told of each setting that is about to be changed for the first time, and what it held.
    """

    def __init__(self, folder: Path | None) -> None:
        self.before: MutableMapping[str, Any] = _Held(self)
        self.changed: Callable[[str, Any], None] = lambda _name, _held: None
        self._folder = folder
        self._stream: BinaryIO | None = None
        self._held: dict[str, Any] = {}
        self._written: Counter[tuple[str, str]] = Counter()

    def open(self, identity: Identity, resource: str) -> None:
        """Recall an inverter; the file is this process's alone until `close`.

        Args:
            resource: its address, which stands for the serial number of one that reports none.

        Raises:
            ConfigurationError: another process uses this inverter, or the file cannot be opened.
            EvidenceError: the file is damaged.
        """
        if self._folder is None:
            return
        path = self._folder / f"{_name(identity, resource)}.jsonl"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = open_to_append(path, create=not path.exists())
            sync_directory(path.parent)
            for event in _events(self._stream, path):
                self._recall(event)
        except EvidenceError:
            self.close()
            raise
        except OSError as error:
            self.close()
            raise ConfigurationError(
                f"what is remembered of {identity} ({path}) cannot be opened: {error.strerror}. Does another "
                "bench use this inverter?"
            ) from error

    def close(self) -> None:
        """Let other processes use the inverter. May be called again."""
        stream, self._stream = self._stream, None
        if stream:
            stream.close()

    def writes_today(self, setting: str) -> int:
        return self._written[_today(), setting]

    def writes_in_all(self, setting: str) -> int:
        return sum(count for (_, name), count in self._written.items() if name == setting)

    def count_write(self, setting: str) -> None:
        self._note({"event": WRITTEN, "setting": setting, "day": _today()})

    def hold(self, setting: str, held: Any) -> None:
        """Note what a setting holds before it is changed."""
        self._note({"event": HELD, "setting": setting, "held": held})
        self.changed(setting, held)

    def forget(self, setting: str) -> None:
        """Note that a setting was put back."""
        self._note({"event": PUT_BACK, "setting": setting})

    @property
    def held(self) -> dict[str, Any]:
        """Settings that were changed and not put back yet."""
        return self._held

    def _note(self, event: dict[str, Any]) -> None:
        if self._stream:
            stamped = {"utc": utc_now().isoformat(timespec="seconds"), **event}
            try:
                append_durably(self._stream, json.dumps(stamped).encode("utf-8") + b"\n")
            except OSError as error:
                raise EvidenceError(
                    f"setting {event['setting']} of the inverter: {event['event']!r} could not be written "
                    f"down: {error.strerror}. Nothing was sent"
                ) from error
        self._recall(event)

    def _recall(self, event: dict[str, Any]) -> None:
        if event["event"] == HELD:
            self._held[event["setting"]] = event["held"]
        elif event["event"] == PUT_BACK:
            del self._held[event["setting"]]
        else:
            self._written[event["day"], event["setting"]] += 1


class _Held(MutableMapping[str, Any]):
    """Settings as they were found, each change of it on disk before it returns."""

    def __init__(self, state: InverterState) -> None:
        self._state = state

    def __getitem__(self, setting: str) -> Any:
        return self._state.held[setting]

    def __setitem__(self, setting: str, held: Any) -> None:
        self._state.hold(setting, held)

    def __delitem__(self, setting: str) -> None:
        self._state.forget(setting)

    def __iter__(self) -> Iterator[str]:
        return iter(self._state.held)

    def __len__(self) -> int:
        return len(self._state.held)


def _today() -> str:
    day: date = utc_now().date()
    return day.isoformat()


def _name(identity: Identity, resource: str) -> str:
    """Return a file's name for an inverter; one without a serial number is known by its address."""
    text = f"{identity.maker}_{identity.model}_{identity.serial or resource}"
    return re.sub(r"[^A-Za-z0-9.-]+", "_", text)


def _events(stream: BinaryIO, path: Path) -> Iterator[dict[str, Any]]:
    """Yield what is remembered; a last line without its end was never relied on, and is cut."""
    stream.seek(0)
    data = stream.read()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        cut_durably(stream, len(whole))
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            event = json.loads(line)
            yield {"event": event["event"], **event}
        except (ValueError, KeyError, TypeError) as error:
            raise EvidenceError(
                f"{path}:{number}: is no event of an inverter's settings: {line[:80]!r}. Put the settings "
                "back by hand and remove the file"
            ) from error
