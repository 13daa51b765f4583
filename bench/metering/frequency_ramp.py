"""How steeply did the frequency ramp, and when did the first ramp begin? From a recorded voltage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.metering.checks import check_recording, name_of
from bench.metering.instant import Instant
from bench.metering.windows import fundamental_frequency_hz
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

WINDOW_CYCLES = 4
HOP_CYCLES = 0.5
BEGUN_SHARE = 0.1


def frequency_series(
    recording: Recording, channel: str, *, nominal_frequency_hz: float
) -> tuple[Samples, Samples]:
    """Return the frequency over windows of four cycles against the middle of each, every half cycle."""
    check_recording(recording, [channel])
    samples, rate = recording.channels[channel], recording.sample_rate_hz
    window = round(WINDOW_CYCLES * rate / nominal_frequency_hz)
    starts = np.arange(0, len(samples) - window, round(HOP_CYCLES * rate / nominal_frequency_hz))
    middles_s = np.asarray((starts + 0.5 * window) / rate, dtype=np.float64)
    values = (
        fundamental_frequency_hz(samples[start : start + window], rate, nominal_frequency_hz)
        for start in starts
    )
    return middles_s, np.fromiter(values, np.float64, len(starts))


def find_first_ramp(
    times_s: Samples,
    frequencies_hz: Samples,
    *,
    nominal_frequency_hz: float,
    rate_hz_per_s: float,
    excursion_hz: float,
    source: str,
) -> Instant:
    """Return when the frequency begins to leave nominal, known within the windows.

    Raises:
        RecordingError: it does not.
    """
    threshold_hz = BEGUN_SHARE * excursion_hz
    away = np.flatnonzero(np.abs(frequencies_hz - nominal_frequency_hz) > threshold_hz)
    if not away.size or away[0] == 0:
        raise RecordingError(
            f"{source}: the frequency does not leave {nominal_frequency_hz:g} Hz by {threshold_hz:g} Hz inside "
            "the record: the ramps were not applied"
        )
    place = int(away[0])
    sign = np.sign(frequencies_hz[place] - nominal_frequency_hz)
    near = slice(place - 1, place + 1)
    crossing_s = np.interp(
        threshold_hz, sign * (frequencies_hz[near] - nominal_frequency_hz), times_s[near]
    )
    begin_s = float(crossing_s) - threshold_hz / rate_hz_per_s
    half_s = WINDOW_CYCLES / nominal_frequency_hz / 2
    return Instant(begin_s, begin_s - half_s, begin_s + half_s)


def ramp_rates_hz_per_s(
    recording: Recording,
    times_s: Samples,
    frequencies_hz: Samples,
    ramps_s: Sequence[tuple[float, float]],
    *,
    nominal_frequency_hz: float,
) -> list[float]:
    """Return the slope inside each ramp, by least squares over the windows that lie wholly in it.

    Args:
        ramps_s: begin and end of each, from the start of the record.

    Raises:
        RecordingError: a ramp is too short or not inside the record.
    """
    half_s = 0.5 * WINDOW_CYCLES / nominal_frequency_hz
    rates = []
    for begin_s, end_s in ramps_s:
        inside = (times_s > begin_s + half_s) & (times_s < end_s - half_s)
        if np.count_nonzero(inside) < 3:
            raise RecordingError(
                f"{name_of(recording)}: {np.count_nonzero(inside)} windows of {2 * half_s:g} s lie in the ramp "
                f"from {begin_s:.3f} s to {end_s:.3f} s; at least 3 are needed to know its rate"
            )
        rates.append(float(np.polyfit(times_s[inside], frequencies_hz[inside], 1)[0]))
    return rates
