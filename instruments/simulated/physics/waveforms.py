"""Clean waveforms from the segment log. Noise and quantisation belong to whoever measures.

Sine and cosine are taken once per phase, in single precision: 1e-7 of the amplitude is a hundredth of what
a 16-bit converter resolves. Harmonics and the skew between channels follow from them by trigonometry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import pi, sqrt
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from instruments.interfaces import Samples
from instruments.simulated.physics.segment_log import SegmentLog
from instruments.simulated.physics.segments import Harmonics, Segment, Spectrum

ALIKE = attrgetter("segment.spectrum", "segment.fed")
Single = NDArray[np.float32]
Course = float | Samples | Single
"""A quantity by sample, or one number where it does not change."""
Signal = tuple[str, float]
"""A channel, and by how many seconds it is sampled late: far less than a cycle."""


@dataclass(frozen=True)
class _Part:
    """A segment and the samples [first, last) that fall into it."""

    segment: Segment
    first: int
    last: int


@dataclass(frozen=True)
class _Stretch:
    """One phase over segments in a row that have spectrum and feeding in common."""

    spectrum: Spectrum
    fed: bool
    sine: Single
    cosine: Single
    speed_rad_per_s: Course
    voltage_v: Course
    active_a: Course
    reactive_a: Course
    conductance_s: Course
    susceptance_s: Course

    def late(self, skew_s: float) -> _Stretch:
        """Return it as a channel sees it that samples late; amplitudes stand still meanwhile."""
        turn = self.speed_rad_per_s * skew_s
        kept = 1.0 - 0.5 * turn * turn
        return replace(
            self,
            sine=self.sine * kept + self.cosine * turn,
            cosine=self.cosine * kept - self.sine * turn,
        )


Synthesis = Callable[[_Stretch], Course]


def synthesise(
    log: SegmentLog,
    start_s: float,
    sample_count: int,
    sample_rate_hz: float,
    signals: Sequence[Signal],
) -> list[Samples]:
    """Return samples of shape (sample_count,) for each signal.

    Channels: u1-u3 terminal voltage, i1-i3 inverter current, ig1-ig3 current into the grid.
    """
    parts = _parts(log, start_s, sample_count, sample_rate_hz)
    result = [np.empty(sample_count) for _ in signals]
    for _, alike in groupby(parts, key=ALIKE):
        row = list(alike)
        here = slice(row[0].first, row[-1].last)
        times_s = np.arange(here.start, here.stop) / sample_rate_hz
        stretches = {
            phase: _stretch(row, int(phase) - 1, times_s, start_s)
            for phase in {name[-1] for name, _ in signals}
        }
        for (name, skew_s), samples in zip(signals, result, strict=True):
            samples[here] = _SYNTHESES[name[:-1]](stretches[name[-1]].late(skew_s))
    return result


def _parts(
    log: SegmentLog, start_s: float, sample_count: int, sample_rate_hz: float
) -> Iterator[_Part]:
    for segment, first, last in log.between(start_s, start_s + sample_count / sample_rate_hz):
        a = int(np.ceil((first - start_s) * sample_rate_hz - 1e-9))
        b = min(sample_count, int(np.ceil((last - start_s) * sample_rate_hz - 1e-9)))
        if b > a:
            yield _Part(segment, a, b)


def _stretch(parts: Sequence[_Part], phase: int, times_s: Samples, start_s: float) -> _Stretch:
    """Return what a phase does; times count from `start_s`."""
    counts = [part.last - part.first for part in parts]
    rows = zip(*(_polynomials(part.segment, phase, start_s) for part in parts), strict=True)
    constant, linear, square, *levels = (_course(row, counts) for row in rows)
    speed = linear + 2 * square * times_s if np.any(square) else linear
    sine, cosine = _sine_and_cosine(constant + (linear + square * times_s) * times_s)
    voltage_v, active_a, reactive_a = (
        level + slope * times_s if np.any(slope) else level
        for level, slope in zip(levels[:6:2], levels[1:6:2], strict=True)
    )
    return _Stretch(
        parts[0].segment.spectrum,
        parts[0].segment.fed,
        sine,
        cosine,
        speed,
        voltage_v,
        active_a,
        reactive_a,
        *levels[6:],
    )


def _polynomials(segment: Segment, phase: int, start_s: float) -> tuple[float, ...]:
    """Return angle (3 coefficients), voltage, currents (2 each) and load as polynomials in time."""
    before_s = start_s - segment.start_s
    square = pi * segment.frequency_slope_hz_per_s
    linear = 2 * pi * segment.frequency_hz
    angle_rad = segment.theta_rad + segment.angle_rad[phase]
    return (
        (angle_rad + (linear + square * before_s) * before_s) % (2 * pi),
        linear + 2 * square * before_s,
        square,
        segment.voltage_v[phase] + segment.voltage_slope_v_per_s[phase] * before_s,
        segment.voltage_slope_v_per_s[phase],
        segment.active_a[phase] + segment.active_slope_a_per_s[phase] * before_s,
        segment.active_slope_a_per_s[phase],
        segment.reactive_a[phase] + segment.reactive_slope_a_per_s[phase] * before_s,
        segment.reactive_slope_a_per_s[phase],
        segment.load_conductance_s[phase],
        segment.load_susceptance_s[phase],
    )


def _course(values: Sequence[float], counts: Sequence[int]) -> Course:
    return values[0] if len(set(values)) == 1 else np.repeat(values, counts)


def _sine_and_cosine(angle: Samples) -> tuple[Single, Single]:
    turns = np.rint(angle * (0.5 / pi))
    small = (angle - turns * (2 * pi)).astype(np.float32)
    return np.sin(small), np.cos(small)


def _shape(stretch: _Stretch, harmonics: Harmonics) -> Single:
    shape = stretch.sine
    for order, share in harmonics:
        shape = shape + share * _multiple_sine(stretch, order)
    return shape


def _multiple_sine(stretch: _Stretch, order: int) -> Single:
    """Return the sine of a multiple of the angle, by the recurrence of Chebyshev's polynomials."""
    before: Course = 0.0
    here, twice = stretch.sine, 2 * stretch.cosine
    for _ in range(order - 1):
        before, here = here, twice * here - before
    return here


def _voltage(stretch: _Stretch) -> Course:
    return sqrt(2) * stretch.voltage_v * _shape(stretch, stretch.spectrum.voltage)


def _inverter_current(stretch: _Stretch) -> Course:
    active, spectrum = stretch.active_a, stretch.spectrum
    shape = _shape(stretch, spectrum.current)
    current = sqrt(2) * (active * shape - stretch.reactive_a * stretch.cosine)
    return current + np.where(np.not_equal(active, 0.0), spectrum.direct_current_a, 0.0)


def _grid_current(stretch: _Stretch) -> Course:
    if not stretch.fed:
        return 0.0
    if not (np.any(stretch.conductance_s) or np.any(stretch.susceptance_s)):
        return _inverter_current(stretch)
    resistive = _voltage(stretch) * stretch.conductance_s
    capacitive = sqrt(2) * stretch.voltage_v * stretch.cosine * stretch.susceptance_s
    return _inverter_current(stretch) - resistive - capacitive


_SYNTHESES: dict[str, Synthesis] = {
    "u": _voltage,
    "i": _inverter_current,
    "ig": _grid_current,
}
