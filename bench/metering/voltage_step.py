"""When did the voltage step? From the recorded waveform, never from the moment a command was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from bench.metering.checks import check_recording, name_of
from bench.metering.instant import Instant
from bench.metering.windows import fundamental_frequency_hz, moving_mean, shifted
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

MIN_CYCLES = 5
FREQUENCY_CYCLES = 5
LASTING_SHARE = 0.2
LIVE_SHARE = 0.1
PLAUSIBLE = 12.0
DEVIATING = 5.0


@dataclass(frozen=True)
class VoltageStep:
    """A step of one or more phase voltages.

    Attributes:
        instant: when the stimulus began.
        phases: channel → instant, for the channels that stepped.
    """

    instant: Instant
    phases: Mapping[str, Instant]


def find_voltage_step(
    recording: Recording,
    channels: Sequence[str],
    *,
    nominal_frequency_hz: float,
    nominal_voltage_v: float,
    threshold: float = 0.05,
    search_from_s: float = 0.0,
) -> VoltageStep:
    """Return the first step of the voltage.

    A phase has stepped when it deviates from itself one cycle earlier by more than `threshold` of
    the nominal peak, and goes on doing so. The step is then placed where the old waveform
    explains the samples before it and the new one those after it best; the bracket holds every
    place that explains them almost as well. Near a zero crossing of the difference it is wide.

    Args:
        nominal_voltage_v: rms phase to neutral.

    Raises:
        RecordingError: no step, or too little of the record before or after it.
    """
    check_recording(
        recording, channels, minimum_duration_s=search_from_s + MIN_CYCLES / nominal_frequency_hz
    )
    level_v = threshold * sqrt(2) * nominal_voltage_v
    traces = [
        _trace(recording, channel, nominal_frequency_hz, nominal_voltage_v, search_from_s)
        for channel in channels
    ]
    found = {trace.channel: _first_lasting(trace, level_v) for trace in traces}
    phases = {
        trace.channel: _locate(trace, place)
        for trace in traces
        if (place := found[trace.channel]) is not None
    }
    if not phases:
        raise RecordingError(_no_step(recording, traces, level_v))
    return VoltageStep(_common(list(phases.values())), phases)


@dataclass(frozen=True)
class _Trace:
    """One voltage and its deviation from one cycle earlier (NaN where there is none)."""

    source: str
    channel: str
    first: int
    samples: Samples
    sample_rate_hz: float
    period: float
    deviation: Samples

    @property
    def begin(self) -> int:
        """First sample that has one a cycle before it."""
        return self.first + int(np.ceil(self.period))


def _trace(
    recording: Recording,
    channel: str,
    nominal_frequency_hz: float,
    nominal_voltage_v: float,
    search_from_s: float,
) -> _Trace:
    rate = recording.sample_rate_hz
    samples = recording.channels[channel]
    first = round(search_from_s * rate)
    beginning = samples[first : first + round(FREQUENCY_CYCLES * rate / nominal_frequency_hz)]
    frequency_hz = nominal_frequency_hz
    if np.sqrt(np.mean(np.square(beginning))) > LIVE_SHARE * nominal_voltage_v:
        frequency_hz = fundamental_frequency_hz(beginning, rate, nominal_frequency_hz)
    period = rate / frequency_hz
    deviation = samples - shifted(samples, period)
    return _Trace(name_of(recording), channel, first, samples, rate, period, deviation)


def _first_lasting(trace: _Trace, level_v: float) -> int | None:
    """Return the first sample beyond the level of which enough others follow within half a cycle."""
    beyond = np.abs(trace.deviation[trace.begin :]) > level_v
    share = moving_mean(beyond.astype(np.float64), round(0.5 * trace.period))
    places = np.flatnonzero(beyond[: len(share)] & (share >= LASTING_SHARE))
    return trace.begin + int(places[0]) if places.size else None


def _locate(trace: _Trace, place: int) -> Instant:
    """Return where the old waveform ends and the new one begins, near `place`."""
    low = max(trace.begin + round(0.5 * trace.period), place - round(0.5 * trace.period))
    high = place + round(0.25 * trace.period)
    _require_room(trace, place, low, high)
    noise_v = float(np.sqrt(np.mean(np.square(trace.deviation[trace.begin : low]))))
    window = slice(low, high)
    from_old = trace.deviation[window]
    from_new = (trace.samples - shifted(trace.samples, -trace.period))[window]
    cost = _cost_of_each_place(from_old, from_new)
    plausible = np.flatnonzero(cost - cost.min() <= PLAUSIBLE * noise_v**2 + 1e-12 * cost.max())
    earliest = _start_of_slope(from_old, int(plausible[0]), DEVIATING * noise_v)
    return Instant.between(
        (low + earliest - 1) / trace.sample_rate_hz,
        (low + int(plausible[-1])) / trace.sample_rate_hz,
    )


def _require_room(trace: _Trace, place: int, low: int, high: int) -> None:
    if place <= low:
        raise RecordingError(
            f"{trace.source}: channel {trace.channel!r} steps at or before "
            f"{place / trace.sample_rate_hz:.4f} s, too near the start of the record to compare "
            "with a cycle before it: record at least two cycles before the step"
        )
    if high + trace.period > len(trace.samples) - 1:
        raise RecordingError(
            f"{trace.source}: channel {trace.channel!r} steps at about "
            f"{place / trace.sample_rate_hz:.4f} s and the record ends at "
            f"{len(trace.samples) / trace.sample_rate_hz:.4f} s: record at least one and a half "
            "cycles after the step"
        )


def _cost_of_each_place(from_old: Samples, from_new: Samples) -> Samples:
    """Return, for each j, the squared residue when the first j samples belong to the old waveform."""
    old = np.concatenate(([0.0], np.cumsum(np.square(from_old))))
    new = np.concatenate(([0.0], np.cumsum(np.square(from_new))))
    cost: Samples = old + new[-1] - new
    return cost


def _start_of_slope(from_old: Samples, place: int, level_v: float) -> int:
    """Return the first of the samples right before `place` that have already left the old waveform."""
    while place > 0 and abs(from_old[place - 1]) > level_v:
        place -= 1
    return place


def _common(instants: list[Instant]) -> Instant:
    """Return the instant of the first phase, narrowed by the others that may have stepped with it.

    A program steps its phases together; a phase whose bracket does not reach the first step came
    later and says nothing about it.
    """
    latest_s = min(instant.latest_s for instant in instants)
    earliest_s = max(instant.earliest_s for instant in instants if instant.earliest_s <= latest_s)
    return Instant.between(earliest_s, latest_s)


def _no_step(recording: Recording, traces: list[_Trace], level_v: float) -> str:
    largest = {
        trace.channel: float(np.max(np.abs(trace.deviation[trace.begin :]))) for trace in traces
    }
    channel = max(largest, key=lambda name: largest[name])
    return (
        f"{name_of(recording)}: no voltage step in {recording.duration_s:.3f} s on "
        f"{', '.join(largest)}.\n"
        f"Looked for a lasting deviation of more than {level_v:.2f} V from one cycle earlier; the "
        f"largest single one is {largest[channel]:.2f} V, on {channel}.\n"
        "Check that the stimulus was applied inside the record and that the channels are voltages"
    )
