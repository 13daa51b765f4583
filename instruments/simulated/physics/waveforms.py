"""Clean waveforms from the segment log. Noise and quantisation belong to whoever measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import sqrt

import numpy as np

from instruments.interfaces import Samples
from instruments.simulated.physics.segment_log import SegmentLog
from instruments.simulated.physics.segments import Segment

Synthesis = Callable[[Segment, int, Samples, Samples], Samples]


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
    result = {name: np.zeros(sample_count) for name in channels}
    end_s = start_s + sample_count / sample_rate_hz
    for segment, first, last in log.between(start_s, end_s):
        a = int(np.ceil((first - start_s) * sample_rate_hz - 1e-9))
        b = min(sample_count, int(np.ceil((last - start_s) * sample_rate_hz - 1e-9)))
        if b <= a:
            continue
        x = start_s + np.arange(a, b) / sample_rate_hz - segment.start_s
        theta = segment.theta_rad + 2 * np.pi * x * (
            segment.frequency_hz + 0.5 * segment.frequency_slope_hz_per_s * x
        )
        for name in channels:
            phase = int(name[-1]) - 1
            angle = theta + segment.angle_rad[phase]
            result[name][a:b] = _SYNTHESES[name[:-1]](segment, phase, x, angle)
    return result


def _shape(angle: Samples, harmonics: Iterable[tuple[int, float]]) -> Samples:
    shape = np.sin(angle)
    for order, share in harmonics:
        shape = shape + share * np.sin(order * angle)
    return np.asarray(shape)


def _voltage(segment: Segment, phase: int, x: Samples, angle: Samples) -> Samples:
    amplitude = segment.voltage_v[phase] + segment.voltage_slope_v_per_s[phase] * x
    return np.asarray(sqrt(2) * amplitude * _shape(angle, segment.spectrum.voltage))


def _inverter_current(segment: Segment, phase: int, x: Samples, angle: Samples) -> Samples:
    active = segment.active_a[phase] + segment.active_slope_a_per_s[phase] * x
    reactive = segment.reactive_a[phase] + segment.reactive_slope_a_per_s[phase] * x
    shape = _shape(angle, segment.spectrum.current)
    current = sqrt(2) * (active * shape - reactive * np.cos(angle))
    return np.asarray(current + np.where(active != 0.0, segment.spectrum.direct_current_a, 0.0))


def _grid_current(segment: Segment, phase: int, x: Samples, angle: Samples) -> Samples:
    if not segment.fed:
        return np.zeros_like(x)
    amplitude = segment.voltage_v[phase] + segment.voltage_slope_v_per_s[phase] * x
    resistive = _voltage(segment, phase, x, angle) * segment.load_conductance_s[phase]
    capacitive = sqrt(2) * amplitude * np.cos(angle) * segment.load_susceptance_s[phase]
    return np.asarray(_inverter_current(segment, phase, x, angle) - resistive - capacitive)


_SYNTHESES: dict[str, Synthesis] = {
    "u": _voltage,
    "i": _inverter_current,
    "ig": _grid_current,
}
