"""How long the inverter took: from the recorded event to the end of its current, with uncertainty.

The start comes from the recorded waveform (a step of voltage or frequency, or the stop of the grid's current),
never from a command or an auxiliary contact. *Cease* and *disconnect* are two times and both are given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.metering.cessation import find_cessation, find_disconnection
from bench.metering.checks import name_of
from bench.metering.current_stop import find_current_stop
from bench.metering.duration import CLOCK_PPM, Recorder, measure_duration
from bench.metering.frequency_step import find_frequency_step
from bench.metering.instant import Instant
from bench.metering.voltage_step import find_voltage_step
from bench.verdicts.verdict import Measurement
from instruments.interfaces import GRID_CHANNELS, INVERTER_CHANNELS, Recording

VOLTAGE_CHANNELS = INVERTER_CHANNELS[:3]
CURRENT_CHANNELS = INVERTER_CHANNELS[3:]
GENERATION_FLOOR_PU = 0.03
CURRENT_FLOOR_PU = 0.003
START_TEXTS = {
    "voltage_step": "recorded voltage step",
    "frequency_step": "recorded step of the frequency",
    "current_stop": "stop of the recorded grid current",
}
CEASE_TEXT = "the last time the root sum square of the inverter's currents is above {:.3g} A"
GONE_TEXT = "the last time anything above {:.3g} A (root sum square) flows"

StartFinder = Callable[[], Instant]


@dataclass(frozen=True)
class ClearingTime:
    """When an event began, when generation ceased and when the last current was gone.

    Attributes:
        start: t0, in seconds from the start of the record like the other instants.
        cease, disconnect: None when that did not happen inside the record; the times are then "at
            least" what the record shows.
        cease_time, disconnect_time: in s, from `start`.
        resumptions: how often the current came back after at least half a cycle without.
    """

    start: Instant
    cease: Instant | None
    disconnect: Instant | None
    cease_time: Measurement
    disconnect_time: Measurement
    resumptions: int


def measure_clearing_time(
    recording: Recording,
    *,
    start: str,
    nominal_frequency_hz: float,
    nominal_voltage_v: float,
    rated_current_a: float,
    clock_ppm: float = CLOCK_PPM,
    recording_name: str | None = None,
    voltage_channels: Sequence[str] = VOLTAGE_CHANNELS,
    current_channels: Sequence[str] = CURRENT_CHANNELS,
    grid_current_channels: Sequence[str] = GRID_CHANNELS,
    noise_a: float | None = None,
) -> ClearingTime:
    """Measure from the recorded event to the end of the inverter's current.

    Args:
        start: "voltage_step", "frequency_step" or "current_stop".
        nominal_voltage_v: rms phase to neutral.
        rated_current_a: rms per phase. Below 3 % of it nothing counts as generation, below 0.3 %
            nothing counts as connected, even when the current before the event was small.
        clock_ppm: largest deviation of the recorder's clock.
        noise_a: rms noise of one current channel; by default estimated from the record.

    Raises:
        RecordingError: the record cannot carry the measurement, or shows no event.
        ValueError: `start` is none of these.
    """
    finders: dict[str, StartFinder] = {
        "voltage_step": lambda: (
            find_voltage_step(
                recording,
                voltage_channels,
                nominal_frequency_hz=nominal_frequency_hz,
                nominal_voltage_v=nominal_voltage_v,
            ).instant
        ),
        "frequency_step": lambda: (
            find_frequency_step(
                recording,
                voltage_channels,
                nominal_frequency_hz=nominal_frequency_hz,
                nominal_voltage_v=nominal_voltage_v,
            ).instant
        ),
        "current_stop": lambda: find_current_stop(
            recording, grid_current_channels, nominal_frequency_hz=nominal_frequency_hz
        ),
    }
    if start not in finders:
        raise ValueError(f"start = {start!r}: expected one of {', '.join(finders)}")
    return measure_from(
        finders[start](),
        START_TEXTS[start],
        recording,
        nominal_frequency_hz=nominal_frequency_hz,
        rated_current_a=rated_current_a,
        clock_ppm=clock_ppm,
        recording_name=recording_name,
        current_channels=current_channels,
        noise_a=noise_a,
    )


def measure_from(
    begin: Instant,
    begin_text: str,
    recording: Recording,
    *,
    nominal_frequency_hz: float,
    rated_current_a: float,
    clock_ppm: float = CLOCK_PPM,
    recording_name: str | None = None,
    current_channels: Sequence[str] = CURRENT_CHANNELS,
    noise_a: float | None = None,
) -> ClearingTime:
    """Measure from an instant that is known already; see `measure_clearing_time`.

    Args:
        begin_text: what the instant is, for the description of the method.
    """
    cease = find_cessation(
        recording,
        current_channels,
        event_s=begin.best_s,
        nominal_frequency_hz=nominal_frequency_hz,
        at_least_a=GENERATION_FLOOR_PU * rated_current_a,
        noise_a=noise_a,
    )
    gone = find_disconnection(
        recording,
        current_channels,
        event_s=begin.best_s,
        nominal_frequency_hz=nominal_frequency_hz,
        at_least_a=CURRENT_FLOOR_PU * rated_current_a,
        noise_a=noise_a,
    )
    recorder = Recorder(recording.sample_rate_hz, clock_ppm, name_of(recording), recording_name)
    return ClearingTime(
        start=begin,
        cease=cease.instant,
        disconnect=gone.instant,
        cease_time=measure_duration(
            "time to cease generation",
            begin,
            cease.instant,
            seen_until_s=cease.flowing_until_s,
            recorder=recorder,
            method=f"{begin_text} to {CEASE_TEXT.format(cease.threshold_a)}",
        ),
        disconnect_time=measure_duration(
            "time to disconnect",
            begin,
            gone.instant,
            seen_until_s=gone.flowing_until_s,
            recorder=recorder,
            method=f"{begin_text} to {GONE_TEXT.format(gone.threshold_a)}",
        ),
        resumptions=cease.resumptions,
    )
