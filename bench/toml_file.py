"""Strict reading of TOML: unknown keys, missing keys and wrong types name file, table and key."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from instruments.errors import ConfigurationError

Value = TypeVar("Value")


@dataclass(frozen=True)
class Table:
    """One table of a TOML file that knows where it stands."""

    file: Path
    name: str
    values: Mapping[str, Any]

    def error(self, message: str) -> ConfigurationError:
        """Return an error that begins with file and table."""
        where = f"table [{self.name}]" if self.name else "top level"
        return ConfigurationError(f"{self.file}: {where}: {message}")

    def allow(self, *keys: str) -> None:
        """Refuse every key that is not in `keys`."""
        unknown = sorted(set(self.values) - set(keys))
        if unknown:
            raise self.error(f"unknown key {unknown[0]!r}. Allowed keys: {', '.join(sorted(keys))}")

    def require(self, key: str, kind: type[Value], where: Collection[Value] = ()) -> Value:
        """Return a value that must be there, of the given type and, if given, one of `where`."""
        if key not in self.values:
            raise self.error(f"key {key!r} is missing (expected {_name(kind)})")
        return self._checked(key, kind, where)

    def require_text(self, key: str) -> str:
        """Return a text that must be there and say something."""
        text = self.require(key, str)
        if not text.strip():
            raise self.error(f"{key} = {text!r}: expected a text that is not empty")
        return text

    def optional(self, key: str, kind: type[Value], default: Value) -> Value:
        """Return a value, or the default when the key is absent."""
        return self._checked(key, kind, ()) if key in self.values else default

    def table(self, key: str) -> Table:
        """Return a sub-table that must be there."""
        if key not in self.values:
            raise self.error(f"table {key!r} is missing")
        return self._sub(key, self.values[key])

    def optional_table(self, key: str) -> Table:
        """Return a sub-table, empty when absent."""
        return self._sub(key, self.values.get(key, {}))

    def tables(self, key: str) -> list[Table]:
        """Return the tables of an array; an absent array has none."""
        rows = self.values.get(key, [])
        if not isinstance(rows, list):
            raise self.error(f"{key!r} must be an array of tables, written [[{key}]]")
        return [self._sub(f"{key}[{index}]", row) for index, row in enumerate(rows)]

    def _sub(self, key: str, values: Any) -> Table:
        if not isinstance(values, dict):
            raise self.error(f"{key!r} must be a table, got {values!r}")
        return Table(self.file, f"{self.name}.{key}" if self.name else key, values)

    def _checked(self, key: str, kind: type[Value], where: Collection[Value]) -> Value:
        value = self.values[key]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(f"{key} = {value!r}: expected {_name(kind)}")
        if where and value not in where:
            allowed = ", ".join(str(item) for item in where)
            raise self.error(f"{key} = {value!r}: expected one of {allowed}")
        return value


def read_toml(file: Path) -> Table:
    """Read a TOML file.

    Raises:
        ConfigurationError: the file is missing, unreadable or not TOML.
    """
    try:
        with file.open("rb") as stream:
            return Table(file, "", tomllib.load(stream))
    except FileNotFoundError as error:
        raise ConfigurationError(f"{file}: no such file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from error


_NAMES: dict[type, str] = {
    float: "a number",
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "an array",
    dict: "a table",
    date: "a date such as 2026-10-30, without quotation marks",
}


def _name(kind: type) -> str:
    return _NAMES.get(kind, kind.__name__)
