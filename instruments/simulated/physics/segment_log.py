"""What happened at the inverter's terminals: segments in order of time.

Averages, mean squares and waveforms are all computed from this one log, so they cannot disagree.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from instruments.interfaces import PhaseValues
from instruments.simulated.physics.averages import Averages, averages_of
from instruments.simulated.physics.segments import ZERO, Segment


class SegmentLog:
    """Segments in order of time, pruned by age."""

    def __init__(self, kept_s: float = 1800.0) -> None:
        self._kept_s = kept_s
        self._begun_s = 0.0
        self._segments: list[Segment] = []
        self._starts: list[float] = []
        self._integrals: list[PhaseValues] = []
        self._square_v2s: PhaseValues = ZERO
        self._squares: list[PhaseValues] = []
        self._still: Segment | None = None
        self._still_averages = averages_of([], 1.0)

    @property
    def started(self) -> bool:
        """Whether there is an open segment."""
        return bool(self._segments)

    @property
    def last(self) -> Segment:
        """The open segment."""
        return self._segments[-1]

    def begin(self, segment: Segment) -> None:
        """Close the open segment and begin `segment`; one of no length is replaced."""
        if self._segments and segment.start_s <= self.last.start_s:
            self._segments[-1] = segment
            self._squares.pop()
        else:
            self._close(segment.start_s)
            self._segments.append(segment)
            self._starts.append(segment.start_s)
        a, b, c = self._square_v2s
        d, e, f = segment.ripples()
        self._squares.append((a + d, b + e, c + f))
        self._prune(segment.start_s - self._kept_s)

    def _close(self, end_s: float) -> None:
        """Close the open segment and keep the integrals up to there."""
        if not self._segments:
            self._begun_s = end_s
            self._integrals.append(ZERO)
            return
        last = self.last
        last.end_s = end_s
        a, b, c = self._squares[-1]
        d, e, f = last.square_integrals(end_s)
        self._square_v2s = (a + d, b + e, c + f)
        self._integrals.append(self._voltage_integrals(end_s))

    def between(self, start_s: float, end_s: float) -> Iterator[tuple[Segment, float, float]]:
        """Yield each segment that overlaps the window, with the overlap's start and end.

        Raises:
            LookupError: the window begins before what is kept.
        """
        if start_s < self._starts[0] - 1e-9:
            raise LookupError(
                f"window from {start_s:.3f} s: the log begins at {self._starts[0]:.3f} s"
            )
        index = self._index(start_s)
        while index < len(self._segments) and self._starts[index] < end_s:
            segment = self._segments[index]
            first, last = max(start_s, segment.start_s), min(end_s, segment.end_s)
            if last > first:
                yield segment, first, last
            index += 1

    def at(self, time_s: float) -> Segment:
        """Return the segment in force just before `time_s`."""
        if time_s > self._starts[-1]:
            return self._segments[-1]
        return self._segments[max(0, bisect_left(self._starts, time_s) - 1)]

    def _index(self, time_s: float) -> int:
        if time_s >= self._starts[-1]:
            return len(self._starts) - 1
        return max(0, bisect_right(self._starts, time_s) - 1)

    def mean_squares(self, end_s: float, window_s: float) -> PhaseValues:
        """Return the means of the fundamentals' u² in V² over the window that ends at `end_s`.

        Before the log begins the voltage counts as zero: the laboratory was off.
        """
        a, b, c = self._square_integrals(end_s)
        if end_s - window_s <= self._begun_s:
            return (a / window_s, b / window_s, c / window_s)
        d, e, f = self._square_integrals(end_s - window_s)
        return ((a - d) / window_s, (b - e) / window_s, (c - f) / window_s)

    def _square_integrals(self, time_s: float) -> PhaseValues:
        index = self._index(time_s)
        a, b, c = self._squares[index]
        d, e, f = self._segments[index].square_integrals(time_s)
        return (a + d, b + e, c + f)

    def mean_voltages(self, end_s: float, window_s: float) -> PhaseValues:
        """Return the means of the rms voltages over the window that ends at `end_s`.

        Before the log begins the voltage counts as zero: the laboratory was off.
        """
        a, b, c = self._voltage_integrals(end_s)
        if end_s - window_s <= self._begun_s:
            return (a / window_s, b / window_s, c / window_s)
        d, e, f = self._voltage_integrals(end_s - window_s)
        return ((a - d) / window_s, (b - e) / window_s, (c - f) / window_s)

    def _voltage_integrals(self, time_s: float) -> PhaseValues:
        index = self._index(time_s)
        a, b, c = self._integrals[index]
        d, e, f = self._segments[index].voltage_integrals(time_s)
        return (a + d, b + e, c + f)

    def averages(self, start_s: float, end_s: float) -> Averages:
        """Return means over [start_s, end_s]; in a segment where nothing changes all are the same."""
        segment = self._segments[self._index(start_s)]
        if not (segment.start_s <= start_s and end_s <= segment.end_s and segment.constant):
            return averages_of(self.between(start_s, end_s), end_s - start_s)
        if segment is not self._still:
            self._still = segment
            self._still_averages = averages_of([(segment, start_s, end_s)], end_s - start_s)
        return self._still_averages

    def _prune(self, before_s: float) -> None:
        if len(self._segments) < 2 or self._segments[0].end_s > before_s - 60.0:
            return
        keep_from = max(0, bisect_right(self._starts, before_s) - 1)
        del self._segments[:keep_from]
        del self._starts[:keep_from]
        del self._integrals[:keep_from]
        del self._squares[:keep_from]
