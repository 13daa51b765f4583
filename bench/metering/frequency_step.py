"""When did the frequency step? From the recorded waveform, never from the moment a command was sent.

A source that changes its frequency goes on from the same angle. Before the change the waveform repeats itself
from cycle to cycle; from the change on it runs ahead of that repetition by 2π Δf t. That lead is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

from bench.metering.checks import check_recording, name_of
from bench.metering.instant import Instant
from bench.metering.windows import fundamental_frequency_hz, moving_mean, shifted
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

CYCLES_BEFORE = 5
CYCLES_AFTER = 4
REFERENCE_CYCLES = 3
SEARCH_SHARE = 0.02
SMALLEST_STEP_HZ = 0.2
LASTING_SHARE = 0.5
PLAUSIBLE = 12.0
LARGEST_RESIDUE = 0.05
LONGEST_CHANGE_CYCLES = 1.0
CHANGES = 9


@dataclass(frozen=True)
class FrequencyStep:
    """A step of the frequency.

    Attributes:
        instant: the bracket holds the whole change, from its beginning to its end.
        before_hz, after_hz: measured over the cycles around it.
    """

    instant: Instant
    before_hz: float
    after_hz: float


def find_frequency_step(
    recording: Recording,
    channels: Sequence[str],
    *,
    nominal_frequency_hz: float,
    nominal_voltage_v: float,
) -> FrequencyStep:
    """Return the first step of the frequency.

    Every place and duration of a change whose waveform explains the samples almost as well as the best one
    does is in the bracket.

    Args:
        channels: phase voltages; one is enough, three leave no zero crossing in which a lead hides.

    Raises:
        RecordingError: no step, one smaller than 0.2 Hz, too little of the record around it, or one that is
            no mere change of frequency (the voltage or its angle jumps as well).
    """
    cycle = round(recording.sample_rate_hz / nominal_frequency_hz)
    check_recording(
        recording,
        channels,
        minimum_duration_s=(CYCLES_BEFORE + CYCLES_AFTER + 2) / nominal_frequency_hz,
    )
    place = _first_lead(recording, channels, cycle, sqrt(2) * nominal_voltage_v)
    _require_room(recording, place, cycle)
    before = slice(place - (CYCLES_BEFORE + 1) * cycle, place - cycle // 2)
    after = slice(place + cycle // 2, place + (CYCLES_AFTER + 1) * cycle)
    before_hz = _frequency_hz(recording, channels, before, nominal_frequency_hz)
    after_hz = _frequency_hz(recording, channels, after, nominal_frequency_hz)
    if abs(after_hz - before_hz) < SMALLEST_STEP_HZ:
        raise RecordingError(
            f"{name_of(recording)}: the voltage changes at about "
            f"{place / recording.sample_rate_hz:.4f} s, but its frequency only from {before_hz:.3f} Hz "
            f"to {after_hz:.3f} Hz; a step of at least {SMALLEST_STEP_HZ:g} Hz was expected"
        )
    lead = _Lead.around(recording, channels, place, before_hz, after_hz)
    return FrequencyStep(lead.instant(), before_hz, after_hz)


def _first_lead(recording: Recording, channels: Sequence[str], cycle: int, peak_v: float) -> int:
    """Return about where the voltages stop to repeat what they were one measured cycle earlier."""
    rate = recording.sample_rate_hz
    beginning = slice(0, CYCLES_BEFORE * cycle)
    period = rate / _frequency_hz(recording, channels, beginning, rate / cycle)
    first = int(np.ceil(period))
    away = np.zeros(recording.sample_count - first)
    for channel in channels:
        samples = recording.channels[channel]
        away = np.maximum(away, np.abs(samples - shifted(samples, period))[first:])
    share = moving_mean((away > SEARCH_SHARE * peak_v).astype(np.float64), cycle // 2)
    places = np.flatnonzero(share >= LASTING_SHARE)
    if not places.size:
        raise RecordingError(
            f"{name_of(recording)}: no step of the frequency in {recording.duration_s:.3f} s on "
            f"{', '.join(channels)}: the voltages differ from what they were one cycle earlier by "
            f"{float(away.max()):.2f} V at most.\n"
            "Check that the stimulus was applied inside the record and that the channels are voltages"
        )
    return int(places[0]) + first + cycle // 4


def _require_room(recording: Recording, place: int, cycle: int) -> None:
    room = (place, recording.sample_count - place)
    for have, cycles, side in zip(
        room, (CYCLES_BEFORE + 2, CYCLES_AFTER + 2), ("before", "after"), strict=True
    ):
        if have < cycles * cycle:
            raise RecordingError(
                f"{name_of(recording)}: the frequency steps at about "
                f"{place / recording.sample_rate_hz:.4f} s of {recording.duration_s:.4f} s: record at "
                f"least {cycles} cycles {side} the step"
            )


def _frequency_hz(
    recording: Recording, channels: Sequence[str], part: slice, nominal_hz: float
) -> float:
    rate = recording.sample_rate_hz
    found = [
        fundamental_frequency_hz(recording.channels[channel][part], rate, nominal_hz)
        for channel in channels
    ]
    return float(np.mean(found))


@dataclass(frozen=True)
class _Lead:
    """The samples around a step, and the old waveform in phase and a quarter turned.

    Arrays of shape (channels, samples); `times_s` counts from the start of the record.
    """

    source: str
    times_s: Samples
    samples: NDArray[np.float64]
    old: NDArray[np.float64]
    turned: NDArray[np.float64]
    noise_v: float
    step_hz: float
    cycle_s: float
    sample_s: float

    @classmethod
    def around(
        cls,
        recording: Recording,
        channels: Sequence[str],
        place: int,
        before_hz: float,
        after_hz: float,
    ) -> _Lead:
        rate = recording.sample_rate_hz
        period = rate / before_hz
        first, last = place - round(0.75 * period), place + round(0.75 * period)
        samples, old, turned, noise = [], [], [], []
        for channel in channels:
            repeated = _repeated(recording.channels[channel], first, period)
            samples.append(recording.channels[channel][first:last])
            old.append(repeated[: last - first])
            turned.append(np.gradient(repeated)[: last - first] * period / (2 * pi))
            noise.append(_noise_v(recording.channels[channel], first, period))
        return cls(
            source=name_of(recording),
            times_s=np.arange(first, last) / rate,
            samples=np.array(samples),
            old=np.array(old),
            turned=np.array(turned),
            noise_v=float(np.sqrt(np.mean(np.square(noise)))),
            step_hz=after_hz - before_hz,
            cycle_s=1.0 / before_hz,
            sample_s=1.0 / rate,
        )

    def instant(self) -> Instant:
        """Return the change; a coarse search finds it, a fine one its bracket."""
        middle_s = float(self.times_s[len(self.times_s) // 2])
        changes_s = np.linspace(0.0, LONGEST_CHANGE_CYCLES * self.cycle_s, CHANGES)
        begins_s = middle_s + np.arange(-0.5 * self.cycle_s, 0.25 * self.cycle_s, 5 * self.sample_s)
        costs = self._costs(begins_s, changes_s)
        place, _ = np.unravel_index(int(np.argmin(costs)), costs.shape)
        reach_s = 8 * self.sample_s + 0.5 * float(changes_s[1])
        begins_s = np.arange(
            begins_s[place] - reach_s, begins_s[place] + reach_s, 0.5 * self.sample_s
        )
        changes_s = np.concatenate(([0.0], np.geomspace(self.sample_s, changes_s[-1], CHANGES)))
        return self._bracket(begins_s, changes_s)

    def _bracket(self, begins_s: Samples, changes_s: Samples) -> Instant:
        costs = self._costs(begins_s, changes_s)
        self._require_fit(float(costs.min()))
        residue = max(self.noise_v**2, float(costs.min()) / self.samples.size)
        good = np.argwhere(costs - costs.min() <= PLAUSIBLE * residue)
        begin_s, change_s = begins_s[good[:, 0]], changes_s[good[:, 1]]
        return Instant.between(
            float(begin_s.min()) - self.sample_s, float((begin_s + change_s).max()) + self.sample_s
        )

    def _costs(self, begins_s: Samples, changes_s: Samples) -> NDArray[np.float64]:
        """Return the squared residue for each beginning (rows) and duration (columns) of a change."""
        return np.array([[self._cost(float(b), float(c)) for c in changes_s] for b in begins_s])

    def _cost(self, begin_s: float, change_s: float) -> float:
        since_s = np.maximum(self.times_s - begin_s, 0.0)
        within_s = np.minimum(since_s, change_s)
        grown_s = 0.5 * within_s**2 / change_s if change_s > 0 else 0.0
        lead_rad = 2 * pi * self.step_hz * (grown_s + since_s - within_s)
        model = self.old * np.cos(lead_rad) + self.turned * np.sin(lead_rad)
        return float(np.sum(np.square(self.samples - model)))

    def _require_fit(self, cost: float) -> None:
        residue_v = sqrt(cost / self.samples.size)
        size_v = float(np.sqrt(np.mean(np.square(self.old))))
        if residue_v > LARGEST_RESIDUE * size_v:
            raise RecordingError(
                f"{self.source}: the event at about {self.times_s[len(self.times_s) // 2]:.4f} s is no "
                f"mere step of the frequency: a change by {self.step_hz:.3f} Hz leaves {residue_v:.2f} V "
                f"of {size_v:.1f} V unexplained. The voltage or its angle jumped as well"
            )


def _repeated(samples: Samples, first: int, period: float) -> Samples:
    """Return what the waveform before `first` would have gone on as, from `first` on for two cycles.

    The mean of some cycles, so that its own noise is small beside that of the samples.
    """
    count = round(2 * period)
    cycles = np.arange(1, REFERENCE_CYCLES + 1)
    index = np.arange(first, first + count)
    # The newest whole cycle before `first` that a sample's repetition falls into.
    back = np.ceil((index - first + 1) / period)
    places = index[None, :] - (back[None, :] + cycles[:, None] - 1) * period
    known: Samples = np.mean(np.interp(places, np.arange(first), samples[:first]), axis=0)
    return known


def _noise_v(samples: Samples, first: int, period: float) -> float:
    """Return the rms noise of one channel, from what differs between two cycles."""
    part = samples[:first]
    difference = (part - shifted(part, period))[round(-2 * period) :]
    return float(np.sqrt(np.mean(np.square(difference)) / 2))
