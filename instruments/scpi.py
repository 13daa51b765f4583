"""Strict SCPI: every command acknowledged, every set-point read back, every error raised."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isclose, isnan, nan
from typing import NamedTuple

from instruments.errors import CommandRejected, LinkGarbled, LinkTimeout, ReadBackMismatch
from instruments.interfaces import Identity, MessageLink

MOST_ERRORS = 20
NO_VALUE = 9.9e37
"""From here on a number is SCPI's code for infinity or for none."""
_ERROR_ENTRY = re.compile(r"^\s*([+-]?\d+)\s*,\s*(.*)$")


def parse_number(text: str, question: str) -> float:
    """Return the number an instrument answered.

    Raises:
        LinkGarbled: the answer is not a number; NAN and SCPI's code for it (9.91E37) count as none.
    """
    try:
        value = float(text)
    except ValueError as error:
        raise LinkGarbled(f"{question}: answered {text!r}, expected a number") from error
    if isnan(value) or abs(value) >= NO_VALUE:
        raise LinkGarbled(f"{question}: answered {text!r}, the code for no valid value")
    return value


def parse_numbers(texts: Sequence[str], questions: Sequence[str]) -> list[float]:
    """Return the numbers an instrument answered to several questions. Raises as `parse_number` does."""
    try:
        values = list(map(float, texts))
    except ValueError:
        values = [nan]
    # NaN is not below anything.
    if all(abs(value) < NO_VALUE for value in values):
        return values
    return list(map(parse_number, texts, questions))


def parse_identity(text: str) -> Identity:
    """Return the four fields of an `*IDN?` answer.

    Raises:
        LinkGarbled: there are not four fields.
    """
    fields = [field.strip() for field in text.split(",")]
    if len(fields) != 4:
        raise LinkGarbled(f"*IDN? answered {text!r}: expected maker,model,serial,firmware")
    return Identity(*fields)


class Setting(NamedTuple):
    """A number or a word to set and to read back.

    Attributes:
        tolerance: by how much the number in force may differ; meaningless for a word.
    """

    header: str
    value: float | str
    tolerance: float = 0.0

    @property
    def units(self) -> str:
        """Command and query."""
        value = self.value if isinstance(self.value, str) else f"{self.value:.6f}"
        return f"{self.header} {value};{self.header}?"

    def is_in_force(self, answer: str) -> bool:
        """Tell whether the instrument answers with what was set. Raises LinkGarbled."""
        if isinstance(self.value, str):
            return answer.strip().upper() == self.value.upper()
        found = parse_number(answer, f"{self.header}?")
        return isclose(found, self.value, rel_tol=0.0, abs_tol=self.tolerance)


class ScpiDialogue:
    """The few sentences every SCPI driver speaks, over one link.

    Args:
        error_query: "SYST:ERR?" answers one entry a time, "SYST:ERR:ALL?" all at once.
    """

    def __init__(self, link: MessageLink, error_query: str = ":SYST:ERR?") -> None:
        self.link = link
        self._error_query = error_query

    def ask(self, question: str) -> str:
        """Ask a question that may hold commands.

        Raises:
            CommandRejected: a command before the query was refused. IEEE 488.2 discards the rest of such a
                message, so the refusal shows as a missing answer; the error queue tells the two apart.
        """
        try:
            return self.link.query(question)
        except LinkTimeout:
            self.check_errors()
            raise

    def identify(self) -> Identity:
        """Ask who is there."""
        return parse_identity(self.link.query("*IDN?"))

    def command(self, *units: str) -> None:
        """Send commands in one message and wait for its acknowledgement by `*OPC?`."""
        answer = self.ask(";".join((*units, "*OPC?")))
        if answer.strip() != "1":
            raise LinkGarbled(f"{self.link.name}: {units} acknowledged by {answer!r}, expected '1'")

    def ask_number(self, question: str) -> float:
        """Ask a question whose answer is one number."""
        return parse_number(self.ask(question), f"{self.link.name}: {question}")

    def set_number(self, header: str, value: float, tolerance: float) -> float:
        """Set a number, read it back in the same message, and return what is in force.

        Raises:
            ReadBackMismatch: the value in force differs by more than `tolerance`.
        """
        return self._confirmed(f"{header} {value:.6f};{header}?", header, value, tolerance)

    def confirm_number(self, header: str, value: float, tolerance: float) -> float:
        """Ask for a number that was set before, and return what is in force.

        Raises:
            ReadBackMismatch: the value in force differs by more than `tolerance`.
        """
        return self._confirmed(f"{header}?", header, value, tolerance)

    def _confirmed(self, question: str, header: str, value: float, tolerance: float) -> float:
        found = self.ask_number(question)
        if not isclose(found, value, rel_tol=0.0, abs_tol=tolerance):
            self.check_errors()
            raise ReadBackMismatch(
                f"{self.link.name}: {header} was set to {value:g} and reads back {found:g} "
                f"(permitted difference {tolerance:g})"
            )
        return found

    def set_word(self, header: str, word: str, expected: str | None = None) -> None:
        """Set a word and compare what reads back.

        Args:
            expected: the answer that means success, when it is spelled otherwise than `word`.
        """
        answer = self.ask(f"{header} {word};{header}?").strip().upper()
        wanted = (expected or word).upper()
        if answer != wanted:
            self.check_errors()
            raise ReadBackMismatch(
                f"{self.link.name}: {header} was set to {word} and reads back {answer!r}, "
                f"expected {wanted!r}"
            )

    def set_together(self, *settings: Setting) -> None:
        """Set several values by one message, in this order, and read each of them back.

        Raises:
            ReadBackMismatch: one in force is another than was set.
        """
        answers = self.ask(";".join(setting.units for setting in settings)).split(";")
        if len(answers) == len(settings):
            wrong = [
                f"{setting.header} was set to {setting.value} and reads back {answer.strip()!r}"
                for setting, answer in zip(settings, answers, strict=True)
                if not setting.is_in_force(answer)
            ]
            if not wrong:
                return
        else:
            wrong = [f"{len(settings)} values were set, {len(answers)} read back: {answers}"]
        self.check_errors()
        raise ReadBackMismatch(f"{self.link.name}: {'; '.join(wrong)}")

    def set_list(self, header: str, values: list[float], tolerance: float) -> None:
        """Set a list of numbers and compare each with what reads back."""
        text = ",".join(f"{value:.6f}" for value in values)
        answer = self.ask(f"{header} {text};{header}?")
        found = [parse_number(item, f"{self.link.name}: {header}?") for item in answer.split(",")]
        same = len(found) == len(values) and all(
            isclose(a, b, rel_tol=1e-6, abs_tol=tolerance)
            for a, b in zip(found, values, strict=True)
        )
        if not same:
            self.check_errors()
            raise ReadBackMismatch(f"{self.link.name}: {header} was set to {values}, reads {found}")

    def check_errors(self) -> None:
        """Drain the error queue.

        Raises:
            CommandRejected: with every entry that was in it.
        """
        entries = []
        for _ in range(MOST_ERRORS):
            answer = self.link.query(self._error_query)
            match = _ERROR_ENTRY.match(answer)
            if not match:
                raise LinkGarbled(f"{self.link.name}: error queue answered {answer!r}")
            if int(match[1]) == 0:
                break
            entries.append(answer.strip())
        if entries:
            raise CommandRejected(f"{self.link.name}: error queue held {'; '.join(entries)}")
