"""The transient recorder of the simulated analyser.

Samples lie on the analyser's own clock: sample m is taken at m / rate. A 16-bit converter spans
±√2 · 1.1 · range; what goes beyond is clipped without a word, as in the instrument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from instruments.interfaces import Samples
from instruments.simulated.devices.analyser_noise import (
    NANOSECONDS,
    SAMPLE_NOISE,
    AnalyserClock,
    AnalyserErrors,
    blocks_of_samples,
)
from instruments.simulated.physics.world import World
from instruments.simulated.scpi.scpi_syntax import ScpiError

Converted = NDArray[np.float32]

SEARCHING, FINISHED, IDLE = 2, 5, 0
FULL_SCALE = sqrt(2) * 1.1
LARGEST_CODE = 32_767
MOST_SAMPLES = 16_000_000
STALE, IGNORED, CONFLICT = -230, -211, -221
WORLD_SIGNALS = ("u1", "u2", "u3", "u1", "u2", "u3", "i1", "i2", "i3", "ig1", "ig2", "ig3")
"""What the world calls the signals of the six voltage and then the six current channels."""


@dataclass(frozen=True)
class RecordSetup:
    """What to record.

    Attributes:
        tracks: track number → signal, 0 to 5 voltage and 6 to 11 current of channels 1 to 6.
        ranges: of the twelve signals.
    """

    rate_hz: int
    length_s: float
    pre_trigger_s: float
    tracks: Mapping[int, int]
    ranges: tuple[float, ...]

    @property
    def sample_count(self) -> int:
        """Samples of each track."""
        return round(self.length_s * self.rate_hz)

    @property
    def pre_trigger_count(self) -> int:
        """Samples before the trigger."""
        return round(self.pre_trigger_s * self.rate_hz)


@dataclass
class _Record:
    setup: RecordSetup
    armed_at: int
    trigger_at: int | None = None
    tracks: dict[int, Converted] = field(default_factory=dict)

    @property
    def ends_at(self) -> float:
        if self.trigger_at is None:
            return float("inf")
        return self.trigger_at + self.setup.sample_count - self.setup.pre_trigger_count


class Recorder:
    """Arms, triggers and delivers one record at a time."""

    def __init__(self, world: World, clock: AnalyserClock, errors: AnalyserErrors) -> None:
        self._world = world
        self._clock = clock
        self._errors = errors
        self._record: _Record | None = None

    @property
    def status(self) -> int:
        """2 while searching for the trigger or filling, 5 when finished, 0 when never armed."""
        if self._record is None:
            return IDLE
        return FINISHED if self._now(self._record.setup) >= self._record.ends_at else SEARCHING

    def arm(self, setup: RecordSetup) -> None:
        """Begin to fill the memory before the trigger.

        Raises:
            ScpiError: -221, the setup does not fit the memory or triggers behind its own end.
        """
        if not 0 < setup.sample_count <= MOST_SAMPLES:
            raise ScpiError(CONFLICT, f"{setup.sample_count} samples, most {MOST_SAMPLES}")
        if setup.pre_trigger_count >= setup.sample_count:
            raise ScpiError(CONFLICT, "pre-trigger is not shorter than the record")
        self._record = _Record(setup, ceil(self._now(setup)))

    def trigger(self) -> None:
        """Trigger now, or as soon as the memory before the trigger is full."""
        record = self._record
        if record is None or record.trigger_at is not None:
            raise ScpiError(IGNORED)
        filled_at = record.armed_at + record.setup.pre_trigger_count
        record.trigger_at = max(ceil(self._now(record.setup)), filled_at)

    def discard(self) -> None:
        """Forget the record."""
        self._record = None

    @property
    def sample_count(self) -> int:
        """Samples of each track of the armed or finished record."""
        return self._required().setup.sample_count

    @property
    def trigger_ns(self) -> int:
        """The instant of the trigger on the analyser's clock."""
        record = self._required()
        if record.trigger_at is None:
            raise ScpiError(STALE, "not triggered")
        return record.trigger_at * NANOSECONDS // record.setup.rate_hz

    def track(self, number: int) -> Converted:
        """Return a track of the finished record.

        Raises:
            ScpiError: -230, the record is not finished; -222, nothing is on that track.
        """
        record = self._required()
        if self.status != FINISHED:
            raise ScpiError(STALE, "the record is not finished")
        if number not in record.setup.tracks:
            raise ScpiError(-222, f"track {number}")
        if number not in record.tracks:
            self._synthesise(record, _group(record.setup.tracks[number]))
        return record.tracks[number]

    def _required(self) -> _Record:
        if self._record is None:
            raise ScpiError(STALE, "no record")
        return self._record

    def _now(self, setup: RecordSetup) -> float:
        return self._clock.own_s(self._world.now_s) * setup.rate_hz

    def _synthesise(self, record: _Record, group: int) -> None:
        """Work out the tracks of a group of channels, which are mostly asked for together."""
        setup = record.setup
        chosen = {n: signal for n, signal in setup.tracks.items() if _group(signal) == group}
        first = (record.trigger_at or 0) - setup.pre_trigger_count
        skews_s = self._errors.skews_s.flat
        signals = [(WORLD_SIGNALS[k], float(skews_s[k])) for k in chosen.values()]
        tracks = {n: np.empty(setup.sample_count, dtype=np.float32) for n in chosen}
        # Block by block, so that what is worked on stays in the processor's cache.
        for begin, count in blocks_of_samples(first, setup.sample_count):
            start_s = self._clock.world_s(begin / setup.rate_hz)
            rate_hz = setup.rate_hz * self._clock.rate
            sampled = self._world.sampled(start_s, count, rate_hz, signals)
            here = slice(begin - first, begin - first + count)
            for (number, signal), clean in zip(chosen.items(), sampled, strict=True):
                tracks[number][here] = self._converted(clean, signal, setup, begin)
        record.tracks |= tracks

    def _converted(self, clean: Samples, signal: int, setup: RecordSetup, first: int) -> Samples:
        """Return what the converter makes of clean samples, whose array it uses up."""
        errors, scale = self._errors, setup.ranges[signal]
        step = scale * FULL_SCALE / LARGEST_CODE
        noise = errors.of_samples(signal, setup.rate_hz, first, len(clean))
        noise *= scale * SAMPLE_NOISE / step
        clean *= errors.gains.flat[signal] / step
        clean += noise
        clean += scale * errors.offsets.flat[signal] / step
        np.rint(clean, out=clean)
        np.clip(clean, -LARGEST_CODE - 1, LARGEST_CODE, out=clean)
        return np.multiply(clean, step, out=clean)


def _group(signal: int) -> int:
    """Return 0 for a signal of channels 1 to 3, 1 for one of channels 4 to 6."""
    return signal % 6 // 3
