"""When did the inverter's current cease, and when was the last of it gone?

*Cease* is the end of generation: the current falls below a share of what it was. *Disconnect* is the
last instant any current flows: an output filter draws its capacitive current until a relay opens. Both look at
the whole rest of the record, so current that comes back moves them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.metering.checks import Flags, longest_run, runs
from bench.metering.flow import HIDING_SPREADS, SAMPLE_SPREADS, WINDOW_S, Flow, flow_of
from bench.metering.instant import Instant
from bench.metering.windows import moving_mean
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

LEVEL_CYCLES = 5
CEASE_SHARE = 0.05
SLIGHT_SHARE = 0.75
FILTER_SHARE = 0.4
QUIET_CYCLES = 0.5
SMALLEST_SHARE = 1e-4
THRESHOLD_DOUBT = 0.25
LEAST_TIMES = 2.0
MOST_HIDDEN_TIMES = 3.0


@dataclass(frozen=True)
class CurrentEnd:
    """The end of a current, or the news that it did not end.

    Attributes:
        instant: None when the current still flows at the end of the record.
        flowing_until_s: last time the current was seen, from the start of the record.
        level_a, threshold_a: before the event, and what counts as ended; root sum square.
        resumptions: how often the current came back after at least half a cycle without.
    """

    instant: Instant | None
    flowing_until_s: float
    level_a: float
    threshold_a: float
    resumptions: int


def find_cessation(
    recording: Recording,
    channels: Sequence[str],
    *,
    event_s: float,
    nominal_frequency_hz: float,
    share: float = CEASE_SHARE,
    at_least_a: float = 0.0,
    noise_a: float | None = None,
    window_s: float = WINDOW_S,
) -> CurrentEnd:
    """Return when the current fell below a share of its level before the event, for good.

    The moving mean of Σ i² over `window_s` decides which fall is the last. Around it each sample is
    compared with the same place of the wave one cycle earlier, so that neither a zero crossing nor a decay is
    mistaken for the end; what neither of them settles widens the bracket.

    Args:
        event_s: the level is taken over up to five whole cycles before this.
        share: of the level before the event.
        at_least_a: rms per phase below which nothing counts as generation (the filter's current).
        noise_a: rms noise of one channel; by default estimated from the last cycle.

    Raises:
        RecordingError: no current before the event, or it had stopped before.
    """
    flow = flow_of(
        recording,
        channels,
        nominal_frequency_hz=nominal_frequency_hz,
        noise_a=noise_a,
        window_s=window_s,
    )
    event = round(event_s * flow.sample_rate_hz)
    level_a = _level_before(flow, event)
    floor_a = max(flow.root_sum_square(at_least_a), SAMPLE_SPREADS * flow.noise_a)
    threshold_a = max(share * level_a, floor_a)
    return _end(flow, event, level_a, threshold_a, _generation_bracket)


def find_disconnection(
    recording: Recording,
    channels: Sequence[str],
    *,
    event_s: float,
    nominal_frequency_hz: float,
    at_least_a: float = 0.0,
    noise_a: float | None = None,
    window_s: float = WINDOW_S,
) -> CurrentEnd:
    """Return the last instant at which more than noise flowed.

    Args:
        at_least_a: rms per phase that counts as current even where the noise is lower.
        noise_a: rms noise of one channel. By default it is estimated from the last cycle as white
            noise, so that a filter's current that never ends is not taken for noise.

    Raises:
        RecordingError: no current before the event, or it had stopped before, or noise hides much more
            current than `at_least_a`.
    """
    flow = flow_of(
        recording,
        channels,
        nominal_frequency_hz=nominal_frequency_hz,
        noise_a=noise_a,
        window_s=window_s,
    )
    _require_sight(flow, flow.root_sum_square(at_least_a))
    event = round(event_s * flow.sample_rate_hz)
    level_a = _level_before(flow, event)
    threshold_a = max(
        flow.noise_ceiling_a(), flow.root_sum_square(at_least_a), SMALLEST_SHARE * level_a
    )
    return _end(flow, event, level_a, threshold_a, _flow_bracket)


def _require_sight(flow: Flow, asked_a: float) -> None:
    """Refuse noise under which a filter's current, a percent or so of the rated one, would end unseen."""
    ceiling_a = flow.noise_ceiling_a()
    if 0 < asked_a * MOST_HIDDEN_TIMES < ceiling_a:
        raise RecordingError(
            f"{flow.source}: noise of {flow.noise_a:.4g} A hides currents up to {ceiling_a:.4g} A (root sum "
            f"square of {flow.phases} channels), and the end of anything above {asked_a:.4g} A was asked for; "
            f"expected to hide {MOST_HIDDEN_TIMES * asked_a:.4g} A at most. Record with a smaller current range"
        )


def _level_before(flow: Flow, event: int) -> float:
    cycles = min(LEVEL_CYCLES, event // flow.period)
    if cycles < 2:
        raise RecordingError(
            f"{flow.source}: the event at {event / flow.sample_rate_hz:.4f} s leaves {cycles} whole "
            "cycles before it; at least 2 are needed to know what flowed. Record more before it"
        )
    return flow.level_a(event - cycles * flow.period, event)


def _end(
    flow: Flow,
    event: int,
    level_a: float,
    threshold_a: float,
    bracket: Callable[[Flow, int, float], tuple[int, int]],
) -> CurrentEnd:
    if not level_a >= LEAST_TIMES * threshold_a > 0:
        raise RecordingError(
            f"{flow.source}: no current to lose: {level_a:.4g} A before the event at "
            f"{event / flow.sample_rate_hz:.4f} s (root sum square of {flow.phases} channels), and "
            f"what falls below {threshold_a:.4g} A counts as ended.\n"
            f"Expected at least {LEAST_TIMES * threshold_a:.4g} A: check the channels, and that the "
            "inverter was running"
        )
    above = flow.windows_above(threshold_a)
    last = int(np.flatnonzero(above)[-1]) if above.any() else 0
    after_last = last + flow.window
    if after_last < event:
        raise RecordingError(
            f"{flow.source}: the current fell below {threshold_a:.4g} A at about "
            f"{after_last / flow.sample_rate_hz:.4f} s, before the event at "
            f"{event / flow.sample_rate_hz:.4f} s: what ended it was not this event"
        )
    instant = None
    if after_last <= len(flow.squares) - round(QUIET_CYCLES * flow.period):
        earliest, latest = bracket(flow, last, threshold_a)
        instant = Instant.between(earliest / flow.sample_rate_hz, latest / flow.sample_rate_hz)
    return CurrentEnd(
        instant=instant,
        flowing_until_s=after_last / flow.sample_rate_hz,
        level_a=level_a,
        threshold_a=threshold_a,
        resumptions=_resumptions(above[event : last + 1], flow.period // 2),
    )


def _resumptions(above: Flags, pause: int) -> int:
    """Count the pauses of at least `pause` windows; `above` ends with current."""
    _, lengths = runs(~above)
    return int(np.count_nonzero(lengths >= pause))


def _generation_bracket(flow: Flow, last: int, threshold_a: float) -> tuple[int, int]:
    """Return the last sample that surely was generation and the first that surely was not.

    Both compare with the wave one cycle earlier, scaled to an rms of 1: a current of the threshold's size has
    that shape. A filter's current, a quarter of a cycle ahead, is not taken for generation: it peaks where the
    wave is small.
    """
    half = flow.period // 2
    low, high = last - half, last + flow.window + half
    wave = flow.squares_a_cycle_before(low, high)
    wave = wave / np.mean(flow.squares[low - flow.period : low])
    present = flow.squares[low:high]
    at_threshold, filtered = np.sqrt(wave), FILTER_SHARE * np.sqrt(np.maximum(0.0, 2.0 - wave))
    clear = np.maximum((1 + THRESHOLD_DOUBT) * at_threshold, at_threshold + filtered)
    clear_a = threshold_a * np.maximum(clear, (1 + THRESHOLD_DOUBT) * SLIGHT_SHARE)
    generating = present >= np.maximum(clear_a, SAMPLE_SPREADS * flow.noise_a) ** 2
    sure = np.flatnonzero(generating[: half + flow.window])
    if not sure.size:
        return last, last + flow.window
    place = int(sure[-1])
    after = slice(place + 1, place + 1 + half)
    less_a = threshold_a * (1 - THRESHOLD_DOUBT)
    return low + place, low + place + 1 + _first_ended(
        flow, present[after], less_a**2 * wave[after]
    )


def _first_ended(flow: Flow, present: Samples, expected: Samples) -> int:
    """Return the first sample by which a current of the expected squares would have shown.

    Either one sample is below it by more than noise can hide, or the mean over a window is, which holds for
    the window's middle. Without either it is half a cycle: no wave stays near zero longer.
    """
    by_sample = np.sqrt(present) + HIDING_SPREADS * flow.noise_a < np.sqrt(expected)
    by_window = moving_mean(present, flow.window) < moving_mean(expected, flow.window)
    places = [*np.flatnonzero(by_sample)[:1], *(np.flatnonzero(by_window)[:1] + flow.window // 2)]
    return int(min(places, default=len(present)))


def _flow_bracket(flow: Flow, last: int, threshold_a: float) -> tuple[int, int]:
    """Return the last sample with current, and when it would have shown again had it gone on."""
    clear_a = max(threshold_a, SAMPLE_SPREADS * flow.noise_a)
    clear = np.flatnonzero(flow.squares[last : last + flow.window] >= clear_a**2)
    if clear.size:
        place = last + int(clear[-1])
        return place, place + 1 + flow.hidden_samples(place, clear_a)
    before = flow.windows_above(threshold_a)[max(0, last - flow.period) : last]
    return last, last + flow.window + longest_run(~before)[1]
