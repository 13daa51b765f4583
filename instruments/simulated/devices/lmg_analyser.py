"""A simulated ZES Zimmer LMG671 in its short language.

Channels 1 to 3 measure the inverter's terminals, 4 to 6 the same voltages and the current that
flows into the grid. What public sources leave open is settled like this:

* single values are text in either format, `NAN` when there is no frequency, 9.9E+37 when a channel
  is driven beyond 1.1 times its range; `FRMT PACKED` concerns records;
* a packed record is a block of little-endian float32; its first two items are first and last index;
* any range up to the largest is taken as it is; automatic ranging uses the largest;
* `CONT` is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import isfinite, isnan, nan

import numpy as np

from instruments.interfaces import Samples
from instruments.simulated.devices.analyser_noise import (
    CHANNELS,
    NANOSECONDS,
    AnalyserClock,
    AnalyserErrors,
    time_stamp,
)
from instruments.simulated.devices.analyser_readings import (
    LatchedReading,
    Readings,
)
from instruments.simulated.devices.analyser_recorder import Recorder, RecordSetup
from instruments.simulated.devices.lmg_options import AnalyserOptions
from instruments.simulated.physics.world import World
from instruments.simulated.scpi.scpi_engine import ScpiEngine
from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_parameters import (
    Limits,
    parse_integer,
    parse_range,
    parse_string,
    parse_word,
)
from instruments.simulated.scpi.scpi_settings import (
    CommonSetting,
    boolean_commands,
    number_commands,
    word_commands,
)
from instruments.simulated.scpi.scpi_syntax import (
    Answer,
    Arguments,
    Command,
    Handler,
    take_program_message,
)

IDENTITY = "ZES ZIMMER Electronic Systems GmbH,LMG671,SIM0001,1.0"
LARGEST_RANGE_V, LARGEST_RANGE_A = 1000.0, 100.0
RANGES_V, RANGES_A = Limits(1.0, LARGEST_RANGE_V), Limits(0.001, LARGEST_RANGE_A)
CYCLES_S = Limits(0.01, 3600.0)
RATES_HZ = Limits(10_000, 1_000_000)
LENGTHS_S, PRE_TRIGGERS_S = Limits(0.001, 3600.0), Limits(0.0, 3600.0)
STORAGE_MODES = Limits(0, 1)
TRACKS = Limits(0, 15)
MOST_POINTS = 30_000
SIGNALS = [f"{letter}{n}" for letter in "UI" for n in range(1, CHANNELS + 1)]

Choice = Callable[[LatchedReading, int], float]


class _ChannelRanges:
    """Ranges of six channels of one kind: fixed, or automatic, which here is the largest."""

    def __init__(self, largest: float) -> None:
        self._largest = largest
        self.fixed = [CommonSetting(largest) for _ in range(CHANNELS)]
        self.automatic = [CommonSetting(True) for _ in range(CHANNELS)]

    @property
    def present(self) -> list[float]:
        """The ranges in force."""
        return [
            self._largest if automatic.value else fixed.value
            for fixed, automatic in zip(self.fixed, self.automatic, strict=True)
        ]

    def commands(self, letter: str, limits: Limits) -> Iterator[Command]:
        """Yield range and automatic of each channel; without a number it is channel 1."""
        for suffix, index in [("", 0), *((str(n), n - 1) for n in range(1, CHANNELS + 1))]:
            yield from number_commands(
                f"{letter}RNG{suffix}", self.fixed[index], lambda: limits, ".4f"
            )
            yield from boolean_commands(f"{letter}AUTO{suffix}", self.automatic[index])

    def reset(self) -> None:
        """Return to automatic ranging."""
        for fixed, automatic in zip(self.fixed, self.automatic, strict=True):
            fixed.reset()
            automatic.reset()


class LmgAnalyser:
    """The analyser at its port; see the module.

    Args:
        world: what is measured.
        seed: of its clock, errors and noise.
    """

    protocol = "scpi"
    latency_s = 0.006
    not_a_number = b"NAN"
    split = staticmethod(take_program_message)

    def __init__(self, world: World, *, seed: int) -> None:
        clock, errors = AnalyserClock.drawn(seed), AnalyserErrors(seed)
        self._readings = Readings(world, clock, errors)
        self._recorder = Recorder(world, clock, errors)
        self._latched: LatchedReading | None = None
        self._language = CommonSetting("SCPI")
        self._format = CommonSetting("ASC")
        self._cycle_mode = CommonSetting("CYCL")
        self._continuous = CommonSetting(False)
        self._cycle_s = CommonSetting(0.5)
        self._rate_hz = CommonSetting(100_000.0)
        self._length_s = CommonSetting(0.1)
        self._pre_trigger_s = CommonSetting(0.0)
        self._storage_mode = CommonSetting(0.0)
        self._ranges_v = _ChannelRanges(LARGEST_RANGE_V)
        self._ranges_a = _ChannelRanges(LARGEST_RANGE_A)
        self._options = AnalyserOptions(CHANNELS)
        self._tracks: dict[int, int] = {}
        short = [self._only_short(command) for command in self._short_commands()]
        language = word_commands("*ZLANG", self._language, ("SCPI", "SHORT"))
        self.engine = ScpiEngine(IDENTITY, [*language, *short], reset=self._reset)

    def answer(self, message: bytes) -> bytes:
        return self.engine.answer(message)

    def _only_short(self, command: Command) -> Command:
        """Return a command that is undefined until `*ZLANG SHORT`."""

        def handler(arguments: Arguments) -> Answer:
            if self._language.value != "SHORT":
                raise ScpiError(-113, command.pattern)
            return command.handler(arguments)

        return replace(command, handler=handler)

    def _short_commands(self) -> Iterator[Command]:
        yield from word_commands("FRMT", self._format, ("ASCii", "PACKed"))
        yield from word_commands("CYCLMOD", self._cycle_mode, ("CYCL", "0"))
        yield from boolean_commands("CONT", self._continuous)
        yield from number_commands("CYCL", self._cycle_s, lambda: CYCLES_S, ".6f")
        yield from self._ranges_v.commands("U", RANGES_V)
        yield from self._ranges_a.commands("I", RANGES_A)
        yield Command("INIM", self._latch, 0, 1)
        yield Command("TSNORM?", lambda _: time_stamp(self._reading.end_ns))
        yield Command("UTRMS<n>?", self._shown(lambda r, k: r.voltages_v[k]))
        yield Command("ITRMS<n>?", self._shown(lambda r, k: r.currents_a[k]))
        yield Command("S<n>?", self._shown(lambda r, k: r.voltages_v[k] * r.currents_a[k]))
        yield Command("P<n>?", self._shown(_active_power))
        yield Command("Q<n>?", self._shown(_reactive_power))
        yield Command("FCYC<n>?", self._shown(lambda r, _: r.frequency_hz))
        yield Command("PF<n>?", self._shown(_power_factor))
        yield from self._recorder_commands()
        yield from self._options.commands()

    def _recorder_commands(self) -> Iterator[Command]:
        yield from number_commands("TRCSR", self._rate_hz, lambda: RATES_HZ, ".0f")
        yield from number_commands("TRRECLEN", self._length_s, lambda: LENGTHS_S, ".6f")
        yield from number_commands("TRCPTRT", self._pre_trigger_s, lambda: PRE_TRIGGERS_S, ".6f")
        yield from number_commands(
            "SAMPLESTORAGEMODE", self._storage_mode, lambda: STORAGE_MODES, ".0f"
        )
        yield Command("TRCTRAC", self._set_track, 2, 2)
        yield Command("TRCTRAC?", self._ask_track, 1, 1)
        yield Command("TRANSIENTRESTART", lambda _: self._recorder.arm(self._setup()))
        yield Command("TRANSIENTNOW", lambda _: self._recorder.trigger())
        yield Command("TRPSTAT?", lambda _: str(self._recorder.status))
        yield Command("TRPTLEN?", lambda _: str(self._recorder.sample_count))
        yield Command("TSTR?", lambda _: time_stamp(self._recorder.trigger_ns))
        yield Command("TRPVAL?", self._ask_points, 2, 2)

    @property
    def _reading(self) -> LatchedReading:
        if self._latched is None:
            raise ScpiError(-230, "no reading has been latched")
        return self._latched

    def _latch(self, arguments: Arguments) -> None:
        for text in arguments.parameters:
            parse_word(text, ("NOW",))
        cycle_ns = round(self._cycle_s.value * NANOSECONDS)
        number = self._readings.newest_number(cycle_ns)
        if number is None:
            raise ScpiError(-230, "no cycle is complete yet")
        self._latched = self._readings.reading(
            number, cycle_ns, (*self._ranges_v.present, *self._ranges_a.present)
        )

    def _shown(self, choose: Choice) -> Handler:
        def show(arguments: Arguments) -> str:
            channel = arguments.suffix(CHANNELS) - 1
            return _number(choose(self._reading, channel))

        return show

    def _set_track(self, arguments: Arguments) -> None:
        track = parse_integer(arguments.parameters[0], TRACKS)
        signal = parse_string(arguments.parameters[1]).upper()
        if signal and signal not in SIGNALS:
            raise ScpiError(-224, signal)
        self._tracks.pop(track, None)
        if signal:
            self._tracks[track] = SIGNALS.index(signal)

    def _ask_track(self, arguments: Arguments) -> str:
        signal = self._tracks.get(parse_integer(arguments.first, TRACKS))
        return "''" if signal is None else f"'{SIGNALS[signal]}'"

    def _setup(self) -> RecordSetup:
        return RecordSetup(
            rate_hz=round(self._rate_hz.value),
            length_s=self._length_s.value,
            pre_trigger_s=self._pre_trigger_s.value,
            tracks=dict(self._tracks),
            ranges=(*self._ranges_v.present, *self._ranges_a.present),
        )

    def _ask_points(self, arguments: Arguments) -> Answer:
        samples = self._recorder.track(parse_integer(arguments.parameters[0], TRACKS))
        first, last = parse_range(arguments.parameters[1])
        if not first <= last < len(samples):
            raise ScpiError(-222, arguments.parameters[1])
        if last - first >= MOST_POINTS:
            raise ScpiError(-223, f"{last - first + 1} points, most {MOST_POINTS}")
        points = samples[first : last + 1]
        if self._format.value == "ASC":
            return ",".join(format(value, ".7E") for value in points)
        return _block(np.concatenate([(first, last), points]))

    def _reset(self) -> None:
        kept = self._language
        for setting in vars(self).values():
            if isinstance(setting, CommonSetting | _ChannelRanges) and setting is not kept:
                setting.reset()
        self._options.reset()
        self._tracks.clear()
        self._recorder.discard()
        self._latched = None


def _active_power(reading: LatchedReading, channel: int) -> float:
    return reading.active_powers_w[channel]


def _reactive_power(reading: LatchedReading, channel: int) -> float:
    return reading.reactive_powers_var[channel]


def _power_factor(reading: LatchedReading, channel: int) -> float:
    apparent_va = reading.voltages_v[channel] * reading.currents_a[channel]
    return _active_power(reading, channel) / apparent_va if apparent_va else nan


def _number(value: float) -> str:
    if isfinite(value):
        return f"{value:.6E}"
    return "NAN" if isnan(value) else "9.9E+37"


def _block(values: Samples) -> bytes:
    """Return a definite-length block of IEEE 488.2."""
    payload = values.astype("<f4").tobytes()
    length = str(len(payload))
    return f"#{len(length)}{length}".encode("ascii") + payload
