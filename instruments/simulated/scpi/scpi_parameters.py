"""Parameters of SCPI messages: numbers with units, booleans, words, strings, blocks, ranges.

SCPI-99 volume 1 chapter 7 and IEEE 488.2 section 7.7 say what they look like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from instruments.simulated.scpi.scpi_errors import ScpiError

MULTIPLIERS = {
    "EX": 1e18, "PE": 1e15, "T": 1e12, "G": 1e9, "MA": 1e6, "K": 1e3, "": 1.0,
    "M": 1e-3, "U": 1e-6, "N": 1e-9, "P": 1e-12, "F": 1e-15, "A": 1e-18,
}  # fmt: skip
MEGA_UNITS = ("HZ", "OHM")
"""Units before which M alone means mega (IEEE 488.2, 7.7.3)."""
RADIAN_DEG = 57.29577951308232
LARGEST_EXPONENT = 32_000
MOST_DIGITS = 255

_NUMBER = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)(?:\s*E\s*([+-]?\d+))?", re.IGNORECASE)
_SUFFIX = re.compile(r"[A-Z]+(?:/[A-Z]+)?", re.IGNORECASE)
_BASES = {"H": 16, "Q": 8, "B": 2}
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_RANGE = re.compile(r"\(\s*(\d{1,9})\s*:\s*(\d{1,9})\s*\)")


@dataclass(frozen=True)
class Limits:
    """What a number may be; MIN, MAX and DEF stand for the ends and the value after `*RST`."""

    minimum: float
    maximum: float
    default: float | None = None


def parse_number(text: str, limits: Limits, unit: str = "") -> float:
    """Return a number inside `limits`, in `unit`.

    Args:
        unit: suffix the device takes, such as `V`, `HZ`, `V/S` or `DEG`; empty takes none.

    Raises:
        ScpiError: -104 no number, -121 to -124 a malformed one, -131 and -138 another suffix, -222
            out of range, -224 DEF where there is none.
    """
    value = _keyword(text, limits)
    if value is not None:
        return value
    value = _radix(text) if text.startswith("#") else _decimal(text, unit)
    if not limits.minimum <= value <= limits.maximum:
        raise ScpiError(-222, text)
    return value


def _keyword(text: str, limits: Limits) -> float | None:
    word = text.upper()
    if word in ("MIN", "MINIMUM"):
        return limits.minimum
    if word in ("MAX", "MAXIMUM"):
        return limits.maximum
    if word not in ("DEF", "DEFAULT"):
        return None
    if limits.default is None:
        raise ScpiError(-224, text)
    return limits.default


def _decimal(text: str, unit: str) -> float:
    match = _NUMBER.match(text)
    if match is None:
        raise ScpiError(-104, text)
    if len(match[1]) > MOST_DIGITS:
        raise ScpiError(-124, f"{len(match[1])} characters")
    if match[2] and abs(int(match[2][:9])) > LARGEST_EXPONENT:
        raise ScpiError(-123, text)
    number = float(re.sub(r"\s", "", match[0]))
    return number * _factor(text[match.end() :].strip(), unit)


def _factor(suffix: str, unit: str) -> float:
    if not suffix:
        return 1.0
    if not _SUFFIX.fullmatch(suffix):
        raise ScpiError(-121, suffix)
    if not unit:
        raise ScpiError(-138, suffix)
    word = suffix.upper()
    if unit == "DEG" and word == "RAD":
        return RADIAN_DEG
    prefix = word.removesuffix(unit)
    if not word.endswith(unit) or prefix not in MULTIPLIERS:
        raise ScpiError(-131, suffix)
    return 1e6 if prefix == "M" and unit in MEGA_UNITS else MULTIPLIERS[prefix]


def _radix(text: str) -> float:
    base = _BASES.get(text[1:2].upper())
    if base is None:
        raise ScpiError(-168 if text[1:2].isdigit() else -121, text)
    try:
        return float(int(text[2:], base))
    except ValueError as error:
        raise ScpiError(-121, text) from error


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


def short_form(name: str) -> str:
    """Return the short form of a mnemonic written as in manuals (`VOLTage` → `VOLT`)."""
    return "".join(character for character in name if not character.islower())


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


def parse_block(text: str) -> bytes:
    """Return the payload of a definite-length block `#<n><length><payload>`."""
    end = block_end(text, 0)
    if end != len(text):
        raise ScpiError(-161, text[:12])
    return text[2 + int(text[1]) :].encode("latin-1")


def block_end(text: str, start: int) -> int | None:
    """Return where the definite-length block that begins at `start` ends, which may be beyond `text`.

    None means that no block begins there, or that its length has not arrived.
    """
    digits = text[start + 1 : start + 2]
    if text[start : start + 1] != "#" or digits not in tuple("123456789"):
        return None
    first = start + 2 + int(digits)
    length = text[start + 2 : first]
    if len(length) < int(digits) or not (length.isascii() and length.isdigit()):
        return None
    return first + int(length)


def parse_range(text: str) -> tuple[int, int]:
    """Return first and last of `(first:last)`."""
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ScpiError(-102, text)
    return int(match[1]), int(match[2])
