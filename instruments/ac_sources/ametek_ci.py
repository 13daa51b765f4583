"""AMETEK California Instruments sources (Sequoia, Tahoe, MX, RS, Asterion): SCPI with LIST transients.

Headers from the Sequoia, MX/RS and Lx SCPI manuals. A program is a list of points; each point has a level
per phase, a slew and a dwell. A ramp is a point with a finite slew followed by a point at the target.
No list holds angles: they are set beside the levels and stay while a program runs.
"""

from __future__ import annotations

from itertools import chain

from instruments.ac_sources.list_points import ListPoint, compile_points
from instruments.clock import Clock, Deadline, wait_until
from instruments.errors import CommandRejected, ConfigurationError, InstrumentError, LinkTimeout
from instruments.interfaces import Envelope, GridStep, Identity, MessageLink, PhaseValues, Stimulus
from instruments.scpi import ScpiDialogue, Setting, parse_number

VOLTAGE_RESOLUTION_V = 0.1
FREQUENCY_RESOLUTION_HZ = 0.01
CURRENT_RESOLUTION_A = 0.1
ANGLE_RESOLUTION_DEG = 0.1
STEP_SLEW = 1.0e9
MOST_POINTS = 100
SHORTEST_DWELL_S = 0.001
DWELL_RESOLUTION_S = 0.001
SLEW_RESOLUTION = 0.001
TRANSIENT_COMPLETE = 8
PHASES = (1, 2, 3)
MODES = (":VOLT:MODE", ":VOLT:SLEW:MODE", ":FREQ:MODE", ":FREQ:SLEW:MODE")


