"""Headers of the LMG600 behind which this simulation has nothing that acts.

A setting is stored and can be asked back. Scaling other than 1 is out of range (-222); quantities
that are not simulated are refused with -241, hardware missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_parameters import Limits, parse_string
from instruments.simulated.scpi.scpi_settings import (
    CommonSetting,
    always,
    boolean_commands,
    number_commands,
)
from instruments.simulated.scpi.scpi_syntax import Arguments, Command

UNSCALED = Limits(1.0, 1.0, 1.0)
JACKS, FILTERS = Limits(1, 2, 1), Limits(0, 9, 0)
QUANTITIES = ("HUHD", "HIHD", "UDC", "IDC")


class AnalyserOptions:
    """Stored settings of each channel or group, with the commands that reach them.

    Args:
        channels: number of channels, and of groups.
    """

    def __init__(self, channels: int) -> None:
        suffixes = ["", *map(str, range(2, channels + 1))]
        self._scales = {f"{letter}SCA{n}": CommonSetting(1.0) for letter in "UI" for n in suffixes}
        self._jacks = {f"IJACK{n}": CommonSetting(1.0) for n in suffixes}
        self._filters = {f"LPFILT{n}": CommonSetting(0.0) for n in suffixes}
        self._automatic = {f"FAUTO{n}": CommonSetting(False) for n in suffixes}
        self._condition = CommonSetting("")

    def commands(self) -> Iterator[Command]:
        """Yield the commands of everything in this module."""
        for settings, limits, form in (
            (self._scales, UNSCALED, ".4f"),
            (self._jacks, JACKS, ".0f"),
            (self._filters, FILTERS, ".0f"),
        ):
            for pattern, number in settings.items():
                for spelling in _spellings(pattern):
                    yield from number_commands(spelling, number, always(limits), form)
        for pattern, boolean in self._automatic.items():
            for spelling in _spellings(pattern):
                yield from boolean_commands(spelling, boolean)
        yield Command("TRCOND", lambda a: self._condition.write(parse_string(a.first)), 1, 1)
        yield Command("TRCOND?", lambda _: f"'{self._condition.read()}'")
        for quantity in QUANTITIES:
            yield Command(f"{quantity}<n>?", _not_measured)

    def reset(self) -> None:
        """Return to the settings after `*RST`."""
        for settings in (self._scales, self._jacks, self._filters, self._automatic):
            for setting in settings.values():
                setting.reset()
        self._condition.reset()


def _spellings(pattern: str) -> tuple[str, ...]:
    """Channel 1 may be named or left out."""
    return (pattern,) if pattern[-1].isdigit() else (pattern, pattern + "1")


def _not_measured(_: Arguments) -> str:
    raise ScpiError(-241, "not measured by this simulation")
