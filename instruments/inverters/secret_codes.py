"""Codes that open an inverter's settings: from the environment, or from a file the environment names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from instruments.errors import ConfigurationError

FILE_SUFFIX = "_FILE"


class EnvironmentCodes(Mapping[str, str]):
    """The code NAME is the variable NAME, or the content of the file that the variable NAME_FILE names.

    Raises:
        ConfigurationError: on use, when such a file cannot be read.
    """

    def __getitem__(self, name: str) -> str:
        if name in os.environ:
            return os.environ[name]
        return _content(name, os.environ[name + FILE_SUFFIX])

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)


def _content(name: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        # Bytes that are no text are part of the code: they appear in no message.
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise ConfigurationError(
            f"{name}{FILE_SUFFIX} = {file}: the code cannot be read: {why}"
        ) from None