class AmetekCi:
    """A three-phase AMETEK CI source. Implements `AcSource`.

    Args:
        link: message link to the source.
        clock: used to wait for the end of a program.
    """

    def __init__(self, link: MessageLink, clock: Clock) -> None:
        self._scpi = ScpiDialogue(link)
        self._clock = clock
        self._levels: GridStep | None = None

    def identify(self) -> Identity:
        return self._scpi.identify()

    def protect(self, envelope: Envelope) -> None:
        """Write current limit and voltage range; the range is the source's only voltage ceiling."""
        self._scpi.command("*CLS", ":ABOR")
        self._couple("ALL")
        range_v = self._scpi.ask_number(f":VOLT:RANG {envelope.voltage_max_v:.1f};:VOLT:RANG?")
        if range_v < envelope.voltage_max_v:
            raise ConfigurationError(
                f"envelope voltage_max_v = {envelope.voltage_max_v:g} V exceeds the source's largest "
                f"range, {range_v:g} V"
            )
        self._scpi.set_number(":CURR", envelope.current_max_a, CURRENT_RESOLUTION_A)
        self._scpi.set_word(":CURR:PROT:STAT", "ON", "1")
        self.check_errors()

    def set_levels(self, step: GridStep) -> None:
        # Until it has succeeded nobody knows what is in force.
        before, self._levels = self._levels, None
        self._set_modes("FIX")
        self._scpi.set_number(":FREQ", step.frequency_hz, FREQUENCY_RESOLUTION_HZ)
        self._set_voltages(step.voltages_v)
        if before is None or before.angles_deg != step.angles_deg:
            self._set_angles(step.angles_deg)
        self.check_errors()
        self._levels = step

    def switch_output(self, on: bool) -> None:
        self._scpi.set_word(":OUTP", "ON" if on else "OFF", "1" if on else "0")
        self.check_errors()

    def output_is_on(self) -> bool:
        answer = self._scpi.link.query(":OUTP?").strip().upper()
        if answer not in ("0", "1", "ON", "OFF"):
            raise InstrumentError(f"{self._scpi.link.name}: :OUTP? answered {answer!r}")
        return answer in ("1", "ON")

    def load_program(self, stimulus: Stimulus) -> None:
        points = self._compile(stimulus)
        self._scpi.command(":ABOR")
        self._couple("ALL")
        self._scpi.set_word(":LIST:STEP", "AUTO")
        self._scpi.set_number(":LIST:COUN", 1, 0.0)
        self._scpi.set_list(":LIST:DWEL", [point.dwell_s for point in points], DWELL_RESOLUTION_S)
        frequencies = [point.frequency_hz for point in points]
        self._scpi.set_list(":LIST:FREQ", frequencies, FREQUENCY_RESOLUTION_HZ)
        slews = [point.frequency_slew_hz_per_s for point in points]
        self._scpi.set_list(":LIST:FREQ:SLEW", slews, SLEW_RESOLUTION)
        self._load_voltages(points)
        self._set_modes("LIST")
        self.check_errors()

    def start_program(self) -> None:
        answer = self._scpi.link.query(":TRIG:TRAN:SOUR BUS;:INIT;*TRG;:SYST:ERR?")
        if parse_number(answer.split(",")[0], ":SYST:ERR? after *TRG") != 0:
            raise CommandRejected(f"{self._scpi.link.name}: program not started: {answer}")

    def wait_program(self, deadline: Deadline) -> None:
        if not wait_until(self._complete, deadline, poll_s=0.2):
            raise LinkTimeout(f"{self._scpi.link.name}: program still runs at its deadline")
        self.check_errors()

    def abort_program(self) -> None:
        answer = self._scpi.link.query(":ABOR;:SYST:ERR?")
        if parse_number(answer.split(",")[0], ":SYST:ERR? after :ABOR") != 0:
            raise CommandRejected(f"{self._scpi.link.name}: :ABOR left an error: {answer}")

    def measured_voltages_v(self) -> PhaseValues:
        """Measure the output voltage of each phase with the source's own meter."""
        a, b, c = (self._measured_voltage_v(phase) for phase in PHASES)
        return (a, b, c)

    def check_errors(self) -> None:
        self._scpi.check_errors()

    def _measured_voltage_v(self, phase: int) -> float:
        self._select(phase)
        return self._scpi.ask_number(":MEAS:VOLT?")

    def _couple(self, phases: str) -> None:
        """Have settings concern all phases, or the selected one."""
        self._scpi.set_word(":INST:COUP", phases)

    def _select(self, phase: int) -> None:
        self._scpi.set_number(":INST:NSEL", phase, 0.0)

    def _set_angles(self, angles_deg: PhaseValues) -> None:
        """Turn the phases in one message, so that they jump together, and read each angle back."""
        within = [angle_deg % 360 for angle_deg in angles_deg]
        units = (
            f":INST:NSEL {phase};:PHAS {angle:.1f}"
            for phase, angle in zip(PHASES, within, strict=True)
        )
        self._scpi.command(*units)
        for phase, angle_deg in zip(PHASES, within, strict=True):
            self._select(phase)
            self._scpi.confirm_number(":PHAS", angle_deg, ANGLE_RESOLUTION_DEG)

    def _set_voltages(self, voltages_v: PhaseValues) -> None:
        phases = (
            (Setting(":INST:NSEL", phase), Setting(":VOLT", voltage_v, VOLTAGE_RESOLUTION_V))
            for phase, voltage_v in zip(PHASES, voltages_v, strict=True)
        )
        self._scpi.set_together(Setting(":INST:COUP", "NONE"), *chain.from_iterable(phases))

    def _set_modes(self, mode: str) -> None:
        modes = (Setting(header, mode) for header in MODES)
        self._scpi.set_together(Setting(":INST:COUP", "ALL"), *modes)

    def _compile(self, stimulus: Stimulus) -> list[ListPoint]:
        if self._levels is None:
            raise InstrumentError(f"{stimulus.name}: set steady levels before loading a program")
        if any(step.angles_deg != self._levels.angles_deg for step in stimulus.steps):
            raise InstrumentError(
                f"{stimulus.name}: a list of this source carries no angles, and the program changes them "
                f"from {self._levels.angles_deg} degrees; set the angles with steady levels"
            )
        points = list(compile_points(self._levels, stimulus.steps, STEP_SLEW))
        if len(points) > MOST_POINTS:
            raise InstrumentError(
                f"{stimulus.name}: {len(points)} list points, the source holds {MOST_POINTS}"
            )
        shortest_s = min(point.dwell_s for point in points)
        if shortest_s < SHORTEST_DWELL_S:
            raise InstrumentError(
                f"{stimulus.name}: a dwell of {shortest_s:g} s, the source's shortest is "
                f"{SHORTEST_DWELL_S:g} s"
            )
        return points

    def _load_voltages(self, points: list[ListPoint]) -> None:
        self._couple("NONE")
        for index, phase in enumerate(PHASES):
            self._select(phase)
            levels = [point.voltages_v[index] for point in points]
            slews = [point.voltage_slews_v_per_s[index] for point in points]
            self._scpi.set_list(":LIST:VOLT", levels, VOLTAGE_RESOLUTION_V)
            self._scpi.set_list(":LIST:VOLT:SLEW", slews, SLEW_RESOLUTION)

    def _complete(self) -> bool:
        return bool(int(self._scpi.ask_number(":STAT:OPER:COND?")) & TRANSIENT_COMPLETE)
