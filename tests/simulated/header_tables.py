"""Header tables taken from manuals, and every way to spell or misspell a header.

Nothing of the simulated instruments is used here: this is the other side of the comparison.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

DIRECTORY = Path(__file__).parent / "headers"
NOT_POSSIBLE = "-"
CHANNELS = range(1, 7)


@dataclass(frozen=True)
class Row:
    """One header of a table with an argument to set it and one to ask it."""

    header: str
    set_with: str
    ask_with: str

    def messages(self, spelling: str) -> Iterator[str]:
        """Yield what can be sent with one spelling of the header."""
        if self.set_with != NOT_POSSIBLE:
            yield f"{spelling} {self.set_with}".rstrip()
        if self.ask_with != NOT_POSSIBLE:
            yield f"{spelling}? {self.ask_with}".rstrip()


@dataclass(frozen=True)
class Table:
    """All rows of one dialect."""

    first: str
    rows: tuple[Row, ...]

    @property
    def spellings(self) -> frozenset[str]:
        """Everything the manual allows, in capitals."""
        return frozenset(s.upper() for row in self.rows for s in spellings(row.header))


def read_table(name: str) -> Table:
    """Read one table by the name of its file."""
    content = tomllib.loads((DIRECTORY / f"{name}.toml").read_text(encoding="utf-8"))
    return Table(content["first"], tuple(Row(*row) for row in content["headers"]))


def spellings(header: str) -> list[str]:
    """Return every accepted spelling: each node long or short, optional nodes there or not."""
    nodes = re.findall(r"(\[?):?([*A-Za-z0-9]+)(<n>)?:?\]?", header)
    choices = []
    for optional, name, numbered in nodes:
        forms = {name, re.sub("[a-z]", "", name)}
        if numbered:
            forms |= {f"{form}{n}" for form in forms for n in CHANNELS}
        choices.append(sorted(forms) + ([""] if optional else []))
    return [":".join(filter(None, parts)) for parts in product(*choices)]


def mixed_case(text: str) -> str:
    """Return the text with every second letter changed in case."""
    return "".join(c.swapcase() if k % 2 else c for k, c in enumerate(text))


def misspellings(header: str, table: Table) -> Iterator[str]:
    """Yield wrong spellings: a letter dropped, doubled or added, a form between short and long."""
    known = set(table.spellings)
    for spelling in (min(spellings(header), key=len), max(spellings(header), key=len)):
        nodes = spelling.split(":")
        for position, node in enumerate(nodes):
            for wrong in _wrong_nodes(node):
                candidate = ":".join([*nodes[:position], wrong, *nodes[position + 1 :]])
                if candidate.upper() not in known and candidate.strip("*:"):
                    known.add(candidate.upper())
                    yield candidate


def _wrong_nodes(node: str) -> Iterator[str]:
    for k, letter in enumerate(node):
        if letter.isalpha():
            yield node[:k] + node[k + 1 :]
            yield node[:k] + letter + node[k:]
    yield node + "X"
    for length in range(1, len(node)):
        yield node[:length]
