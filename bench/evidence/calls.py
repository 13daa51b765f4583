"""What a procedure asked of its instruments and what they answered, call by call: what a rejudgement replays.

One file holds what was called since the file before: a first line that names format and columns, then a line
of JSON for each call, in order. Records of waveforms stand in files of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from instruments import errors
from instruments.clock import Deadline
from instruments.commands import Reversion, Written
from instruments.errors import BenchError, EvidenceError, RegisterError
from instruments.interfaces import (
    GridStep,
    Identity,
    InverterSettings,
    InverterStatus,
    ProtectionSetting,
    Reading,
    SettingValue,
    Stimulus,
)
from instruments.load_and_sun import ParallelRlc
from instruments.site import SiteReading
from instruments.utility import (
    ControlOrder,
    ControlResponse,
    DefaultOrder,
    PostedReading,
    PublishedControl,
    SiteLimits,
)

FORMAT = "inverter-compliance-bench calls 1"
NOW, SLEEP = "clock.now_s", "clock.sleep"
COLUMNS = ["call", "arguments", "began_s", "ended_s", "result", "error"]
VALUES: Mapping[str, Any] = {
    kind.__name__: kind
    for kind in (
        ControlOrder,
        ControlResponse,
        DefaultOrder,
        GridStep,
        Identity,
        InverterSettings,
        InverterStatus,
        ParallelRlc,
        PostedReading,
        ProtectionSetting,
        PublishedControl,
        Reading,
        Reversion,
        SettingValue,
        SiteLimits,
        SiteReading,
        Stimulus,
        Written,
    )
}
"""Values that cross the interfaces, by the name under which they stand in the file."""


@dataclass(frozen=True)
class StoredFile:
    """Stands for a record that lies in a file of its own, by its path inside the run."""

    path: str


@dataclass
class Call:
    """One call of an instrument's or the clock's method.

    Attributes:
        name: role and method, such as "analyser.read".
        began_s, ended_s: the bench's clock around the call.
        result: what it returned; None when it raised.
        error: what it raised.
    """

    name: str
    arguments: Sequence[Any]
    began_s: float
    ended_s: float
    result: Any = None
    error: BaseException | None = None


def calls_bytes(calls: Sequence[Call]) -> bytes:
    """Return a file's content.

    Raises:
        EvidenceError: a call holds a value this format has no word for.
    """
    lines = [json.dumps({"format": FORMAT, "columns": COLUMNS}), *map(_line, calls)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def load_calls(path: Path) -> list[Call]:
    """Return the calls of a file; a record is a `StoredFile`.

    Raises:
        EvidenceError: it cannot be read, or is not such a file.
    """
    try:
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        if json.loads(header)["format"] != FORMAT:
            raise EvidenceError(f"{path}: expected the format {FORMAT!r}, found {header:.120}")
        return [_call(json.loads(line)) for line in lines]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise EvidenceError(
            f"calls {path} cannot be read: {type(error).__name__}: {error}"
        ) from error


def to_json(value: Any) -> Any:
    """Return a value that crosses an interface as JSON."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        # float() first: numpy's floats are floats too.
        return float(value) if isfinite(value) else {"number": repr(float(value))}
    if isinstance(value, Mapping):
        return {"mapping": {key: to_json(item) for key, item in value.items()}}
    if isinstance(value, Sequence):
        return [to_json(item) for item in value]
    [(name, content)] = _object_to_json(value).items()
    if isinstance(content, Mapping):
        return {name: {key: to_json(item) for key, item in content.items()}}
    return {name: content}


def _object_to_json(value: Any) -> dict[str, Any]:
    """Return an object's name and what is in it, not taken further."""
    if type(value).__name__ in VALUES:
        return {type(value).__name__: vars(value)}
    if isinstance(value, Deadline):
        return {"deadline": value.at_s}
    if isinstance(value, StoredFile):
        return {"file": value.path}
    raise EvidenceError(
        f"a call with a {type(value).__name__} cannot be stored; expected a number, a text or one of "
        f"{', '.join(VALUES)}"
    )


def from_json(document: Any) -> Any:
    """Return the value `to_json` wrote; a deadline is the time at which it ends."""
    if isinstance(document, list):
        return tuple(from_json(item) for item in document)
    if not isinstance(document, dict):
        return document
    [(name, content)] = document.items()
    if name in VALUES:
        return VALUES[name](**{key: from_json(item) for key, item in content.items()})
    return _PLAIN[name](content)


# Thousands of calls a run: the encoder walks numbers and lists much faster than `to_json` does.
_ENCODER = json.JSONEncoder(allow_nan=False, ensure_ascii=False, default=_object_to_json)

_PLAIN: Mapping[str, Any] = {
    "number": float,
    "deadline": float,
    "file": StoredFile,
    "mapping": lambda content: {key: from_json(item) for key, item in content.items()},
}


def _line(call: Call) -> str:
    if call.name == NOW:
        # Half of all lines; a finite float's repr is its JSON.
        time_s = repr(call.began_s)
        return f'["{NOW}", [], {time_s}, {time_s}, {time_s}, null]'
    row = [call.name, call.arguments, call.began_s, call.ended_s, call.result]
    row.append(_error_to_json(call.error))
    try:
        return _ENCODER.encode(row if not isinstance(call.result, Mapping) else to_json(row))
    except ValueError:
        # A number that is not finite; the encoder has no hook for these.
        return _ENCODER.encode(to_json(row))


def _call(row: list[Any]) -> Call:
    name, arguments, began_s, ended_s, result, error = row
    return Call(name, from_json(arguments), began_s, ended_s, from_json(result), _error(error))


def _error_to_json(error: BaseException | None) -> dict[str, Any] | None:
    if error is None:
        return None
    code = error.code if isinstance(error, RegisterError) else None
    return {"type": type(error).__name__, "message": str(error), "code": code}


def _error(document: Mapping[str, Any] | None) -> BaseException | None:
    """Return an error to raise again; one that is not of the bench becomes a KeyboardInterrupt."""
    if document is None:
        return None
    kind = getattr(errors, document["type"], None)
    if not isinstance(kind, type) or not issubclass(kind, BenchError):
        return KeyboardInterrupt(document["message"])
    arguments = [document["message"]]
    if issubclass(kind, RegisterError):
        arguments.append(document["code"])
    return kind(*arguments)
