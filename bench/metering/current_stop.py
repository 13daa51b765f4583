"""When did the current through the grid contactor stop? That is when an island begins.

Never the auxiliary contact: it moves tens of milliseconds before the arc is out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.metering.flow import SAMPLE_SPREADS, WINDOW_S, Flow, flow_of
from bench.metering.instant import Instant
from bench.metering.windows import moving_mean
from instruments.errors import RecordingError
from instruments.interfaces import Recording

SMALLEST_FALL = 4.0
REST_TIMES = 3.0
AT_REST_TIMES = 1.5
STOP_SHARE = 0.05
NOTABLE_SHARE = 0.1
TINY = float(np.finfo(np.float64).tiny)


def find_current_stop(
    recording: Recording,
    channels: Sequence[str],
    *,
    nominal_frequency_hz: float,
    window_s: float = WINDOW_S,
) -> Instant:
    """Return when the current through `channels` stopped.

    The largest fall of Σ i² from one half cycle to the next tells where to look, and the cycle after it what
    is left when nothing flows: noise, and the slow tail of current transformers. The bracket begins with
    the last sample clearly above that and ends where the rest is reached.

    Raises:
        RecordingError: the current nowhere falls to a quarter or less.
    """
    flow = flow_of(
        recording, channels, nominal_frequency_hz=nominal_frequency_hz, window_s=window_s
    )
    place = _largest_fall(flow)
    rest_a = flow.level_a(place + flow.window, place + flow.window + flow.period)
    before_a = flow.level_a(place - flow.period, place - flow.window)
    threshold_a = max(REST_TIMES * rest_a, STOP_SHARE * before_a)
    last = _last_above(flow, place, threshold_a)
    earliest, latest = _bracket(flow, last, threshold_a, rest_a)
    return Instant.between(earliest / flow.sample_rate_hz, latest / flow.sample_rate_hz)


def _largest_fall(flow: Flow) -> int:
    """Return the sample with the largest ratio between the half cycles before and after it."""
    half, first = flow.period // 2, flow.period
    end = len(flow.squares) - flow.period - flow.window
    means = moving_mean(flow.squares, half)
    before, after = means[first - half : end - half], means[first:end]
    ratio = np.sqrt(before / np.maximum(after, 1e-12 * before.max() + TINY))
    ratio[before < NOTABLE_SHARE**2 * before.max()] = 0.0
    place = int(np.argmax(ratio))
    if ratio[place] < SMALLEST_FALL:
        raise RecordingError(_no_stop(flow, first + place, float(ratio[place])))
    return first + place


def _last_above(flow: Flow, place: int, threshold_a: float) -> int:
    """Return the last window at or above the threshold, within a cycle of the fall."""
    first = place - flow.period
    windows = np.flatnonzero(flow.windows_above(threshold_a)[first : place + flow.period])
    if not windows.size:
        raise RecordingError(
            f"{flow.source}: the current falls at about {place / flow.sample_rate_hz:.4f} s but "
            f"comes back within a cycle: its rest is taken for {threshold_a / REST_TIMES:.4g} A. "
            "No stop can be placed"
        )
    return first + int(windows[-1])


def _bracket(flow: Flow, last: int, threshold_a: float, rest_a: float) -> tuple[int, int]:
    """Return the last clear sample, and the later of: rest reached, a zero crossing's pause over."""
    clear_a = max(threshold_a, SAMPLE_SPREADS * flow.noise_a)
    clear = np.flatnonzero(flow.squares[last : last + flow.window] >= clear_a**2)
    last += int(clear[-1]) if clear.size else 0
    hidden = flow.hidden_samples(last, clear_a)
    following = flow.squares[last + 1 : last + 1 + flow.period]
    at_rest = np.flatnonzero(following <= (AT_REST_TIMES * rest_a) ** 2)
    settled = int(at_rest[0]) if at_rest.size else flow.period
    return last, last + 1 + max(hidden, settled)


def _no_stop(flow: Flow, place: int, ratio: float) -> str:
    return (
        f"{flow.source}: the current through the contactor does not stop inside the record.\n"
        f"Looked for a fall to 1/{SMALLEST_FALL:g} or less from one half cycle to the next; the "
        f"largest is to 1/{ratio:.2f}, at {place / flow.sample_rate_hz:.4f} s.\n"
        "Check the channels, and that at least a cycle is recorded before and after the opening"
    )
