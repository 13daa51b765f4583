"""When did a power fall below a level? For islands whose inverter current was not recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.metering.instant import Instant
from bench.metering.windows import moving_mean
from instruments.errors import RecordingError
from instruments.interfaces import Samples


@dataclass(frozen=True)
class PowerFall:
    """The first fall of a power below a level.

    Attributes:
        instant: None when it did not fall inside the record. The bracket is the averaging window
            that is the first below; the best value is where the samples in it cross the level.
        seen_until_s: last time the power was known to be above.
        back_until_s: end of the last window above the level after the fall; None when it stayed below.
    """

    instant: Instant | None
    seen_until_s: float
    back_until_s: float | None


def find_power_fall(
    power_w: Samples,
    sample_rate_hz: float,
    *,
    after_s: float,
    threshold_w: float,
    window_s: float,
    source: str,
) -> PowerFall:
    """Return when the mean over `window_s` first falls below `threshold_w` after `after_s`.

    Raises:
        RecordingError: the power is below the threshold already at `after_s`.
    """
    window = max(1, round(window_s * sample_rate_hz))
    first = round(after_s * sample_rate_hz)
    below = moving_mean(power_w[first:], window) < threshold_w
    if below.size == 0 or below[0]:
        start_w = float(np.mean(power_w[first : first + window])) if below.size else float("nan")
        raise RecordingError(
            f"{source}: no power to lose: the mean over {window_s:g} s from {after_s:.4f} s is "
            f"{start_w:.4g} W, and its fall below {threshold_w:g} W is looked for.\n"
            "Check the sign of the currents, the threshold and that the record goes on long enough"
        )
    if not below.any():
        return PowerFall(None, len(power_w) / sample_rate_hz, None)
    start = first + int(np.argmax(below))
    crossing = start + int(np.argmax(power_w[start : start + window] < threshold_w)) - 0.5
    fall = Instant(
        crossing / sample_rate_hz,
        (start - 1) / sample_rate_hz,
        (start + window) / sample_rate_hz,
    )
    above_again = np.flatnonzero(~below[start - first :])
    back_until_s = (
        (start + int(above_again[-1]) + window) / sample_rate_hz if above_again.size else None
    )
    return PowerFall(fall, start / sample_rate_hz, back_until_s)
