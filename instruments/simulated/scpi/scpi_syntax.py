"""The language of SCPI program messages: headers, units and where a message ends.

What a message *says* belongs here (SCPI-99 volume 1, IEEE 488.2 section 7); parameters are in
`scpi_parameters`. What a device *does* with it belongs to the device, how it is executed and
answered to `scpi_engine`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from instruments.simulated.scpi.scpi_errors import ERROR_TEXTS, ScpiError
from instruments.simulated.scpi.scpi_parameters import (
    Limits,
    block_end,
    parse_boolean,
    parse_integer,
    parse_number,
    parse_range,
    parse_string,
    parse_word,
    short_form,
)

__all__ = [
    "ERROR_TEXTS",
    "Answer",
    "Arguments",
    "Command",
    "Handler",
    "HeaderTree",
    "Limits",
    "ScpiError",
    "Unit",
    "parse_boolean",
    "parse_integer",
    "parse_number",
    "parse_range",
    "parse_string",
    "parse_word",
    "short_form",
    "split_outside_quotes",
    "take_program_message",
]

Answer = str | bytes | None

_HEADER_NODE = re.compile(r"(\[?):?([A-Za-z]+[A-Za-z0-9]*)(<n>)?:?(\]?)")
_MNEMONIC = re.compile(r"([A-Z][A-Z0-9_]*?)(\d{0,9})")
_HEADER = re.compile(r"[*:A-Za-z0-9_?]+")
_END_OR_DATA = re.compile(r"""\n|#|"[^"\n]*"|'[^'\n]*'""")
_WHITE_SPACE = "".join(map(chr, range(33)))


@dataclass(frozen=True)
class Arguments:
    """Parameters and numeric header suffixes of one program message unit."""

    parameters: tuple[str, ...] = ()
    suffixes: tuple[int, ...] = ()

    @property
    def first(self) -> str:
        """The only parameter."""
        return self.parameters[0]

    def suffix(self, most: int) -> int:
        """Return the header's numeric suffix, 1 to `most`."""
        if not 1 <= self.suffixes[0] <= most:
            raise ScpiError(-114, f"{self.suffixes[0]}")
        return self.suffixes[0]


Handler = Callable[[Arguments], Answer]


@dataclass(frozen=True)
class Command:
    """One row of a device's table.

    Attributes:
        pattern: header as manuals print it, such as `[SOURce:]VOLTage[:LEVel]`, with `<n>` behind a
            node that takes a numeric suffix and `?` at the end of a query.
        least, most: how many parameters it takes; `most` None is any number.
    """

    pattern: str
    handler: Handler
    least: int = 0
    most: int | None = 0

    def refuse_miscounted(self, parameters: Sequence[str]) -> None:
        """Raise ScpiError when there are too few or too many parameters."""
        if len(parameters) < self.least:
            raise ScpiError(-109, self.pattern)
        if self.most is not None and len(parameters) > self.most:
            raise ScpiError(-108, parameters[self.most])


class Unit(NamedTuple):
    """A program message unit, ready to run: what to call, and with what."""

    handler: Handler
    arguments: Arguments


@dataclass
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    numbered: dict[str, _Node] = field(default_factory=dict)
    command: Command | None = None
    query: Command | None = None


