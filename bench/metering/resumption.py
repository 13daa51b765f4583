"""When was generation back after a disturbance? From waveforms.

Generation is taken as the root of Σ i² over the phases: voltage responses turn active power into reactive, and
that is no loss of generation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.metering.checks import check_recording, name_of
from bench.metering.instant import Instant
from bench.metering.voltage_step import find_voltage_step
from bench.metering.windows import moving_mean
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Recording, Samples

LEVEL_CYCLES = 5
WINDOW_CYCLES = 0.5
BEFORE_S, AFTER_S = 0.12, 0.1
METHOD = (
    "from the recorded voltage to the first half cycle from which the root sum square of the currents stays "
    "at {:.0%} or more of what it was"
)


def part_of(recording: Recording, from_s: float, to_s: float) -> Recording:
    """Return the part of a recording between two times from its start.

    Raises:
        RecordingError: the record does not hold it.
    """
    rate = recording.sample_rate_hz
    first, last = round(from_s * rate), round(to_s * rate)
    if first < 0 or last > recording.sample_count:
        raise RecordingError(
            f"{name_of(recording)}: {from_s:.3f} s to {to_s:.3f} s is not inside the record of "
            f"{recording.duration_s:.3f} s: the source did not run the program as recorded"
        )
    channels = {name: samples[first:last] for name, samples in recording.channels.items()}
    return replace(recording, channels=channels, start_s=recording.start_s + first / rate)


def find_change_near(
    recording: Recording,
    channels: Sequence[str],
    expected_s: float,
    *,
    nominal_frequency_hz: float,
    nominal_voltage_v: float,
) -> Instant:
    """Return when the voltages change near an expected time, from the start of the record.

    Raises:
        RecordingError: they do not.
    """
    from_s = expected_s - BEFORE_S
    near = part_of(recording, from_s, expected_s + AFTER_S)
    step = find_voltage_step(
        near,
        channels,
        nominal_frequency_hz=nominal_frequency_hz,
        nominal_voltage_v=nominal_voltage_v,
    )
    return step.instant.shifted(round(from_s * recording.sample_rate_hz) / recording.sample_rate_hz)


@dataclass(frozen=True)
class Generation:
    """Half-cycle means of Σ i², of which entry k covers the samples from k on.

    Attributes:
        before: mean over the last cycles before the first disturbance, in A².
    """

    squares: Samples
    before: float
    window: int
    sample_rate_hz: float

    @classmethod
    def of(
        cls,
        recording: Recording,
        channels: Sequence[str],
        *,
        event_s: float,
        nominal_frequency_hz: float,
    ) -> Generation:
        """Return the generation in a record whose first disturbance is at `event_s`.

        Raises:
            RecordingError: the record is broken, or begins less than five cycles before.
        """
        check_recording(recording, channels)
        rate = recording.sample_rate_hz
        event, cycles = round(event_s * rate), round(LEVEL_CYCLES * rate / nominal_frequency_hz)
        if event < cycles:
            raise RecordingError(
                f"{name_of(recording)}: {event_s:.4f} s before the first disturbance; {LEVEL_CYCLES} cycles "
                "are needed to know what was generated. Record more before it"
            )
        sums: Samples = np.sum([np.square(recording.channels[name]) for name in channels], axis=0)
        window = round(WINDOW_CYCLES * rate / nominal_frequency_hz)
        before = float(np.mean(sums[event - cycles : event]))
        return cls(moving_mean(sums, window), before, window, rate)

    def resumed(self, end_s: float, until_s: float, share: float) -> Instant | None:
        """Return when generation is at `share` of its level for good; None when it is not by `until_s`.

        The instant is `end_s` itself when generation was never below from there on.
        """
        first = round(end_s * self.sample_rate_hz)
        last = round(until_s * self.sample_rate_hz) - self.window
        below = np.flatnonzero(self.squares[first:last] < share**2 * self.before)
        if not below.size:
            return Instant(end_s, end_s, end_s)
        place = first + int(below[-1])
        if place + 1 >= last:
            return None
        return Instant.between(
            place / self.sample_rate_hz, (place + 1 + self.window) / self.sample_rate_hz
        )


def measure_resumption(
    generation: Generation, end: Instant, until_s: float, *, share: float, clock_ppm: float
) -> tuple[Instant | None, Measurement]:
    """Return when generation was back, and the time it took from the end of a disturbance.

    Args:
        end: of the disturbance, from the start of the record like `until_s`.
        until_s: how long it was watched.
        share: of the level before the first disturbance that counts as back.
    """
    resumed = generation.resumed(end.best_s, until_s, share)
    stop = resumed or Instant(until_s, until_s, until_s)
    duration_s = stop.best_s - end.best_s
    halves_s = {
        "end of the disturbance, bracket in the record": end.half_width_s,
        "return of the current, bracket in the record": stop.half_width_s,
        f"recorder clock, {clock_ppm:g} ppm": clock_ppm * 1e-6 * duration_s,
    }
    measurement = Measurement.of(
        "time to resume generation",
        duration_s,
        "s",
        combine([BudgetLine(text, rectangular(half_s), "s") for text, half_s in halves_s.items()]),
        method=METHOD.format(share),
        censored=None if resumed else "at least",
    )
    return resumed, measurement
