"""Chroma A800067 banks of resistors, inductors and capacitors for islanding tests.

Each element of a phase is a code of 11 bits in reversed order, in steps of one conductance and of one
current at 220 V and 50 Hz. Command words as used by public drivers of this bank. Taken as given until seen on
hardware: the question forms of the settings, and that `FUNC:SLOAD` connects the bank. The bank's own switch S1
is left alone: the station's contactor opens the grid.
"""

from __future__ import annotations

from instruments.clock import Clock
from instruments.errors import ConfigurationError, InstrumentError, LinkGarbled, ReadBackMismatch
from instruments.interfaces import Identity, MessageLink, PhaseValues
from instruments.load_and_sun import ParallelRlc
from instruments.scpi import ScpiDialogue

BITS = 11
LARGEST_STEP = 2**BITS - 1
STEP_CONDUCTANCE_S = 1 / 16133.3
STEP_SUSCEPTANCE_S = 13.633e-3 / 220.0
STEP_FREQUENCY_HZ = 50.0
PHASES = (1, 2, 3)
ELEMENTS = ("RLOAD", "LLOAD", "CLOAD")


class ChromaRlc:
    """A three-phase bank. Implements `IslandingLoad`.

    Args:
        link: message link to the bank.
        clock: used to wait until the relays of the bank have settled.
        relay_s: how long they take.
    """

    def __init__(self, link: MessageLink, clock: Clock, *, relay_s: float = 0.2) -> None:
        self._scpi = ScpiDialogue(link)
        self._clock = clock
        self._relay_s = relay_s

    def identify(self) -> Identity:
        return self._scpi.identify()

    def set_load(self, wanted: ParallelRlc) -> ParallelRlc:
        units = _unit_powers(wanted)
        powers = (wanted.active_powers_w, wanted.inductive_powers_var, wanted.capacitive_powers_var)
        steps = [
            [self._step(phase, name, power[phase - 1] / unit) for phase in PHASES]
            for name, power, unit in zip(ELEMENTS, powers, units, strict=True)
        ]
        for phase in PHASES:
            self._set_phase(phase, [of_element[phase - 1] for of_element in steps])
        self._scpi.check_errors()
        self._clock.sleep(self._relay_s)
        active, inductive, capacitive = (
            _phases([step * unit for step in of_element])
            for of_element, unit in zip(steps, units, strict=True)
        )
        return ParallelRlc(active, inductive, capacitive, wanted.voltage_v, wanted.frequency_hz)

    def switch(self, connected: bool) -> None:
        self._scpi.set_word(":FUNC:SLOAD", "ON" if connected else "OFF", "1" if connected else "0")
        self._scpi.check_errors()
        self._clock.sleep(self._relay_s)

    def is_connected(self) -> bool:
        answer = self._scpi.link.query(":FUNC:SLOAD?").strip().upper()
        if answer not in ("0", "1", "ON", "OFF"):
            raise InstrumentError(f"{self._scpi.link.name}: :FUNC:SLOAD? answered {answer!r}")
        return answer in ("1", "ON")

    def _step(self, phase: int, element: str, steps: float) -> int:
        step = round(steps)
        if not 0 <= step <= LARGEST_STEP:
            raise ConfigurationError(
                f"{self._scpi.link.name}: phase {phase}, {element}: {steps:.0f} steps are wanted, the "
                f"bank has 0 … {LARGEST_STEP}. Nothing was sent; test a smaller inverter or use a larger bank"
            )
        return step

    def _set_phase(self, phase: int, steps: list[int]) -> None:
        headers = [f":PHASE{phase}:{name}" for name in ELEMENTS]
        codes = [reversed_bits(step) for step in steps]
        answer = self._scpi.ask(
            ";".join(
                f"{header} {code};{header}?" for header, code in zip(headers, codes, strict=True)
            )
        )
        found = _codes(answer, f"{self._scpi.link.name}: phase {phase}")
        if found != codes:
            self._scpi.check_errors()
            raise ReadBackMismatch(
                f"{self._scpi.link.name}: phase {phase}: the codes of {', '.join(ELEMENTS)} were set to "
                f"{codes} and read back {found}"
            )


def reversed_bits(step: int) -> int:
    """Return the code of a step: its 11 bits in reversed order."""
    return int(f"{step:0{BITS}b}"[::-1], 2)


def _unit_powers(at: ParallelRlc) -> tuple[float, float, float]:
    """Return what one step of R, L and C takes at the voltage and frequency of a setting."""
    square = at.voltage_v**2
    ratio = at.frequency_hz / STEP_FREQUENCY_HZ
    return (
        STEP_CONDUCTANCE_S * square,
        STEP_SUSCEPTANCE_S * square / ratio,
        STEP_SUSCEPTANCE_S * square * ratio,
    )


def _codes(answer: str, where: str) -> list[int]:
    try:
        return [int(text) for text in answer.split(";")]
    except ValueError as error:
        raise LinkGarbled(f"{where}: codes read back as {answer!r}, expected integers") from error


def _phases(values: list[float]) -> PhaseValues:
    a, b, c = values
    return (a, b, c)
