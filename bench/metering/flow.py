"""The flow of current as one series: the sum of the squares of all phases.

Three phases have no common zero crossing, so their sum of squares is nearly constant while current
flows. Levels are roots of that sum ("root sum square"): √3 times the rms of one phase when the three are equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from bench.metering.checks import Flags, check_recording, longest_run, name_of
from bench.metering.windows import (
    FREQUENCY_MIN_CYCLES,
    fundamental_frequency_hz,
    moving_mean,
    shifted,
)
from instruments.interfaces import Recording, Samples

WINDOW_S = 0.001
NOISE_SPREADS = 10.0
SAMPLE_SPREADS = 5.0
HIDING_SPREADS = 3.0
LONGEST_WINDOW_CYCLES = 0.5
FREQUENCY_CYCLES = 4


@dataclass(frozen=True)
class Flow:
    """Σ i² over the phases, recorder offset removed.

    Attributes:
        source: the recording's name.
        currents: shape (phases, samples).
        squares: their sum of squares, shape (samples,), in A².
        noise_a: white noise of the recorder, root sum square over the phases.
        window: samples in the moving mean that decides.
        period: samples in one nominal cycle.
    """

    source: str
    currents: Samples
    squares: Samples
    noise_a: float
    sample_rate_hz: float
    window: int
    period: int

    @property
    def phases(self) -> int:
        """Number of currents summed."""
        return len(self.currents)

    def root_sum_square(self, per_phase_a: float) -> float:
        """Return the level of equal rms currents in all phases."""
        return per_phase_a * sqrt(self.phases)

    def level_a(self, first: int, last: int) -> float:
        """Return the mean level over the samples [first, last)."""
        return float(np.sqrt(np.mean(self.squares[first:last])))

    def noise_ceiling_a(self) -> float:
        """Return the level that the moving mean of mere noise does not reach.

        A mean over n samples of m phases spreads by √(2/nm) of itself.
        """
        spread = sqrt(2.0 / (self.window * self.phases))
        return self.noise_a * sqrt(1.0 + NOISE_SPREADS * spread)

    def windows_above(self, level_a: float) -> Flags:
        """Return whether each window is at or above a level; window k begins at sample k."""
        return moving_mean(self.squares, self.window) >= level_a**2

    def squares_a_cycle_before(self, first: int, last: int) -> Samples:
        """Return the squares one measured cycle before the samples [first, last).

        The cycle is that of the strongest current just before. With the nominal one, a frequency 1 % off
        would put zero crossings where there are none.
        """
        reached = max(0, first - 2 * self.period)
        cycle = self._cycle_before(first)
        earlier = [shifted(row[reached:last], cycle)[first - reached :] for row in self.currents]
        squares: Samples = np.sum(np.square(earlier), axis=0)
        return squares

    def _cycle_before(self, place: int) -> float:
        """Return the samples in a cycle of the strongest current; nominal where too few cycles are known."""
        before = self.currents[:, max(0, place - FREQUENCY_CYCLES * self.period) : place]
        if before.shape[1] < FREQUENCY_MIN_CYCLES * self.period:
            return float(self.period)
        strongest = before[int(np.argmax(np.sum(np.square(before), axis=1)))]
        nominal_hz = self.sample_rate_hz / self.period
        return self.sample_rate_hz / fundamental_frequency_hz(
            strongest, self.sample_rate_hz, nominal_hz
        )

    def hidden_samples(self, place: int, level_a: float) -> int:
        """Return for how many samples after `place` a wave could go on and stay below a level.

        Zero when the sample at `place` is so far above it that the next one would still show, whatever the
        noise. Otherwise the longest pause in the cycle before: a zero crossing may hide the end.
        """
        last_half_cycle = self.squares[max(0, place - self.period // 2) : place + 1]
        steepest_a = float(np.sqrt(last_half_cycle.max())) * 2 * pi / self.period
        if self.squares[place] > (level_a + steepest_a + 2 * HIDING_SPREADS * self.noise_a) ** 2:
            return 0
        last_cycle = self.squares[max(0, place - self.period) : place]
        return longest_run(last_cycle < (level_a + self.noise_a) ** 2)[1]


def flow_of(
    recording: Recording,
    channels: Sequence[str],
    *,
    nominal_frequency_hz: float,
    noise_a: float | None = None,
    window_s: float = WINDOW_S,
) -> Flow:
    """Return the flow of current through `channels`.

    Args:
        noise_a: rms noise of one channel; by default estimated from the last cycle.

    Raises:
        RecordingError: see `check_recording`; at least three cycles are needed.
        ValueError: the window is longer than half a cycle.
    """
    if window_s * nominal_frequency_hz > LONGEST_WINDOW_CYCLES:
        raise ValueError(
            f"window of {window_s:g} s: at most half a cycle of {nominal_frequency_hz:g} Hz"
        )
    check_recording(recording, channels, minimum_duration_s=3 / nominal_frequency_hz)
    rate = recording.sample_rate_hz
    period = round(rate / nominal_frequency_hz)
    raw = np.stack([recording.channels[channel] for channel in channels])
    noises = [_white_noise(current[-period:]) for current in raw]
    currents = raw - np.median(raw[:, -period:], axis=1, keepdims=True)
    return Flow(
        source=name_of(recording),
        currents=currents,
        squares=np.sum(np.square(currents), axis=0),
        noise_a=sqrt(sum(n * n for n in noises))
        if noise_a is None
        else noise_a * sqrt(len(noises)),
        sample_rate_hz=rate,
        window=max(1, round(window_s * rate)),
        period=period,
    )


def _white_noise(samples: Samples) -> float:
    """Return the rms of white noise from second differences, which a slow waveform hardly has."""
    return float(np.sqrt(np.mean(np.square(np.diff(samples, 2))) / 6.0))
