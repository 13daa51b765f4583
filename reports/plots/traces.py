"""From a recording or readings to lines worth drawing: windows, decimation, rms. Pure numpy.

Times count from an origin chosen by the caller (the event), values are in the unit of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from bench.metering.half_cycle import RmsSeries, zero_crossings
from bench.metering.windows import means_between
from instruments.interfaces import Reading, Recording, Samples

OVERVIEW_POINTS = 800
RMS_FREQUENCY_HZ = 50.0
PLACES_A_CYCLE = 40
PEAK_WINDOW_S = 0.02
PEAK_LABEL = "largest instantaneous value / √2"
MEASURED = "measured"
PHASES = ("L1", "L2", "L3")
QUANTITIES: dict[str, Callable[[Reading], tuple[float, ...]]] = {
    "voltage": lambda reading: reading.voltages_v,
    "current": lambda reading: reading.currents_a,
    "frequency": lambda reading: (reading.frequency_hz,),
    "active_power": lambda reading: (reading.active_power_w,),
    "reactive_power": lambda reading: (reading.reactive_power_var,),
    "site_power": lambda reading: (reading.site_power_w,),
    "site_phase_power": lambda reading: reading.site_powers_w or (),
    "load_power": lambda reading: (reading.active_power_w - reading.site_power_w,),
}
"""What of a reading a panel shows: of each phase, or one value."""
CHANNELS = {"V": re.compile(r"u(\d)"), "A": re.compile(r"i(\d)")}


@dataclass(frozen=True)
class Trace:
    """One line of a plot.

    Attributes:
        label: "L1", "L2", "L3", or what else the line shows.
        times_s, values: shape (points,).
    """

    label: str
    times_s: Samples
    values: Samples


@dataclass(frozen=True)
class Pair:
    """The traces of the voltage axes and of the current axes."""

    voltage: list[Trace]
    current: list[Trace]

    @property
    def labels(self) -> list[str]:
        """Every label once, in order of appearance."""
        return list(dict.fromkeys(trace.label for trace in (*self.voltage, *self.current)))


def waveforms(
    recording: Recording, origin_s: float, span_s: tuple[float, float], most_points: int
) -> Pair:
    """Return the samples inside a span, decimated so that the extremes survive.

    Args:
        span_s: from and to, counted from the origin.
    """
    window = window_of(recording, origin_s, span_s)
    times_s = window.start / recording.sample_rate_hz - origin_s
    steps_s = np.arange(window.stop - window.start) / recording.sample_rate_hz

    def traces(unit: str) -> list[Trace]:
        return [
            Trace(label, *decimate(times_s + steps_s, samples[window], most_points))
            for label, samples in channels_of(recording, unit)
        ]

    return Pair(traces("V"), traces("A"))


def rms_series(recording: Recording, origin_s: float, span_s: tuple[float, float]) -> Pair:
    """Return the rms per phase, and the largest instantaneous value of any phase over √2.

    The rms is that of every cycle, refreshed each half cycle; a current's cycles are those of its voltage. The
    largest value equals the rms of a sine, so a spike too short to move any rms still stands out.
    """
    window = window_of(recording, origin_s, span_s)
    start_s = window.start / recording.sample_rate_hz - origin_s
    # Finding the cycles costs most, so a current does not look for those of its voltage again.
    cycles = {
        label: _crossings(samples, recording) for label, samples in channels_of(recording, "V")
    }

    def traces(unit: str) -> list[Trace]:
        phases = channels_of(recording, unit)
        lines = []
        for label, samples in phases:
            found = cycles[label] if label in cycles else _crossings(samples, recording)
            series = _rms(samples, found, recording)
            lines.append(_inside(label, series, series.values, origin_s, span_s))
        peaks = _peaks([samples[window] for _, samples in phases], recording, start_s)
        return [peaks, *lines]

    return Pair(traces("V"), traces("A"))


def frequency_series(recording: Recording, origin_s: float, span_s: tuple[float, float]) -> Pair:
    """Return the frequency of every cycle of the first phase, and the currents of `rms_series`."""
    label, voltage = channels_of(recording, "V")[0]
    rate_hz = recording.sample_rate_hz
    crossings = zero_crossings(voltage, rate_hz, nominal_frequency_hz=RMS_FREQUENCY_HZ)
    series = _rms(voltage, crossings, recording)
    frequency = _inside(label, series, 1 / series.windows_s, origin_s, span_s)
    return Pair([frequency], rms_series(recording, origin_s, span_s).current)


def reading_traces(
    readings: Sequence[Reading], quantity: str, start_s: float, rated: float | None = None
) -> list[Trace]:
    """Return a quantity of readings against the end of their windows.

    Times count from the end of the first reading, then from `start_s`; what was not found is left out.

    Args:
        quantity: one of `QUANTITIES`.
        rated: what is 100 %; None for the quantity's own unit.
    """
    ends_s = np.array([reading.end_s for reading in readings]) - readings[0].end_s - start_s
    scale = 100 / rated if rated else 1.0
    columns = scale * np.array([QUANTITIES[quantity](reading) for reading in readings]).T
    labels = PHASES if len(columns) == len(PHASES) else (MEASURED,)
    return [
        Trace(label, *decimate(ends_s[found], values[found], OVERVIEW_POINTS))
        for label, values in zip(labels, columns, strict=True)
        if (found := np.isfinite(values)).any()
    ]


def decimate(times_s: Samples, values: Samples, most_points: int) -> tuple[Samples, Samples]:
    """Return at most `most_points` true samples, among them the extremes of every stretch."""
    if len(values) <= most_points:
        return times_s, values
    length = -(-len(values) // (most_points // 2))
    starts = np.arange(0, len(values), length)
    padding = starts.size * length - len(values)
    stretches = np.pad(values, (0, padding), mode="edge").reshape(starts.size, length)
    extremes = (starts + stretches.argmin(axis=1), starts + stretches.argmax(axis=1))
    chosen = np.unique(np.minimum(extremes, len(values) - 1))
    return times_s[chosen], values[chosen]


def channels_of(recording: Recording, unit: str) -> list[tuple[str, Samples]]:
    """Return the phase voltages ("V") or currents ("A") of a recording with the names of the phases."""
    matches = ((CHANNELS[unit].fullmatch(name), name) for name in recording.channels)
    return [(f"L{match[1]}", recording.channels[name]) for match, name in matches if match]


def window_of(recording: Recording, origin_s: float, span_s: tuple[float, float]) -> slice:
    """Return the samples of a span that counts from the origin, as far as there are any."""
    first = round((origin_s + span_s[0]) * recording.sample_rate_hz)
    last = round((origin_s + span_s[1]) * recording.sample_rate_hz)
    count = recording.sample_count
    return slice(min(max(first, 0), count), min(max(last + 1, 0), count))


def _crossings(reference: Samples, recording: Recording) -> Samples:
    """Return where the fundamental crosses zero, in samples; found among means of some samples each.

    A fundamental needs few places a cycle, and to find it among all samples takes most of the time of a plot.
    Against that the rms moves by less than 0.001 V; in the very cycles of a jump by less than the line is wide.
    """
    together = max(1, int(recording.sample_rate_hz / RMS_FREQUENCY_HZ / PLACES_A_CYCLE))
    means = reference[: len(reference) // together * together].reshape(-1, together).mean(axis=1)
    rate_hz = recording.sample_rate_hz / together
    found = zero_crossings(means, rate_hz, nominal_frequency_hz=RMS_FREQUENCY_HZ)
    return together * found + (together - 1) / 2


def _rms(samples: Samples, crossings: Samples, recording: Recording) -> RmsSeries:
    """Return the rms of every cycle, from each of the zero crossings of its reference."""
    starts, ends = crossings[:-2], crossings[2:]
    squares = means_between(np.square(samples), starts, ends)
    rate_hz = recording.sample_rate_hz
    values = np.sqrt(np.maximum(squares, 0.0))
    return RmsSeries(starts / rate_hz, (ends - starts) / rate_hz, values)


def _inside(
    label: str, series: RmsSeries, values: Samples, origin_s: float, span_s: tuple[float, float]
) -> Trace:
    """Return the windows that lie wholly in the span; one across an event shows a little of both sides."""
    starts_s = series.starts_s - origin_s
    inside = (starts_s >= span_s[0]) & (starts_s + series.windows_s <= span_s[1])
    middles_s = series.middles_s - origin_s
    return Trace(label, *decimate(middles_s[inside], values[inside], OVERVIEW_POINTS))


def _peaks(phases: Sequence[Samples], recording: Recording, start_s: float) -> Trace:
    length = round(PEAK_WINDOW_S * recording.sample_rate_hz)
    largest = np.abs(phases).max(axis=0) if phases else np.zeros(0)
    blocks = largest[: largest.size // length * length].reshape(-1, length)
    peaks = np.asarray(blocks.max(axis=1, initial=0.0) / sqrt(2), dtype=np.float64)
    middles_s = np.asarray(start_s + (np.arange(peaks.size) + 0.5) * PEAK_WINDOW_S, np.float64)
    return Trace(PEAK_LABEL, *decimate(middles_s, peaks, OVERVIEW_POINTS))
