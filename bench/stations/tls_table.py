"""The files of a secured connection, as a table of a station or inverter file states them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.toml_file import Table

FILE_KEYS = ("ca_file", "certificate_file", "key_file")
HOST_KEY = "check_host_name"
KEYS = (*FILE_KEYS, HOST_KEY)
Stated = Mapping[str, Any]
"""What is stated of `TlsFiles`, by field; several are laid over each other before they become one."""


def read_tls(table: Table) -> dict[str, Any]:
    """Return what a table states; its files are named from where the file with the table lies."""
    table.allow(*KEYS)
    stated: dict[str, Any] = {
        key: table.file.parent / table.require_text(key) for key in FILE_KEYS if key in table.values
    }
    if HOST_KEY in table.values:
        stated[HOST_KEY] = table.require(HOST_KEY, bool)
    return stated
