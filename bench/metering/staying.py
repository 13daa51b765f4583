"""How long an inverter stays connected while the frequency is away from nominal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bench.metering.instant import Instant
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading

NOMINAL_BAND_HZ = 0.5


def measure_stay(
    readings: Sequence[Reading],
    *,
    levels_hz: Sequence[float],
    nominal_hz: float,
    current_floor_a: float,
    clock_ppm: float,
) -> Measurement:
    """Measure the shortest stay; "at least" when the inverter was connected to the end of each.

    Args:
        levels_hz: the frequencies that were applied one after the other, with nominal between them.
        current_floor_a: rms current above which the inverter is connected.

    Raises:
        RecordingError: the readings do not show these stays.
    """
    away = [
        list(group)
        for outside, group in groupby(
            readings, lambda reading: abs(reading.frequency_hz - nominal_hz) > NOMINAL_BAND_HZ
        )
        if outside
    ]
    if len(away) != len(levels_hz):
        raise RecordingError(
            f"the readings show {len(away)} stays away from {nominal_hz:g} Hz, the program has "
            f"{len(levels_hz)}; look at what the source applied"
        )
    stays = [
        _stay(group, level_hz, current_floor_a, clock_ppm)
        for group, level_hz in zip(away, levels_hz, strict=True)
    ]
    return min(stays, key=lambda stay: (stay.censored is not None, stay.value))


def _stay(
    readings: Sequence[Reading], level_hz: float, current_floor_a: float, clock_ppm: float
) -> Measurement:
    first = readings[0]
    began = Instant.between(first.end_s - 2 * first.window_s, first.end_s)
    gone = [reading for reading in readings if max(reading.currents_a) <= current_floor_a]
    last_s = readings[-1].end_s
    end = Instant.between(gone[0].end_s - 2 * gone[0].window_s, gone[0].end_s) if gone else None
    duration_s = max(0.0, (end.best_s if end else last_s) - began.best_s)
    lines = {
        "step of the frequency, bracket of readings": began.half_width_s,
        "end of the current, bracket of readings": end.half_width_s if end else 0.0,
        f"analyser clock, {clock_ppm:g} ppm": clock_ppm * 1e-6 * duration_s,
    }
    return Measurement.of(
        f"time connected at {level_hz:g} Hz",
        duration_s,
        "s",
        combine([BudgetLine(text, rectangular(half_s), "s") for text, half_s in lines.items()]),
        method="from the first reading at the frequency to the first without current",
        censored=None if end else "at least",
    )
