"""When did the grid come back to a dead bus?"""

from __future__ import annotations

from collections.abc import Sequence
from math import asin, pi

import numpy as np

from bench.metering.checks import check_recording, name_of
from bench.metering.instant import Instant
from instruments.errors import RecordingError
from instruments.interfaces import Recording

ALIVE_SHARE = 0.1
# A single phase that returns near its zero crossing stays below the level this long, at 45 Hz the longest.
HIDDEN_S = 2 * asin(ALIVE_SHARE) / (2 * pi * 45.0)


def find_voltage_return(
    recording: Recording, channels: Sequence[str], *, nominal_voltage_v: float
) -> Instant:
    """Return the instant at which the first phase rises from a dead bus.

    A bus is alive from the first sample above a tenth of the nominal peak on any phase. The bracket reaches
    back from the sample before it by the time that a zero crossing can hide.

    Raises:
        RecordingError: the bus is alive from the start of the record, or never.
    """
    check_recording(recording, channels)
    level_v = ALIVE_SHARE * np.sqrt(2) * nominal_voltage_v
    largest_v = np.max([np.abs(recording.channels[name]) for name in channels], axis=0)
    alive = np.flatnonzero(largest_v > level_v)
    if not len(alive) or alive[0] == 0:
        raise RecordingError(
            f"{name_of(recording)}: no return of the grid: the largest voltage is "
            f"{largest_v[0]:.1f} V at the start and {largest_v.max():.1f} V at most; it should rise "
            f"from a dead bus through {level_v:.1f} V"
        )
    first = int(alive[0])
    before_s = (first - 1) / recording.sample_rate_hz
    return Instant.between(before_s - HIDDEN_S, first / recording.sample_rate_hz)
