"""The language of SCPI program messages: headers, parameters and errors.

What a message *says* belongs here (SCPI-99 volume 1, IEEE 488.2 section 7); what a device *does*
with it belongs to the device, how it is executed and answered to `scpi_engine`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

Answer = str | bytes | None

ERROR_TEXTS = {
    0: "No error",
    -102: "Syntax error",
    -104: "Data type error",
    -108: "Parameter not allowed",
    -109: "Missing parameter",
    -113: "Undefined header",
    -114: "Header suffix out of range",
    -138: "Suffix not allowed",
    -151: "Invalid string data",
    -211: "Trigger ignored",
    -213: "Init ignored",
    -221: "Settings conflict",
    -222: "Data out of range",
    -223: "Too much data",
    -224: "Illegal parameter value",
    -226: "Lists not same length",
    -230: "Data corrupt or stale",
    -241: "Hardware missing",
    -350: "Queue overflow",
}

_HEADER_NODE = re.compile(r"(\[?):?([A-Za-z]+[A-Za-z0-9]*)(<n>)?:?(\]?)")
_MNEMONIC = re.compile(r"([A-Z][A-Z0-9_]*?)(\d{0,9})")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(\s*E[+-]?\d+)?", re.IGNORECASE)
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_RANGE = re.compile(r"\(\s*(\d{1,9})\s*:\s*(\d{1,9})\s*\)")


class ScpiError(Exception):
    """An entry for the error queue.

    Attributes:
        code: standard number (SCPI-99 volume 2, chapter 21).
        detail: what the device adds to the standard text.
    """

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        text = ERROR_TEXTS[self.code] + (f";{self.detail}" if self.detail else "")
        return '{},"{}"'.format(self.code, text.replace('"', "'"))


@dataclass(frozen=True)
class Limits:
    """What a number may be; MIN and MAX stand for the ends."""

    minimum: float
    maximum: float


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

    def accept(self, arguments: Arguments) -> Answer:
        """Check the number of parameters and run the handler."""
        count = len(arguments.parameters)
        if count < self.least:
            raise ScpiError(-109, self.pattern)
        if self.most is not None and count > self.most:
            raise ScpiError(-108, arguments.parameters[self.most])
        return self.handler(arguments)


class Unit(NamedTuple):
    """A program message unit, ready to run."""

    command: Command
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
                if text.strip():
                    command, arguments, path = self._unit(text.strip(), path)
                    yield Unit(command, arguments)
        except ScpiError as error:
            yield error

    def _unit(self, text: str, path: _Node) -> tuple[Command, Arguments, _Node]:
        header, _, rest = text.replace("\t", " ").partition(" ")
        rest = rest.strip()
        parameters = [item.strip() for item in split_outside_quotes(rest, ",")] if rest else []
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


def short_form(name: str) -> str:
    """Return the short form of a mnemonic written as in manuals (`VOLTage` → `VOLT`)."""
    return "".join(character for character in name if not character.islower())


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """Split at `separator`, but not inside quoted strings or parentheses.

    Raises:
        ScpiError: -151, a quote or a parenthesis is not closed.
    """
    if not any(mark in text for mark in "\"'("):
        return text.split(separator)
    pieces, start, closer = [], 0, ""
    for position, character in enumerate(text):
        if closer:
            closer = "" if character == closer else closer
        elif character in "\"'(":
            closer = ")" if character == "(" else character
        elif character == separator:
            pieces.append(text[start:position])
            start = position + 1
    if closer:
        raise ScpiError(-151, text[start:])
    return [*pieces, text[start:]]


def parse_number(text: str, limits: Limits) -> float:
    """Return a decimal number (NRf, MIN or MAX) inside `limits`."""
    word = text.upper()
    if word in ("MIN", "MINIMUM"):
        return limits.minimum
    if word in ("MAX", "MAXIMUM"):
        return limits.maximum
    match = _NUMBER.match(text)
    if match is None:
        raise ScpiError(-104, text)
    if match.end() != len(text):
        raise ScpiError(-138, text)
    value = float(text.replace(" ", ""))
    if not limits.minimum <= value <= limits.maximum:
        raise ScpiError(-222, text)
    return value


def parse_integer(text: str, limits: Limits) -> int:
    """Return a number rounded to an integer, as IEEE 488.2 wants it."""
    return round(parse_number(text, limits))


def parse_boolean(text: str) -> bool:
    """Return ON, OFF or a number, which is true when it rounds to anything but zero."""
    word = text.upper()
    if word in ("ON", "OFF"):
        return word == "ON"
    if word[:1].isalpha():
        raise ScpiError(-224, text)
    return parse_integer(text, Limits(-1e9, 1e9)) != 0


def parse_word(text: str, words: Sequence[str]) -> str:
    """Return the short form of the word, out of `words` written as in manuals."""
    for word in words:
        if text.upper() in (word.upper(), short_form(word)):
            return short_form(word)
    raise ScpiError(-224, text)


def parse_string(text: str) -> str:
    """Return the content of a quoted string; a doubled quote stands for one."""
    if not _QUOTED.fullmatch(text):
        raise ScpiError(-151, text)
    return text[1:-1].replace(text[0] * 2, text[0])


def parse_range(text: str) -> tuple[int, int]:
    """Return first and last of `(first:last)`."""
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ScpiError(-102, text)
    return int(match[1]), int(match[2])
