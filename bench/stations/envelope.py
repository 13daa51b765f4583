"""The guard in front of the AC source: nothing outside the station's envelope is ever sent.

Angles count too: between two phases there is never more than √3 times the largest permitted phase voltage, as
between phases of that voltage at 120 degrees.
"""

from __future__ import annotations

from cmath import rect
from collections.abc import Callable, Iterator
from itertools import combinations
from math import radians, sqrt
from pathlib import Path

from instruments.errors import EnvelopeError
from instruments.interfaces import AcSource, Envelope, GridStep, Stimulus


def check_step(step: GridStep, envelope: Envelope, file: Path, where: str) -> None:
    """Check one step against the envelope.

    Raises:
        EnvelopeError: with step, value, limit, unit and the file that sets the limit.
    """
    for name, value, low, high, unit in _values(step, envelope):
        if not low <= value <= high:
            raise EnvelopeError(
                f"{where}: {name} = {value:g} {unit} is outside {low:g} … {high:g} {unit}, the "
                f"envelope of {file}. Nothing was sent."
            )


def _values(step: GridStep, envelope: Envelope) -> Iterator[tuple[str, float, float, float, str]]:
    for phase, voltage_v in enumerate(step.voltages_v, 1):
        yield (f"voltage L{phase}", voltage_v, envelope.voltage_min_v, envelope.voltage_max_v, "V")
    for name, line_v in _line_voltages(step):
        yield (f"voltage {name}", line_v, 0.0, round(sqrt(3) * envelope.voltage_max_v, 3), "V")
    yield (
        "frequency",
        step.frequency_hz,
        envelope.frequency_min_hz,
        envelope.frequency_max_hz,
        "Hz",
    )


def _line_voltages(step: GridStep) -> Iterator[tuple[str, float]]:
    phasors = [
        rect(voltage_v, radians(angle_deg))
        for voltage_v, angle_deg in zip(step.voltages_v, step.angles_deg, strict=True)
    ]
    for (a, first), (b, second) in combinations(enumerate(phasors, 1), 2):
        yield f"L{a}-L{b}", round(abs(first - second), 3)


class GuardedSource:
    """Lends the methods of an AC source, checking every step before its first byte is sent."""

    def __init__(self, source: AcSource, envelope: Envelope, file: Path) -> None:
        self._source = source
        self._envelope = envelope
        self._file = file
        self.identify = source.identify
        self.protect: Callable[[], None] = lambda: source.protect(envelope)
        self.switch_output = source.switch_output
        self.output_is_on = source.output_is_on
        self.start_program = source.start_program
        self.wait_program = source.wait_program
        self.abort_program = source.abort_program
        self.check_errors = source.check_errors

    def set_levels(self, step: GridStep) -> None:
        """Set steady levels inside the envelope."""
        check_step(step, self._envelope, self._file, "steady levels")
        self._source.set_levels(step)

    def load_program(self, stimulus: Stimulus) -> None:
        """Load a program all of whose steps are inside the envelope."""
        for number, step in enumerate(stimulus.steps, 1):
            where = f"{stimulus.name}, step {number}"
            check_step(step, self._envelope, self._file, where)
        self._source.load_program(stimulus)
