"""A small SCPI device with one of each kind of command, made up for the tests of the engine."""

from __future__ import annotations

import pytest

from instruments.simulated.scpi.scpi_engine import EventRegister, Overlapped, ScpiEngine
from instruments.simulated.scpi.scpi_parameters import (
    Limits,
    parse_block,
    parse_string,
)
from instruments.simulated.scpi.scpi_settings import (
    CommonSetting,
    boolean_commands,
    list_commands,
    number_commands,
    word_commands,
)
from instruments.simulated.scpi.scpi_syntax import Arguments, Command


class Device:
    """A device with one of each kind of command; it remembers what it was told."""

    def __init__(self) -> None:
        self.voltage = CommonSetting(0.0)
        self.output = CommonSetting(False)
        self.mode = CommonSetting("FIX")
        self.slew = CommonSetting(1.0)
        self.frequency = CommonSetting(50.0)
        self.angle = CommonSetting(0.0)
        self.waveform = b""
        self.points = CommonSetting[tuple[float, ...]](())
        self.labels: list[str] = []
        self.busy = False
        self.finished = 0
        self.register = EventRegister()
        limits = Limits(0.0, 300.0)
        self.engine = ScpiEngine(
            "MAKER,MODEL,1,2",
            [
                *number_commands(
                    "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude][:AC]",
                    self.voltage,
                    lambda: limits,
                    ".1f",
                ),
                *word_commands("[SOURce:]VOLTage:MODE", self.mode, ("FIXed", "LIST")),
                *list_commands("LIST:VOLTage", self.points, lambda: limits, ".1f", 4),
                *number_commands("LEVel", self.voltage, lambda: Limits(0.0, 1e6, 12.5), ".4f", "V"),
                *number_commands("SLEW", self.slew, lambda: Limits(0, 1e9), ".3f", "V/S"),
                *number_commands("FREQuency", self.frequency, lambda: Limits(0, 1e9), ".2f", "HZ"),
                *number_commands("ANGLe", self.angle, lambda: Limits(-360, 360), ".2f", "DEG"),
                *boolean_commands("OUTPut[:STATe]", self.output),
                Command("WAVeform", self.load, 1, 1),
                Command("CHANnel<n>:DATA?", lambda a: str(a.suffix(6))),
                Command("BLOCk?", lambda _: b"#13\n;\x00"),
                Command("LABel", self.label, 1, 1),
                *self.register.commands("STATus:OPERation"),
            ],
            reset=lambda: self.voltage.reset(),
            overlapped=Overlapped(lambda: self.busy, self.finish),
            registers={128: self.register},
        )

    def label(self, arguments: Arguments) -> None:
        self.labels.append(parse_string(arguments.first))

    def load(self, arguments: Arguments) -> None:
        self.waveform = parse_block(arguments.first)

    def finish(self) -> None:
        self.finished += 1
        self.busy = False

    def tell(self, message: str) -> str:
        return self.engine.answer(message.encode("latin-1")).decode("latin-1")

    def error(self) -> str:
        return self.tell(":SYST:ERR?").strip()


@pytest.fixture
def device() -> Device:
    return Device()
