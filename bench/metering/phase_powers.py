"""Power of the fundamental in each phase, from waveforms: what flows through the contactor before it opens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.metering.checks import check_recording
from bench.metering.windows import fundamental_frequency_hz
from instruments.interfaces import Recording


def phase_powers(
    recording: Recording,
    voltage_channels: Sequence[str],
    current_channels: Sequence[str],
    *,
    until_s: float,
    nominal_frequency_hz: float,
) -> tuple[complex, ...]:
    """Return P + jQ of each phase in VA over whole cycles from the start of the record.

    Positive in the direction of the current, Q positive when it is supplied that way: P + jQ = U I*. Harmonics
    do not count.

    Args:
        until_s: the last cycle ends before this.

    Raises:
        RecordingError: see `check_recording`; at least three cycles are needed.
    """
    check_recording(recording, [*voltage_channels, *current_channels])
    rate, count = recording.sample_rate_hz, int(until_s * recording.sample_rate_hz)
    frequency = fundamental_frequency_hz(
        recording.channels[voltage_channels[0]][:count], rate, nominal_frequency_hz
    )
    cycles = int(count * frequency / rate)
    count = round(cycles * rate / frequency)
    turns = np.exp(-2j * np.pi * frequency / rate * np.arange(count))
    return tuple(
        2
        * complex(np.mean(recording.channels[voltage][:count] * turns))
        * complex(np.mean(recording.channels[current][:count] * turns)).conjugate()
        for voltage, current in zip(voltage_channels, current_channels, strict=True)
    )
