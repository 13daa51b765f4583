"""Settings of a SCPI device: values that can be set and asked back, and the commands that do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_parameters import (
    Limits,
    parse_boolean,
    parse_number,
    parse_word,
)
from instruments.simulated.scpi.scpi_syntax import Arguments, Command

Value = TypeVar("Value")
LimitsNow = Callable[[], Limits]


class Setting(Protocol[Value]):
    """Something that can be set and asked back."""

    def read(self) -> Value: ...

    def write(self, value: Value) -> None: ...


@dataclass
class CommonSetting(Generic[Value]):
    """One value for the whole device."""

    value: Value

    def __post_init__(self) -> None:
        self._default = self.value

    def read(self) -> Value:
        return self.value

    def write(self, value: Value) -> None:
        self.value = value

    def reset(self) -> None:
        """Return to the value it was made with."""
        self.value = self._default


@dataclass
class Selection:
    """Which phases a command reaches (`INSTrument:COUPle` and `:NSELect`)."""

    count: int
    selected: int = 0
    coupled: bool = True

    @property
    def indices(self) -> Sequence[int]:
        """Indices that are written; the selected one is read."""
        return range(self.count) if self.coupled else (self.selected,)


@dataclass
class PhaseSetting(Generic[Value]):
    """One value for each phase."""

    selection: Selection
    values: list[Value]

    def __post_init__(self) -> None:
        self._defaults = list(self.values)

    def read(self) -> Value:
        return self.values[self.selection.selected]

    def write(self, value: Value) -> None:
        for index in self.selection.indices:
            self.values[index] = value

    def reset(self) -> None:
        """Return to the values it was made with."""
        self.values = list(self._defaults)


@dataclass(frozen=True)
class ActiveSetting(Generic[Value]):
    """A setting the device acts upon: `permit` may refuse it beforehand, `act` follows it."""

    inner: Setting[Value]
    act: Callable[[], None]
    permit: Callable[[Value], None] = lambda _: None

    def read(self) -> Value:
        return self.inner.read()

    def write(self, value: Value) -> None:
        self.permit(value)
        self.inner.write(value)
        self.act()


def number_commands(
    pattern: str, setting: Setting[float], limits: LimitsNow, form: str, unit: str = ""
) -> Iterator[Command]:
    """Yield set and query of a number; a value is rounded to what `form` can show.

    `unit` is the suffix that may follow the number (see `parse_number`).
    """

    def set_number(arguments: Arguments) -> None:
        setting.write(quantised(parse_number(arguments.first, limits(), unit), form))

    def ask(arguments: Arguments) -> str:
        if arguments.parameters:
            return format(parse_number(arguments.first, limits(), unit), form)
        return format(setting.read(), form)

    yield Command(pattern, set_number, 1, 1)
    yield Command(pattern + "?", ask, 0, 1)


def list_commands(
    pattern: str,
    setting: Setting[tuple[float, ...]],
    limits: LimitsNow,
    form: str,
    most: int,
    unit: str = "",
) -> Iterator[Command]:
    """Yield set, query and number of points of a list of at most `most` numbers."""

    def set_list(arguments: Arguments) -> None:
        if len(arguments.parameters) > most:
            raise ScpiError(-223, f"{len(arguments.parameters)} points, most {most}")
        present = limits()
        setting.write(
            tuple(
                quantised(parse_number(text, present, unit), form) for text in arguments.parameters
            )
        )

    def ask(_: Arguments) -> str:
        if not setting.read():
            raise ScpiError(-230, "the list is empty")
        return ",".join(format(value, form) for value in setting.read())

    yield Command(pattern, set_list, 1, None)
    yield Command(pattern + "?", ask)
    yield Command(pattern + ":POINts?", lambda _: str(len(setting.read())))


def word_commands(pattern: str, setting: Setting[str], words: Sequence[str]) -> Iterator[Command]:
    """Yield set and query of one of `words`; the answer is its short form."""

    def set_word(arguments: Arguments) -> None:
        setting.write(parse_word(arguments.first, words))

    yield Command(pattern, set_word, 1, 1)
    yield Command(pattern + "?", lambda _: setting.read())


def boolean_commands(pattern: str, setting: Setting[bool]) -> Iterator[Command]:
    """Yield set and query of a boolean; the answer is 1 or 0."""

    def set_boolean(arguments: Arguments) -> None:
        setting.write(parse_boolean(arguments.first))

    yield Command(pattern, set_boolean, 1, 1)
    yield Command(pattern + "?", lambda _: str(int(setting.read())))


def always(limits: Limits) -> LimitsNow:
    """Return limits that never change, as `number_commands` wants them."""
    return lambda: limits


def quantised(value: float, form: str) -> float:
    """Return the value that is shown in `form`."""
    return float(format(value, form))
