"""A simulated AMETEK California Instruments source, after the Sequoia's SCPI manual.

Set-points have the resolution the source shows: 0.1 V, 0.01 Hz, 0.1 A, 0.1 degree; slews 0.001 V/s
or Hz/s, dwells 1 µs. A range is the smallest, 166 V or 333 V, that reaches the value asked for. Each
phase jumps to its angle at once, whatever the mode; no list holds angles. The current limit is stored, not
enforced; `trip_protection` makes the source switch off as if it had been. A list ends with its last
levels in force, `ABORt` with those it had reached. Bit TRANS (8) of the operation status says that a list
has been played to its end.
"""

from __future__ import annotations

from collections.abc import Iterator

from instruments.simulated.devices.ametek_options import SourceOptions
from instruments.simulated.devices.ametek_settings import (
    DWELLS_S,
    FREQUENCIES_HZ,
    MOST_POINTS,
    RANGES_V,
    SLEWS,
    ListSetting,
    SourceSettings,
    range_above,
)
from instruments.simulated.devices.list_transient import ListTransient, SlewedSource
from instruments.simulated.physics.world import World
from instruments.simulated.scpi.scpi_engine import (
    OPERATION_SUMMARY,
    QUESTIONABLE_SUMMARY,
    EventRegister,
    Overlapped,
    ScpiEngine,
    nothing,
)
from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_parameters import Limits, parse_integer
from instruments.simulated.scpi.scpi_settings import (
    ActiveSetting,
    LimitsNow,
    Selection,
    Setting,
    boolean_commands,
    list_commands,
    number_commands,
    word_commands,
)
from instruments.simulated.scpi.scpi_syntax import Arguments, Command, take_program_message
from instruments.simulated.transport.passage import Passage

IDENTITY = "CALIFORNIA INSTRUMENTS,SQ0045,SIM0001,1.0"
Form = tuple[str, str]
VOLTAGE, FREQUENCY, CURRENT = (".1f", "V"), (".2f", "HZ"), (".1f", "A")
ANGLE, VOLTAGE_SLEW, FREQUENCY_SLEW = (".1f", "DEG"), (".3f", "V/S"), (".3f", "HZ/S")
TIME, COUNT = (".6f", "S"), (".0f", "")
RANGES = Limits(0.0, RANGES_V[-1])
ANGLES = Limits(-360.0, 360.0)
START_ANGLES = Limits(0.0, 360.0)
COUNTS = Limits(1, 2e8)
PHASES = Limits(1, 3)
MEASURING_WINDOW_S = 0.1
TRANSIENT_COMPLETE = 8
OVERVOLTAGE, OVERCURRENT, OVERTEMPERATURE = 1, 2, 16
INSTRUMENT_SUMMARY = 8192
NO_VALUE = "9.91E+37"
MODES = ("FIXed", "STEP", "PULSe", "LIST")
PLAYED_MODES = ("FIX", "LIST")
LEVEL = "[:LEVel][:IMMediate][:AMPLitude]"


