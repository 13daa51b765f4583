"""A simulated Chroma A800067 bank: R, L and C of each phase in 2047 steps.

A code has its 11 bits in reversed order, the most significant first in weight. It begins as the
world's islanding load is, rounded to steps, as a session before may have left it. What public sources
leave open is settled like this: settings can be asked back; the switch S1 is stored and switches nothing;
external elements (`RLOADE` and so on) are not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import pi

from instruments.interfaces import PhaseValues
from instruments.simulated.physics.parallel_load import ParallelLoad
from instruments.simulated.physics.world import World
from instruments.simulated.scpi.scpi_engine import ScpiEngine
from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_parameters import Limits, parse_boolean, parse_integer
from instruments.simulated.scpi.scpi_settings import (
    ActiveSetting,
    CommonSetting,
    boolean_commands,
)
from instruments.simulated.scpi.scpi_syntax import Arguments, Command, take_program_message

IDENTITY = "CHROMA ATE,A800067,SIM0001,1.0"
PHASES = 3
BITS = 11
CODES = Limits(0, 2**BITS - 1)
OHM_OF_ONE_STEP = 16133.3
AMPERE_OF_ONE_STEP, VOLT, HERTZ = 13.633e-3, 220.0, 50.0
SIEMENS = 1 / OHM_OF_ONE_STEP
PER_HENRY = AMPERE_OF_ONE_STEP / VOLT * 2 * pi * HERTZ
FARAD = AMPERE_OF_ONE_STEP / VOLT / (2 * pi * HERTZ)
UNITS = {"RLOAD": SIEMENS, "LLOAD": PER_HENRY, "CLOAD": FARAD}


class ChromaBank:
    """The bank at its port; see the module.

    Args:
        world: whose islanding load is switched.
    """

    protocol = "scpi"
    latency_s = 0.004
    split = staticmethod(take_program_message)

    def __init__(self, world: World) -> None:
        self._load = world.islanding_load
        before = self._load.connected
        values = (
            before.conductance_s,
            before.inverse_inductance_per_h,
            before.capacitance_f,
        )
        self._steps = {
            name: [round(value / unit) for value in phases]
            for (name, unit), phases in zip(UNITS.items(), values, strict=True)
        }
        self._connected = CommonSetting(any(sum(phases) for phases in values))
        self._switch = CommonSetting(False)
        self.engine = ScpiEngine(IDENTITY, list(self._commands()), reset=self._reset)

    def answer(self, message: bytes) -> bytes:
        return self.engine.answer(message)

    def _commands(self) -> Iterator[Command]:
        for name in UNITS:
            set_code, ask = partial(self._set_code, name), partial(self._ask_code, name)
            yield Command(f"PHASE<n>:{name}", set_code, 1, 1)
            yield Command(f"PHASE<n>:{name}?", ask)
            yield Command(f"PHASE<n>:{name}E", self._set_external, 1, 1)
        yield from boolean_commands("FUNCtion:SLOAD", ActiveSetting(self._connected, self._act))
        yield from boolean_commands("FUNCtion:S1", self._switch)

    def _set_code(self, name: str, arguments: Arguments) -> None:
        index = arguments.suffix(PHASES) - 1
        self._steps[name][index] = mirrored(parse_integer(arguments.first, CODES))
        self._act()

    def _ask_code(self, name: str, arguments: Arguments) -> str:
        return str(mirrored(self._steps[name][arguments.suffix(PHASES) - 1]))

    def _set_external(self, arguments: Arguments) -> None:
        arguments.suffix(PHASES)
        if parse_boolean(arguments.first):
            raise ScpiError(-241, "no external elements are simulated")

    def _act(self) -> None:
        """Put in the world what is switched in now."""
        on = float(self._connected.value)
        siemens, per_henry, farad = (
            _phases([on * unit * step for step in self._steps[name]])
            for name, unit in UNITS.items()
        )
        self._load.set(ParallelLoad(siemens, per_henry, farad))

    def _reset(self) -> None:
        for steps in self._steps.values():
            steps[:] = [0] * PHASES
        self._connected.write(False)
        self._switch.write(False)
        self._act()


def mirrored(code: int) -> int:
    """Return the number whose bit k is bit 10 - k of the code."""
    return sum(((code >> k) & 1) << (BITS - 1 - k) for k in range(BITS))


def _phases(values: list[float]) -> PhaseValues:
    a, b, c = values
    return (a, b, c)