class HeaderTree:
    """All headers of one device; parses messages against them."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self._root = _Node()
        self._common: dict[str, Command] = {}
        for command in commands:
            self._add(command)
        self.parse = lru_cache(maxsize=512)(self._parse)

    def _add(self, command: Command) -> None:
        if command.pattern.startswith("*"):
            self._common[command.pattern] = command
            return
        ends = [self._root]
        for optional, name, numbered, _ in _HEADER_NODE.findall(command.pattern):
            reached = [_child(end, name, bool(numbered)) for end in ends]
            ends = [*ends, *reached] if optional else reached
        for end in ends:
            if command.pattern.endswith("?"):
                end.query = command
            else:
                end.command = command

    def _parse(self, message: str) -> tuple[Unit | ScpiError, ...]:
        """Return the units of a message; the first that is wrong ends it, as an error."""
        return tuple(self._units(message))

    def _units(self, message: str) -> Iterator[Unit | ScpiError]:
        path = self._root
        try:
            for text in split_outside_quotes(message, ";"):
                stripped = _trimmed(text)
                if stripped:
                    command, arguments, path = self._unit(stripped, path)
                    command.refuse_miscounted(arguments.parameters)
                    yield Unit(command.handler, arguments)
        except ScpiError as error:
            yield error

    def _unit(self, text: str, path: _Node) -> tuple[Command, Arguments, _Node]:
        header, rest = _split_header(text)
        parameters = [_trimmed(item) for item in split_outside_quotes(rest, ",")]
        parameters = parameters if rest else []
        if "" in parameters:
            raise ScpiError(-109, header)
        command: Command | None
        suffixes: tuple[int, ...] = ()
        if header.startswith("*"):
            command = self._common.get(header.upper())
        else:
            command, suffixes, path = _resolve(header, self._root, path)
        if command is None:
            raise ScpiError(-113, header)
        return command, Arguments(tuple(parameters), suffixes), path


def _child(node: _Node, name: str, numbered: bool) -> _Node:
    long, short = name.upper(), short_form(name)
    child = node.children.get(long) or _Node()
    for spelling in (long, short):
        node.children[spelling] = child
        if numbered:
            node.numbered[spelling] = child
    return child


def _resolve(
    header: str, root: _Node, path: _Node
) -> tuple[Command | None, tuple[int, ...], _Node]:
    """Walk a header from the inherited path; return also the path the next unit inherits."""
    node = path
    if header.startswith(":"):
        header, node = header[1:], root
    suffixes: list[int] = []
    query = header.endswith("?")
    for mnemonic in header.removesuffix("?").upper().split(":"):
        path = node
        node, suffix = _step(node, mnemonic)
        suffixes += suffix
    return (node.query if query else node.command), tuple(suffixes), path


def _step(node: _Node, mnemonic: str) -> tuple[_Node, list[int]]:
    plain = node.children.get(mnemonic)
    if plain is not None:
        return plain, [1] if node.numbered.get(mnemonic) is plain else []
    match = _MNEMONIC.fullmatch(mnemonic)
    stem = node.numbered.get(match[1]) if match else None
    if match is None or stem is None:
        raise ScpiError(-113, mnemonic)
    return stem, [int(match[2])]


def _split_header(text: str) -> tuple[str, str]:
    """Split a unit at the white space behind its header."""
    match = _HEADER.match(text)
    end = match.end() if match else 0
    if end < len(text) and text[end] not in _WHITE_SPACE:
        raise ScpiError(-101, text[end])
    return text[:end], _trimmed(text[end:])


def _trimmed(text: str) -> str:
    """Remove white space around `text`, but none that belongs to a block at its end."""
    text = text.lstrip(_WHITE_SPACE)
    position, data_ends = 0, 0
    while "#" in text and position < len(text):
        mark, position = text[position], _behind(text, position)
        data_ends = position if mark == "#" else data_ends
    return text[:data_ends] + text[data_ends:].rstrip(_WHITE_SPACE)


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """Split at `separator`, but not inside quoted strings, parentheses or blocks.

    Raises:
        ScpiError: -151, a quote or a parenthesis is not closed; -161, a block is not complete.
    """
    if not any(mark in text for mark in "\"'(#"):
        return text.split(separator)
    pieces, start, position = [], 0, 0
    while position < len(text):
        if text[position] == separator:
            pieces.append(text[start:position])
            start = position + 1
        position = _behind(text, position)
    return [*pieces, text[start:]]


def _behind(text: str, position: int) -> int:
    """Return the position behind the character, string, parenthesis or block at `position`."""
    mark = text[position]
    if mark in "\"'(":
        end = text.find(")" if mark == "(" else mark, position + 1) + 1
        if end == 0:
            raise ScpiError(-151, text[position:])
        return end
    end = (block_end(text, position) if mark == "#" else None) or position + 1
    if end > len(text):
        raise ScpiError(-161, text[position : position + 12])
    return end


def take_program_message(received: bytearray) -> bytes | None:
    """Remove and return the first program message without its terminator, a line feed.

    A line feed inside a definite-length block is data. None when no message is complete.
    """
    end = received.find(b"\n")
    if end >= 0 and b"#" in received:
        end = _terminator(received.decode("latin-1"))
    if end < 0:
        return None
    message = bytes(received[:end])
    del received[: end + 1]
    return message


def _terminator(text: str) -> int:
    position = 0
    while mark := _END_OR_DATA.search(text, position):
        if mark[0] == "\n":
            return mark.start()
        position = mark.end() if mark[0] != "#" else block_end(text, mark.start()) or mark.end()
    return -1