class AmetekSource:
    """The source at its port; see the module."""

    protocol = "scpi"
    latency_s = 0.004
    split = staticmethod(take_program_message)

    def __init__(self, world: World, passage: Passage) -> None:
        self._world = world
        self._settings = SourceSettings()
        self._options = SourceOptions(MOST_POINTS)
        self._source = SlewedSource(world)
        self._transient = ListTransient(
            world,
            self._source,
            passage,
            compile_list=self._settings.program,
            moved=self._settings.take_levels,
            ended=self._list_ended,
        )
        self._operation, self._questionable = EventRegister(), EventRegister()
        self._phase_summaries = [EventRegister() for _ in range(3)]
        self.engine = ScpiEngine(
            IDENTITY,
            list(self._commands()),
            reset=self._reset,
            overlapped=Overlapped(lambda: self._transient.busy, self._transient.finish),
            registers={
                OPERATION_SUMMARY: self._operation,
                QUESTIONABLE_SUMMARY: self._questionable,
            },
            device_clear=self._device_clear,
        )
        self._settings.take_levels(self._source.levels)
        self._settings.range_v.write(range_above(max(self._settings.voltages_v.values)))

    def answer(self, message: bytes) -> bytes:
        return self.engine.answer(message)

    def _commands(self) -> Iterator[Command]:
        for pattern, number, limits, (form, unit) in self._numbers():
            yield from number_commands(pattern, number, limits, form, unit)
        for pattern, values, limits, (form, unit) in self._lists():
            yield from list_commands(pattern, values, limits, form, MOST_POINTS, unit)
        for pattern, word, words in self._words():
            yield from word_commands(pattern, word, words)
        yield from self._options.commands()
        yield from boolean_commands(
            "OUTPut[:STATe]", ActiveSetting(_Output(self._world), self._protection_reset)
        )
        yield from boolean_commands(
            "[SOURce:]CURRent:PROTection:STATe", self._settings.current_protection
        )
        yield from self._selection_commands()
        yield from self._trigger_commands()
        yield from self._measuring_commands()
        yield from self._operation.commands("STATus:OPERation")
        yield from self._questionable.commands("STATus:QUEStionable")
        yield from self._summary_commands()

    def _numbers(self) -> Iterator[tuple[str, Setting[float], LimitsNow, Form]]:
        settings = self._settings
        voltages = ActiveSetting(settings.voltages_v, self._move, self._permit_level)
        frequency = ActiveSetting(settings.frequency_hz, self._move, self._permit_level)
        angles = ActiveSetting(settings.angles_deg, self._turn, self._permit_level)
        yield f"[SOURce:]VOLTage{LEVEL}[:AC]", voltages, self._voltages, VOLTAGE
        yield "[SOURce:]VOLTage:RANGe", _Range(settings), lambda: RANGES, VOLTAGE
        yield (
            "[SOURce:]VOLTage:SLEW[:IMMediate]",
            settings.voltage_slews,
            lambda: SLEWS,
            VOLTAGE_SLEW,
        )
        yield "[SOURce:]FREQuency[:CW][:IMMediate]", frequency, lambda: FREQUENCIES_HZ, FREQUENCY
        yield (
            "[SOURce:]FREQuency:SLEW[:IMMediate]",
            settings.frequency_slew,
            lambda: SLEWS,
            FREQUENCY_SLEW,
        )
        yield "[SOURce:]PHASe[:IMMediate]", angles, lambda: ANGLES, ANGLE
        yield f"[SOURce:]CURRent{LEVEL}", settings.currents_a, self._currents, CURRENT
        yield "[SOURce:]LIST:COUNt", settings.list_count, lambda: COUNTS, COUNT
        yield "TRIGger:SYNChronize:PHASe", settings.start_angle_deg, lambda: START_ANGLES, ANGLE

    def _lists(self) -> Iterator[tuple[str, Setting[ListSetting], LimitsNow, Form]]:
        settings = self._settings
        yield "[SOURce:]LIST:DWELl", settings.dwell_list, lambda: DWELLS_S, TIME
        yield "[SOURce:]LIST:VOLTage[:LEVel]", settings.voltage_lists, self._voltages, VOLTAGE
        yield "[SOURce:]LIST:VOLTage:SLEW", settings.voltage_slew_lists, lambda: SLEWS, VOLTAGE_SLEW
        yield (
            "[SOURce:]LIST:FREQuency[:LEVel]",
            settings.frequency_list,
            lambda: FREQUENCIES_HZ,
            FREQUENCY,
        )
        yield (
            "[SOURce:]LIST:FREQuency:SLEW",
            settings.frequency_slew_list,
            lambda: SLEWS,
            FREQUENCY_SLEW,
        )

    def _words(self) -> Iterator[tuple[str, Setting[str], tuple[str, ...]]]:
        settings = self._settings
        for function, mode in (
            ("VOLTage", settings.voltage_modes),
            ("VOLTage:SLEW", settings.voltage_slew_modes),
            ("FREQuency", settings.frequency_mode),
            ("FREQuency:SLEW", settings.frequency_slew_mode),
        ):
            yield f"[SOURce:]{function}:MODE", ActiveSetting(mode, nothing, _permit_mode), MODES
        yield "[SOURce:]LIST:STEP", settings.list_step, ("AUTO", "ONCE")
        yield "INSTrument:COUPle", _Coupling(settings.selection), ("ALL", "NONE")
        yield "TRIGger[:TRANsient]:SOURce", settings.trigger_source, ("IMMediate", "BUS")
        yield "TRIGger:SYNChronize:SOURce", settings.start_source, ("IMMediate", "PHASe")

    def _selection_commands(self) -> Iterator[Command]:
        selection = self._settings.selection

        def select(arguments: Arguments) -> None:
            selection.selected = parse_integer(arguments.first, PHASES) - 1

        yield Command("INSTrument:NSELect", select, 1, 1)
        yield Command("INSTrument:NSELect?", lambda _: str(selection.selected + 1))

    def _trigger_commands(self) -> Iterator[Command]:
        yield Command("INITiate[:IMMediate]", lambda _: self._initiate())
        yield Command("*TRG", lambda _: self._transient.trigger())
        yield Command("ABORt", lambda _: self._transient.abort())

    def _measuring_commands(self) -> Iterator[Command]:
        for verb in ("MEASure", "FETCh"):
            yield Command(f"{verb}[:SCALar]:VOLTage[:AC]?", lambda _: self._measured_voltage())
            yield Command(f"{verb}[:SCALar]:CURRent[:AC]?", lambda _: self._measured_current())
            yield Command(f"{verb}[:SCALar]:FREQuency?", lambda _: self._measured_frequency())

    def _voltages(self) -> Limits:
        return Limits(0.0, self._settings.range_v.value)

    def _currents(self) -> Limits:
        return Limits(0.0, self._settings.most_current_a)

    def _permit_level(self, _: float) -> None:
        if self._transient.playing:
            raise ScpiError(-221, "a list is being played")

    def _turn(self) -> None:
        self._source.turn(self._settings.angles_deg.values)

    def _move(self) -> None:
        self._source.approach(self._settings.levels, self._settings.slews)

    def _initiate(self) -> None:
        self._transient.initiate()
        self._operation.assign(TRANSIENT_COMPLETE, False)
        if self._settings.trigger_source.value == "IMM":
            self._transient.trigger()

    def _list_ended(self) -> None:
        self._operation.assign(TRANSIENT_COMPLETE, True)
        self.engine.operation_complete()

    def _reset(self) -> None:
        self._transient.abort()
        self._world.source.switch_output(False)
        self._settings.reset()
        self._options.reset()
        self._protection_reset()
        self._operation.assign(TRANSIENT_COMPLETE, False)
        self._move()
        self._turn()

    def _device_clear(self) -> None:
        self._transient.abort()
        self._settings.leave_lists()

    def trip_protection(self, bits: int = OVERCURRENT) -> None:
        """Switch off as the source's own protection does, and say so in the status registers.

        Args:
            bits: of the summary of every phase, such as OVERCURRENT; they stay until the output is
                switched again or `*RST`.
        """
        self._transient.abort()
        self._world.source.switch_output(False)
        for phase in self._phase_summaries:
            phase.assign(bits, True)
        self._questionable.assign(INSTRUMENT_SUMMARY, True)

    def _protection_reset(self) -> None:
        for phase in self._phase_summaries:
            phase.assign(phase.condition, False)
        self._questionable.assign(INSTRUMENT_SUMMARY, False)

    def _summary_commands(self) -> Iterator[Command]:
        header = "STATus:QUEStionable:INSTrument:ISUMmary"
        yield Command(f"{header}[:EVENt]?", lambda _: self._phase_summary.take_event())
        yield Command(f"{header}:CONDition?", lambda _: str(self._phase_summary.condition))

    @property
    def _phase_summary(self) -> EventRegister:
        return self._phase_summaries[self._settings.selection.selected]

    def _measured_voltage(self) -> str:
        source, phase = self._world.source, self._settings.selection.selected
        return f"{source.voltages_v[phase] if source.output_on else 0.0:.2f}"

    def _measured_current(self) -> str:
        now_s, phase = self._world.now_s, self._settings.selection.selected
        if now_s <= 0:
            return NO_VALUE
        means = self._world.averages(max(0.0, now_s - MEASURING_WINDOW_S), now_s)
        return f"{means.grid_currents_a[phase]:.2f}"

    def _measured_frequency(self) -> str:
        source = self._world.source
        return f"{source.frequency_hz:.3f}" if source.output_on else NO_VALUE


def _permit_mode(mode: str) -> None:
    if mode not in PLAYED_MODES:
        raise ScpiError(-241, f"{mode} transients are not simulated")


class _Output:
    """The output relay as a setting."""

    def __init__(self, world: World) -> None:
        self._source = world.source

    def read(self) -> bool:
        return self._source.output_on

    def write(self, value: bool) -> None:
        self._source.switch_output(value)


class _Range:
    """The voltage range as a setting: the smallest that reaches the value asked for."""

    def __init__(self, settings: SourceSettings) -> None:
        self._settings = settings

    def read(self) -> float:
        return self._settings.range_v.value

    def write(self, value: float) -> None:
        range_v = range_above(value)
        if max(self._settings.voltages_v.values) > range_v:
            raise ScpiError(-221, f"a set-point exceeds {range_v:g} V")
        self._settings.range_v.write(range_v)
        currents_a = self._settings.currents_a
        currents_a.values = [
            min(value, self._settings.most_current_a) for value in currents_a.values
        ]


class _Coupling:
    """Whether commands reach all phases, as a word."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection

    def read(self) -> str:
        return "ALL" if self._selection.coupled else "NONE"

    def write(self, value: str) -> None:
        self._selection.coupled = value == "ALL"
