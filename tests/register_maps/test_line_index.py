"""Lines of tables and keys, in every way TOML writes them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from bench.paths import MAPS
from bench.register_maps.line_index import Path, index_lines

TEXT = """# comment with [brackets] and "quotes
top = 1

[a.b]   # header
x = "has # no comment"
"quoted key" = 'it''s'
y = [ 1,
  2, # two
  { deep = 3 } ]
z = { one = 1, two = { three = 3 } }
long = \"\"\"
[not.a.table]
k = 1
\"\"\"
dotted.key = 0x1F

[[row]]
n = 1
[row.inner]
m = 1
[[row]]
n = 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a", "b"), 4),
        (("a", "b", "x"), 5),
        (("a", "b", "y"), 7),
        (("a", "b", "y", 1), 8),
        (("a", "b", "y", 2, "deep"), 9),
        (("a", "b", "z", "two", "three"), 10),
        (("a", "b", "dotted", "key"), 15),
        (("row", 0), 17),
        (("row", 0, "inner", "m"), 20),
        (("row", 1, "n"), 22),
    ],
)
def test_a_key_is_found_on_its_line(path: Path, line: int) -> None:
    assert index_lines(TEXT.replace("'it''s'", "'its'"))[path] == line


def test_windows_line_ends_count_as_one() -> None:
    assert index_lines("a = 1\r\nb = 2\r\n")[("b",)] == 2


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inside in items:
        yield (*path, key)
        if isinstance(inside, dict | list):
            yield from paths_of(inside, (*path, key))


@pytest.mark.parametrize("file", sorted(MAPS.glob("*.toml")), ids=lambda file: file.stem)
def test_whatever_the_parser_finds_has_a_line_that_names_it(file: Any) -> None:
    text = file.read_text(encoding="utf-8")
    lines, rows = index_lines(text), text.split("\n")
    for path in paths_of(tomllib.loads(text)):
        named = [part for part in path if isinstance(part, str)][-1]
        if isinstance(path[-1], str):
            assert named in rows[lines[path] - 1], path
