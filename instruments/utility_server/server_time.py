"""The server's time of day: seconds since 1970 beside the bench's clock."""

from __future__ import annotations

from math import ceil

from instruments.clock import Clock, utc_now

VIRTUAL_EPOCH_S = 1_767_225_600
"""What a virtual clock's zero is called: 2026-01-01 00:00 UTC, so that runs repeat."""


class ServerTime:
    """Turns times of the bench's clock into the server's and back.

    Args:
        skew_s: by which the server's time is ahead of the true time.
    """

    def __init__(self, clock: Clock, skew_s: float = 0.0) -> None:
        self._clock = clock
        zero_s = (
            float(VIRTUAL_EPOCH_S)
            if clock.name == "virtual"
            else utc_now().timestamp() - clock.now_s()
        )
        self._offset_s = zero_s + skew_s

    def bench_now_s(self) -> float:
        """Return the time on the bench's clock."""
        return self._clock.now_s()

    def now_s(self) -> float:
        """Return the server's time."""
        return self.from_bench(self._clock.now_s())

    def from_bench(self, time_s: float) -> float:
        """Return a time of the bench's clock as the server's."""
        return time_s + self._offset_s

    def to_bench(self, epoch_s: float) -> float:
        """Return a time of the server as the bench's clock's."""
        return epoch_s - self._offset_s

    def next_second(self, time_s: float) -> int:
        """Return the first whole second of the server that is not before a time of the bench's clock."""
        return ceil(round(self.from_bench(time_s), 3))
