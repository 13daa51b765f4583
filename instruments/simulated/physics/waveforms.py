"""Clean waveforms from the segment log. Noise and quantisation belong to whoever measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt
from operator import attrgetter

import numpy as np

from instruments.interfaces import Samples
from instruments.simulated.physics.segment_log import SegmentLog
from instruments.simulated.physics.segments import Segment, Spectrum

ALIKE = attrgetter("segment.spectrum", "segment.fed")


@dataclass(frozen=True)
class _Part:
    """A segment and the samples [first, last) that fall into it."""

    segment: Segment
    first: int
    last: int


@dataclass(frozen=True)
class _Stretch:
    """One phase over segments in a row that have spectrum and feeding in common; arrays by sample."""

    spectrum: Spectrum
    fed: bool
    angle: Samples
    voltage_v: Samples
    active_a: Samples
    reactive_a: Samples
    conductance_s: Samples
    susceptance_s: Samples


Synthesis = Callable[[_Stretch], Samples]


def synthesise(
    log: SegmentLog,
    start_s: float,
    sample_count: int,
    sample_rate_hz: float,
    channels: Sequence[str],
) -> dict[str, Samples]:
    """Return samples of shape (sample_count,) for each channel.

    Channels: u1-u3 terminal voltage, i1-i3 inverter current, ig1-ig3 current into the grid.
    """
    parts = list(_parts(log, start_s, sample_count, sample_rate_hz))
    times_s = start_s + np.arange(sample_count) / sample_rate_hz
    result = {name: np.zeros(sample_count) for name in channels}
    for _, alike in groupby(parts, key=ALIKE):
        row = list(alike)
        here = slice(row[0].first, row[-1].last)
        for name, samples in result.items():
            stretch = _stretch(row, int(name[-1]) - 1, times_s[here])
            samples[here] = _SYNTHESES[name[:-1]](stretch)
    return result


def _parts(
    log: SegmentLog, start_s: float, sample_count: int, sample_rate_hz: float
) -> Iterator[_Part]:
    for segment, first, last in log.between(start_s, start_s + sample_count / sample_rate_hz):
        a = int(np.ceil((first - start_s) * sample_rate_hz - 1e-9))
        b = min(sample_count, int(np.ceil((last - start_s) * sample_rate_hz - 1e-9)))
        if b > a:
            yield _Part(segment, a, b)


def _stretch(parts: Sequence[_Part], phase: int, times_s: Samples) -> _Stretch:
    rows = np.array([_numbers(part.segment, phase) for part in parts])
    counts = [part.last - part.first for part in parts]
    columns = rows.T if len(parts) == 1 else np.repeat(rows.T, counts, axis=1)
    start_s, theta, frequency_hz, slope_hz_per_s, angle_rad = columns[:5]
    voltage_v, voltage_slope, active_a, active_slope, reactive_a, reactive_slope = columns[5:11]
    conductance_s, susceptance_s = columns[11:]
    x = times_s - start_s
    theta = theta + 2 * np.pi * x * (frequency_hz + 0.5 * slope_hz_per_s * x)
    return _Stretch(
        spectrum=parts[0].segment.spectrum,
        fed=parts[0].segment.fed,
        angle=theta + angle_rad,
        voltage_v=voltage_v + voltage_slope * x,
        active_a=active_a + active_slope * x,
        reactive_a=reactive_a + reactive_slope * x,
        conductance_s=conductance_s,
        susceptance_s=susceptance_s,
    )


def _numbers(segment: Segment, phase: int) -> tuple[float, ...]:
    return (
        segment.start_s,
        segment.theta_rad,
        segment.frequency_hz,
        segment.frequency_slope_hz_per_s,
        segment.angle_rad[phase],
        segment.voltage_v[phase],
        segment.voltage_slope_v_per_s[phase],
        segment.active_a[phase],
        segment.active_slope_a_per_s[phase],
        segment.reactive_a[phase],
        segment.reactive_slope_a_per_s[phase],
        segment.load_conductance_s[phase],
        segment.load_susceptance_s[phase],
    )


def _shape(angle: Samples, harmonics: Iterable[tuple[int, float]]) -> Samples:
    shape = np.sin(angle)
    for order, share in harmonics:
        shape = shape + share * np.sin(order * angle)
    return np.asarray(shape)


def _voltage(stretch: _Stretch) -> Samples:
    shape = _shape(stretch.angle, stretch.spectrum.voltage)
    return np.asarray(sqrt(2) * stretch.voltage_v * shape)


def _inverter_current(stretch: _Stretch) -> Samples:
    active, spectrum = stretch.active_a, stretch.spectrum
    shape = _shape(stretch.angle, spectrum.current)
    current = sqrt(2) * (active * shape - stretch.reactive_a * np.cos(stretch.angle))
    return np.asarray(current + np.where(active != 0.0, spectrum.direct_current_a, 0.0))


def _grid_current(stretch: _Stretch) -> Samples:
    if not stretch.fed:
        return np.zeros_like(stretch.angle)
    if not (stretch.conductance_s.any() or stretch.susceptance_s.any()):
        return _inverter_current(stretch)
    resistive = _voltage(stretch) * stretch.conductance_s
    capacitive = sqrt(2) * stretch.voltage_v * np.cos(stretch.angle) * stretch.susceptance_s
    return np.asarray(_inverter_current(stretch) - resistive - capacitive)


_SYNTHESES: dict[str, Synthesis] = {
    "u": _voltage,
    "i": _inverter_current,
    "ig": _grid_current,
}
