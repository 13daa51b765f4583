"""When did a balanced island begin? The current through the contactor is no good witness where there is none.

What is left of the current, its harmonics, still stops when the contacts part, and is taken where it shows.
Otherwise the beginning is known within a bracket only: not before the contactor was told to open, which the
record's trigger precedes, and not after the voltage leaves the course that the grid had given it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.metering.checks import check_recording, name_of
from bench.metering.current_stop import find_current_stop
from bench.metering.instant import Instant
from bench.metering.windows import fundamental_frequency_hz, moving_mean
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

SPREADS = 5.0
SMALLEST_DEPARTURE = 2e-3
GRID_CURRENT_TEXT = "stop of the recorded grid current"
BRACKET_TEXT = "bracket from the command to the departure of the recorded voltage"


def find_island_start(
    recording: Recording,
    voltage_channels: Sequence[str],
    grid_channels: Sequence[str],
    *,
    commanded_s: float,
    nominal_frequency_hz: float,
) -> tuple[Instant, str]:
    """Return when the contacts parted, and in words what tells so.

    Args:
        commanded_s: a time in the record before which the contactor was not told to open; it was closed all
            the time before.

    Raises:
        RecordingError: the voltage does not leave its course either: nothing tells when the island began.
    """
    latest_s = _departure_s(recording, voltage_channels, commanded_s, nominal_frequency_hz)
    try:
        stop = find_current_stop(
            recording, grid_channels, nominal_frequency_hz=nominal_frequency_hz
        )
    except RecordingError:
        # Too small to show: then the bracket is all there is.
        stop = None
    if stop and commanded_s <= stop.latest_s and stop.earliest_s <= latest_s:
        return stop, GRID_CURRENT_TEXT
    return Instant.between(commanded_s, latest_s), BRACKET_TEXT


def _departure_s(
    recording: Recording, channels: Sequence[str], commanded_s: float, nominal_hz: float
) -> float:
    """Return the first time at which the mean of a cycle differs from the course before."""
    check_recording(recording, channels)
    rate = recording.sample_rate_hz
    before = int(commanded_s * rate)
    period = round(rate / nominal_hz)
    departures = np.max(
        [_departures(recording.channels[name], before, period, rate) for name in channels], axis=0
    )
    threshold = max(SPREADS * float(departures[: before - period].max()), SMALLEST_DEPARTURE)
    left = np.flatnonzero(departures > threshold)
    if not left.size:
        raise RecordingError(
            f"{name_of(recording)}: the voltage keeps the grid's course to "
            f"{100 * float(departures.max()):.2f} % for the whole record: the contactor did not open, or the "
            "load holds the island exactly in place. Record longer, and check the contactor"
        )
    return float(left[0] + period) / rate


def _departures(samples: Samples, before: int, period: int, rate: float) -> Samples:
    """Return how far the phasor of each cycle is from that before the command, as a share of it."""
    frequency_hz = fundamental_frequency_hz(samples[:before], rate, rate / period)
    turned = samples * np.exp(-2j * np.pi * frequency_hz / rate * np.arange(len(samples)))
    phasors = moving_mean(turned.real, period) + 1j * moving_mean(turned.imag, period)
    course = np.mean(phasors[: before - period])
    return np.asarray(np.abs(phasors / course - 1.0))
