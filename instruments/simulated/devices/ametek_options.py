"""Headers of the AMETEK source behind which this simulation has nothing that acts.

They are known, so that a program that sends them is understood. A setting is stored and can be asked
back as long as it asks for what the source does anyway; a number that asks for more is out of range
(-222), a word or a measurement is refused with -241, hardware missing, as by a source without the
option.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_parameters import Limits, parse_word
from instruments.simulated.scpi.scpi_settings import (
    ActiveSetting,
    CommonSetting,
    always,
    boolean_commands,
    list_commands,
    number_commands,
    word_commands,
)
from instruments.simulated.scpi.scpi_syntax import Arguments, Command

SINE = "SINE"
SHAPES = ("SINE", "SQUare", "CSINe")
ONLY_ZERO = Limits(0.0, 0.0, 0.0)
TRIGGER_PULSES = Limits(0, 1, 0)
VOLTAGES = Limits(0.0, 400.0)
DEVIATIONS_HZ, DEVIATION_DELAYS_S = Limits(0.0, 5.0, 5.0), Limits(0.25, 10.0, 0.25)
MOST_HARMONICS = Limits(1, 50)
QUANTITIES = (
    "VOLTage:DC?",
    "VOLTage:HARMonic:THD?",
    "POWer:AC[:REAL]?",
    "POWer:AC:APParent?",
    "POWer:AC:PFACtor?",
)


@dataclass
class SourceOptions:
    """The stored settings, with the commands that reach them."""

    most_points: int

    def __post_init__(self) -> None:
        self.shape = CommonSetting(SINE)
        self.shape_mode = CommonSetting("FIX")
        self.shape_list = CommonSetting[tuple[str, ...]](())
        self.repeat_list = CommonSetting[tuple[float, ...]](())
        self.trigger_list = CommonSetting[tuple[float, ...]](())
        self.dc_voltage_v = CommonSetting(0.0)
        self.trigger_output = CommonSetting(False)
        self.trigger_output_source = CommonSetting("BOT")
        self.continuous = CommonSetting(False)
        self.regenerate = CommonSetting(True)
        self.under_v = CommonSetting(0.0)
        self.over_v = CommonSetting(VOLTAGES.maximum)
        self.deviation_hz = CommonSetting(DEVIATIONS_HZ.maximum)
        self.deviation_delay_s = CommonSetting(DEVIATION_DELAYS_S.minimum)

    def reset(self) -> None:
        """Return to the settings after `*RST`."""
        for setting in vars(self).values():
            if isinstance(setting, CommonSetting):
                setting.reset()

    def commands(self) -> Iterator[Command]:
        """Yield the commands of everything in this module."""
        yield from self._shape_commands()
        yield from self._trigger_output_commands()
        yield from self._regenerating_commands()
        yield from _measuring_commands()
        yield from number_commands(
            "[SOURce:]VOLTage:DC", self.dc_voltage_v, always(ONLY_ZERO), ".1f", "V"
        )
        continuous = ActiveSetting(self.continuous, _nothing, _only(False))
        yield from boolean_commands("INITiate:CONTinuous", continuous)

    def _shape_commands(self) -> Iterator[Command]:
        shape = ActiveSetting(self.shape, _nothing, _only(SINE))
        mode = ActiveSetting(self.shape_mode, _nothing, _only("FIX", "LIST"))
        header = "[SOURce:]LIST:FUNCtion[:SHAPe]"
        yield from word_commands("[SOURce:]FUNCtion[:SHAPe]", shape, SHAPES)
        yield from word_commands("[SOURce:]FUNCtion:MODE", mode, ("FIXed", "STEP", "PULSe", "LIST"))
        yield Command(header, self._set_shapes, 1, None)
        yield Command(header + "?", lambda _: self._ask_shapes())
        yield Command(header + ":POINts?", lambda _: str(len(self.shape_list.value)))

    def _set_shapes(self, arguments: Arguments) -> None:
        if len(arguments.parameters) > self.most_points:
            raise ScpiError(-223, f"{len(arguments.parameters)} points, most {self.most_points}")
        words = tuple(parse_word(text, SHAPES) for text in arguments.parameters)
        for word in words:
            _only(SINE)(word)
        self.shape_list.write(words)

    def _ask_shapes(self) -> str:
        if not self.shape_list.value:
            raise ScpiError(-230, "the list is empty")
        return ",".join(self.shape_list.value)

    def _trigger_output_commands(self) -> Iterator[Command]:
        yield from boolean_commands("OUTPut:TTLTrg[:STATe]", self.trigger_output)
        yield from word_commands(
            "OUTPut:TTLTrg:SOURce", self.trigger_output_source, ("BOT", "EOT", "LIST")
        )
        for node, setting, limits in (
            ("TTLTrg", self.trigger_list, TRIGGER_PULSES),
            ("REPeat", self.repeat_list, ONLY_ZERO),
        ):
            yield from list_commands(
                f"[SOURce:]LIST:{node}", setting, always(limits), ".0f", self.most_points
            )

    def _regenerating_commands(self) -> Iterator[Command]:
        group = "[SOURce:]REGenerate"
        yield from boolean_commands(f"{group}:STATe", self.regenerate)
        for node, setting, limits, unit in (
            ("UNDer[:VOLTage]", self.under_v, VOLTAGES, "V"),
            ("OVER[:VOLTage]", self.over_v, VOLTAGES, "V"),
            ("DEViate:FREQuency[:SHUTdown]", self.deviation_hz, DEVIATIONS_HZ, "HZ"),
            ("DELay:FREQuency[:SHUTdown]", self.deviation_delay_s, DEVIATION_DELAYS_S, "S"),
        ):
            yield from number_commands(f"{group}:{node}", setting, always(limits), ".2f", unit)


def _measuring_commands() -> Iterator[Command]:
    for verb in ("MEASure", "FETCh"):
        for quantity in QUANTITIES:
            yield Command(f"{verb}[:SCALar]:{quantity}", _not_measured)
        yield Command(f"{verb}[:SCALar]:VOLTage:HARMonic[:AMPLitude]?", _not_measured, 1, 1)
        for signal in ("VOLTage", "CURRent"):
            yield Command(f"{verb}:ARRay:{signal}[:DC]?", _not_measured)


def _not_measured(_: Arguments) -> str:
    raise ScpiError(-241, "not measured by this simulation")


def _only(*permitted: object) -> Callable[[object], None]:
    def permit(value: object) -> None:
        if value not in permitted:
            raise ScpiError(-241, str(value))

    return permit


def _nothing() -> None:
    """Follow a stored setting with nothing."""
