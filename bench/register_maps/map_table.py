"""A table of a register map whose mistakes are reported with file and line."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from bench.register_maps.line_index import Path as Place
from bench.register_maps.line_index import index_lines
from instruments.errors import ConfigurationError
from instruments.register_maps.model import Source

Value = TypeVar("Value", int, float, str, bool, list[Any], dict[str, Any])
WORDS: Mapping[type, str] = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    bool: "true or false",
    list: "an array",
    dict: "a table",
}
ABSENT = object()


@dataclass(frozen=True)
class MapTable:
    """Values of one table, where they stand, and how they are asked for.

    Attributes:
        place: path of the table in its file.
        lines: place → line.
    """

    file: Path
    place: Place
    values: Mapping[str, Any]
    lines: Mapping[Place, int]

    @property
    def name(self) -> str:
        """The last name of its path."""
        return str(self.place[-1]) if self.place else ""

    @property
    def source(self) -> Source:
        """Where the table begins."""
        return Source(self.file.name, self.line())

    def line(self, key: str = "") -> int:
        """Return the line of a key, or of the nearest table around it."""
        place: Place = (*self.place, key) if key else self.place
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def error(self, key: str, message: str) -> ConfigurationError:
        """Return the error that says where a key stands and what it holds."""
        where = ".".join(str(part) for part in (*self.place, *([key] if key else [])))
        held = f" = {self.values[key]!r}" if key in self.values else ""
        return ConfigurationError(f"{self.file}:{self.line(key)}: {where}{held}: {message}")

    def allow(self, *keys: str) -> None:
        """Refuse every other key."""
        for key in self.values:
            if key not in keys:
                near = get_close_matches(key, keys, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"expected one of {_listed(keys)}"
                raise self.error(key, f"there is no such key; {hint}")

    def has(self, key: str) -> bool:
        """Return whether a key is there."""
        return key in self.values

    def require(self, key: str, kind: type[Value], among: Collection[str] = ()) -> Value:
        """Return a value that must be there."""
        if key not in self.values:
            choice = f", one of {_listed(among)}" if among else ""
            raise self.error(key, f"is missing; expected {WORDS[kind]}{choice}")
        return self._checked(key, kind, among)

    def optional(
        self, key: str, kind: type[Value], otherwise: Value, among: Collection[str] = ()
    ) -> Value:
        """Return a value, or another when it is not there."""
        return self._checked(key, kind, among) if key in self.values else otherwise

    def number(self, key: str) -> float | None:
        """Return a number, or None when it is not there."""
        return self.require(key, float) if key in self.values else None

    def numbers(self, key: str, count: int | None = None) -> list[float]:
        """Return an array of numbers, empty when it is not there."""
        found = self.optional(key, list, [])
        if not all(_is(item, float) for item in found) or (
            found and count not in (None, len(found))
        ):
            expected = f"{count} numbers" if count else "an array of numbers"
            raise self.error(key, f"expected {expected}")
        return found

    def texts(self, key: str) -> list[str]:
        """Return an array of texts, empty when it is not there."""
        found = self.optional(key, list, [])
        if not all(isinstance(item, str) for item in found):
            raise self.error(key, "expected an array of texts")
        return found

    def codes(self, key: str) -> dict[str, int]:
        """Return a table of names and whole numbers, empty when it is not there."""
        found = self.optional(key, dict, {})
        for name, code in found.items():
            if not _is(code, int):
                raise self.table(key).error(name, "expected a whole number")
        return found

    def table(self, key: str) -> MapTable:
        """Return a table inside, empty when it is not there."""
        inside = self.optional(key, dict, {})
        return MapTable(self.file, (*self.place, key), inside, self.lines)

    def tables(self, key: str) -> list[MapTable]:
        """Return the named tables inside a table."""
        inside = self.table(key)
        return [inside.table(name) for name in inside.values]

    def rows(self, key: str) -> list[MapTable]:
        """Return the rows of an array of tables."""
        rows = self.optional(key, list, [])
        if not all(isinstance(row, dict) for row in rows):
            raise self.error(key, f"expected tables, written [[{key}]]")
        place = (*self.place, key)
        return [MapTable(self.file, (*place, n), row, self.lines) for n, row in enumerate(rows)]

    def with_values(self, values: Mapping[str, Any]) -> MapTable:
        """Return the table with other values and its own lines."""
        return replace(self, values=values)

    def _checked(self, key: str, kind: type[Value], among: Collection[str]) -> Value:
        value = self.values[key]
        if not _is(value, kind):
            raise self.error(key, f"expected {WORDS[kind]}")
        if among and value not in among:
            near = get_close_matches(str(value), among, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise self.error(key, f"expected one of {_listed(among)}{hint}")
        result: Value = kind(value) if kind is float else value
        return result


def read_map_table(file: Path) -> MapTable:
    """Read a register map.

    Raises:
        ConfigurationError: the file is missing, unreadable or not TOML; with its line.
    """
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except FileNotFoundError as error:
        raise ConfigurationError(f"{file}: no such file") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{file}:{_line_of(str(error), text)}: not TOML: {error}"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: not UTF-8: {error}") from error
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from error
    return MapTable(file, (), values, index_lines(text))


def _line_of(message: str, text: str) -> int:
    """Return the line a message of `tomllib` names; the last one for the end of the document."""
    _, found, rest = message.partition("(at line ")
    return int(rest.split(",")[0]) if found else text.count("\n") + 1


def _is(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))
