"""On which line of a TOML file each table and key stands: what `tomllib` reads but does not tell.

Works on text `tomllib` has accepted, so it need not recognise mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]
KEY_PART = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*""")
STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL
)
BARE = re.compile(r"[^,\]}\n#]*")
BLANK = re.compile(r"(?:\s|#[^\n]*)*")


def index_lines(text: str) -> dict[Path, int]:
    """Return the line of every table, key and array element, counted from 1.

    A path has the names as in the parsed document, with positions for the elements of arrays.
    """
    scan = _Scan(text.replace("\r\n", "\n"))
    scan.document()
    return scan.lines


class _Scan:
    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._rows: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while self._skip_blank():
            line = self._line()
            if self._take("[["):
                table = self._row(self._key())
                self._take("]]")
            elif self._take("["):
                table = self._resolved(self._key())
                self._take("]")
            else:
                self._pair(table)
                continue
            for end in range(1, len(table)):
                self.lines.setdefault(table[:end], line)
            self.lines[table] = line

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for part in self._key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._take("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip_blank()
        self.lines.setdefault(path, self._line())
        if self._take("{"):
            self._inline_table(path)
        elif self._take("["):
            self._array(path)
        else:
            found = STRING.match(self._text, self._at) or BARE.match(self._text, self._at)
            self._at = found.end() if found else self._at

    def _inline_table(self, path: Path) -> None:
        self._skip_blank()
        while not self._take("}"):
            self._pair(path)
            self._skip_blank()
            self._take(",")
            self._skip_blank()

    def _array(self, path: Path) -> None:
        self._skip_blank()
        position = 0
        while not self._take("]"):
            self._value((*path, position))
            position += 1
            self._skip_blank()
            self._take(",")
            self._skip_blank()

    def _key(self) -> list[str]:
        parts = []
        while found := KEY_PART.match(self._text, self._at):
            self._at = found.end()
            parts.append(found[1].strip("\"'") if found[1][0] in "\"'" else found[1])
            if not self._take("."):
                break
        return parts

    def _row(self, key: Sequence[str]) -> Path:
        """Return the path of a new row of an array of tables."""
        path = (*self._resolved(key[:-1]), key[-1])
        self._rows[path] = self._rows.get(path, -1) + 1
        self.lines.setdefault(path, self._line())
        return (*path, self._rows[path])

    def _resolved(self, key: Sequence[str]) -> Path:
        """Return the path of a header; an array of tables in it stands for its last row."""
        path: Path = ()
        for part in key:
            path = (*path, part)
            if path in self._rows:
                path = (*path, self._rows[path])
        return path

    def _skip_blank(self) -> bool:
        """Skip white space and comments; return whether anything follows."""
        found = BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at < len(self._text)

    def _take(self, token: str) -> bool:
        taken = self._text.startswith(token, self._at)
        self._at += len(token) * taken
        return taken

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1
